package dev.swiftdeploy.local.proxy;

import dev.swiftdeploy.core.release.Digests;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A copy of what this JVM runs from, for a JVM that outlives it: a build or an upgrade that
 * replaces a jar must not pull classes from under a proxy that runs.
 */
final class OwnClassPath {
  private OwnClassPath() {}

  /**
   * Copies all of it into a new folder in place of an earlier copy.
   *
   * @return a class path
   */
  static String copyTo(Path folder) throws IOException {
    StateFolder.delete(folder);
    Files.createDirectories(folder);
    List<Path> copies = new ArrayList<>();
    for (Path source : entries(System.getProperty("java.class.path"))) {
      // the same name may come from several folders, and a jar's manifest leads nowhere from here
      Path copy =
          folder.resolve(
              Digests.sha256(source.toString()).substring(0, 8) + "-" + source.getFileName());
      copy(source, copy);
      copies.add(copy);
    }
    return copies.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** The files and folders of a class path, those that jars name in their manifests included. */
  static Set<Path> entries(String classPath) throws IOException {
    Deque<Path> found =
        Stream.of(classPath.split(File.pathSeparator, -1))
            .filter(entry -> !entry.isEmpty())
            .map(entry -> Path.of(entry).toAbsolutePath().normalize())
            .collect(Collectors.toCollection(ArrayDeque::new));
    Set<Path> entries = new LinkedHashSet<>();
    while (!found.isEmpty()) {
      Path entry = found.removeFirst();
      if (Files.exists(entry) && entries.add(entry) && Files.isRegularFile(entry)) {
        found.addAll(named(entry));
      }
    }
    return entries;
  }

  /** Class-Path of the manifest: URLs, relative to the jar (JAR File Specification). */
  private static List<Path> named(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      Manifest manifest = file.getManifest();
      String value =
          manifest == null
              ? null
              : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
      URI base = jar.toUri();
      return Stream.of(value == null ? new String[0] : value.trim().split(" +"))
          .filter(url -> !url.isEmpty())
          .map(base::resolve)
          .filter(url -> "file".equals(url.getScheme()))
          .map(Path::of)
          .toList();
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
}
