package dev.swiftdeploy.local.proxy;

import dev.swiftdeploy.core.release.Digests;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A copy of what this JVM runs from, for a JVM that outlives it: a build or an upgrade that
 * replaces a jar must not pull classes from under a proxy that runs.
 */
final class OwnClassPath {
  private OwnClassPath() {}

  /**
   * Copies all of it into a new folder below the given one and deletes earlier copies there.
   *
   * @return a class path
   */
  static String copyTo(Path folder) throws IOException {
    List<Path> sources =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> !entry.isEmpty())
            .map(entry -> Path.of(entry).toAbsolutePath())
            .filter(Files::exists)
            .toList();
    if (Files.isDirectory(folder)) {
      delete(folder);
    }
    Files.createDirectories(folder);
    List<Path> copies = new ArrayList<>();
    for (Path source : sources) {
      String own = Digests.sha256(source.toString()).substring(0, 8);
      Path copy = folder.resolve(own + "-" + source.getFileName());
      copy(source, copy);
      copies.add(copy);
    }
    return copies.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private static void copy(Path source, Path copy) throws IOException {
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            copy.resolve(source.relativize(file).toString()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
