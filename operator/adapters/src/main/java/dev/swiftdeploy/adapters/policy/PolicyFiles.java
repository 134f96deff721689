package dev.swiftdeploy.adapters.policy;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of a policies directory that matter, by name relative to it, with what tells that one
 * changed: looking costs a walk, no reading.
 *
 * <p>Rego counts unless it is a test, below a {@code testdata} folder or below {@code bundle}: what
 * is compiled. Hidden names (editors' locks, the folders that a mounted ConfigMap is made of) don't
 * count.
 *
 * @param stamps of the Rego that decides, the data and the bundle
 * @param tests of all else that a test of them may read
 */
record PolicyFiles(SortedMap<String, Stamp> stamps, SortedMap<String, Stamp> tests) {
  static final String WASM = "bundle/policy.wasm";
  static final String DESCRIPTION = "bundle/bundle.json";
  static final String DATA = "data.json";

  private static final int DEEPEST = 10;
  private static final int MOST = 1000;
  private static final Pattern KIND = Pattern.compile(".*\\.(rego|json|yaml|yml)");

  /** File systems count time in steps; within one, a file may change and look the same. */
  private static final Duration CLOCK_STEP = Duration.ofMillis(100);

  /** What changes when a file does. {@code key}: the inode, where there are such. */
  record Stamp(long size, FileTime modified, @Nullable Object key) {
    static Stamp of(BasicFileAttributes attributes) {
      return new Stamp(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
    }
  }

  /** Looks; throws where the directory can't be read or holds far too much. */
  static PolicyFiles in(Path directory) throws IOException {
    SortedMap<String, Stamp> stamps = new TreeMap<>();
    SortedMap<String, Stamp> tests = new TreeMap<>();
    Files.walkFileTree(
        directory,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        DEEPEST,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return folder.equals(directory) || counts(name(folder))
                ? FileVisitResult.CONTINUE
                : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String name = name(file);
            if (attributes.isRegularFile() && counts(name) && KIND.matcher(name).matches()) {
              boolean source = isSource(name) && !isTestdata(name);
              (source ? stamps : tests).put(name, Stamp.of(attributes));
              if (stamps.size() + tests.size() > MOST) {
                throw new IOException("it holds more than " + MOST + " files of Rego and data");
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (file.equals(directory)
                || (counts(name(file)) && isSource(name(file)) && !isTestdata(name(file)))) {
              throw e;
            }
            return FileVisitResult.CONTINUE;
          }

          private String name(Path file) {
            return directory.relativize(file).toString().replace('\\', '/');
          }
        });
    for (String name : new String[] {WASM, DESCRIPTION, DATA}) {
      Path file = directory.resolve(name);
      if (Files.exists(file)) {
        stamps.put(name, Stamp.of(Files.readAttributes(file, BasicFileAttributes.class)));
      }
    }
    return new PolicyFiles(stamps, tests);
  }

  /**
   * Whether all were last changed long enough before this time to look different if changed since.
   */
  boolean settledAt(Instant now) {
    long latest = now.minus(CLOCK_STEP).toEpochMilli();
    return Stream.concat(stamps.values().stream(), tests.values().stream())
        .allMatch(s -> s.modified().to(TimeUnit.MILLISECONDS) < latest);
  }

  static boolean isSource(String name) {
    return name.endsWith(".rego") && !name.endsWith("_test.rego");
  }

  private static boolean counts(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    return !last.startsWith(".") && !name.equals("bundle");
  }

  static boolean isTestdata(String name) {
    return ("/" + name).contains("/testdata/");
  }
}
