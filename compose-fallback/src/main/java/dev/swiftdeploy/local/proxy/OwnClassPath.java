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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
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
    Set<Path> sources = new LinkedHashSet<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!entry.isEmpty()) {
        add(Path.of(entry).toAbsolutePath(), sources);
      }
    }
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

  /** With what a jar's manifest names in turn ({@code java -jar} gives but the jar itself). */
  private static void add(Path entry, Set<Path> sources) throws IOException {
    if (!Files.exists(entry) || !sources.add(entry) || Files.isDirectory(entry)) {
      return;
    }
    try (JarFile jar = new JarFile(entry.toFile())) {
      @Nullable Manifest manifest = jar.getManifest();
      @Nullable String named =
          manifest == null
              ? null
              : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
      if (named != null) {
        for (String each : named.trim().split(" +", -1)) {
          add(Path.of(entry.toUri().resolve(each)), sources);
        }
      }
    }
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
