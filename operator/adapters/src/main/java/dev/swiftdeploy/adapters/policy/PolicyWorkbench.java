package dev.swiftdeploy.adapters.policy;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A copy of a policies directory: what is checked and tested there is what is compiled there,
 * whatever happens to the original meanwhile. Gone when it is closed.
 */
final class PolicyWorkbench implements AutoCloseable {
  private static final int DEEPEST = 10;
  private static final int MOST = 1000;
  private static final long LARGEST = 1 << 20;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_./-]+");
  private static final Pattern KIND = Pattern.compile(".*\\.(rego|json|yaml|yml)");

  private final Path scratch;
  private final Path folder;
  private final List<String> rego = new ArrayList<>();

  private PolicyWorkbench(Path scratch, Path folder) {
    this.scratch = scratch;
    this.folder = folder;
  }

  /** Copies the Rego with its tests, and all data; not the bundle, and nothing hidden. */
  static PolicyWorkbench of(Path directory) throws IOException {
    Path scratch = Files.createTempDirectory("swiftdeploy-policy");
    Path name = directory.toAbsolutePath().normalize().getFileName();
    PolicyWorkbench made =
        new PolicyWorkbench(scratch, scratch.resolve(name == null ? "policies" : name.toString()));
    try {
      made.copy(directory);
      return made;
    } catch (IOException | RuntimeException e) {
      made.close();
      throw e;
    }
  }

  private void copy(Path directory) throws IOException {
    Files.createDirectory(folder);
    Files.walkFileTree(
        directory,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        DEEPEST,
        new SimpleFileVisitor<>() {
          private int count;

          @Override
          public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) {
            return each.equals(directory) || counts(each)
                ? FileVisitResult.CONTINUE
                : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String name = directory.relativize(file).toString().replace('\\', '/');
            if (attributes.isRegularFile() && counts(file) && KIND.matcher(name).matches()) {
              if (++count > MOST || attributes.size() > LARGEST) {
                throw new IOException("it holds more than " + MOST + " files, or one above 1 MiB");
              }
              take(file, name);
            }
            return FileVisitResult.CONTINUE;
          }

          private boolean counts(Path each) {
            return !String.valueOf(each.getFileName()).startsWith(".")
                && !directory.relativize(each).toString().equals("bundle");
          }
        });
    rego.sort(Comparator.naturalOrder());
  }

  private void take(Path file, String name) throws IOException {
    if (name.endsWith(".rego")) {
      if (!NAME.matcher(name).matches()) {
        throw new IOException("a name that a bundle can't hold: " + name);
      }
      rego.add(name);
    }
    Path to = folder.resolve(name);
    Files.createDirectories(to.getParent() == null ? folder : to.getParent());
    Files.copy(file, to);
  }

  /** The copy. */
  Path folder() {
    return folder;
  }

  /** A file beside the copy, for what is made on the way. */
  Path beside(String name) {
    return scratch.resolve(name);
  }

  /** All Rego, tests too; sorted. */
  List<String> rego() {
    return rego;
  }

  /** The Rego that decides; sorted. */
  List<String> sources() {
    return rego.stream()
        .filter(name -> PolicyFiles.isSource(name) && !PolicyFiles.isTestdata(name))
        .toList();
  }

  @Override
  public void close() {
    try (Stream<Path> all = Files.walk(scratch)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // a folder in /tmp stays
    }
  }
}
