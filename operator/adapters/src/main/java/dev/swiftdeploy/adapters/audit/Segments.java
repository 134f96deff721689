package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditLog.Damage.Kind;
import dev.swiftdeploy.core.audit.Chain;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

/** The earlier segments of a chain: each a packed file that is named after its records. */
final class Segments {
  private static final Pattern NAME = Pattern.compile("([0-9]{12})-([0-9]{12})\\.jsonl\\.gz");
  private static final int BUFFER = 1 << 16;

  private final Path folder;

  Segments(Path folder) {
    this.folder = folder;
  }

  /**
   * One of them.
   *
   * @param first and {@code last}: the numbers of its records
   */
  record Segment(Path file, long first, long last) {
    InputStream open() throws IOException {
      return unpacked(Files.newInputStream(file));
    }

    /** What stands where its first record belongs, while that is somewhere else. */
    Optional<Damage> displaced(ChainFile.Around around) throws IOException {
      Optional<Long> there = firstLine().flatMap(Chain::claim).map(head -> head.seq() + 1);
      if (there.isEmpty() || there.get() == first) {
        return Optional.empty();
      }
      Predicate<byte[]> belongs =
          line -> Chain.claim(line).filter(c -> c.seq() + 1 == first).isPresent();
      boolean elsewhere =
          Stream.concat(Stream.of((ChainFile.Source) this::open), around.after().stream())
              .anyMatch(source -> ChainFile.find(source, 1, belongs) > 0);
      String what =
          "reordered: record " + there.get() + " stands where record " + first + " belongs";
      return elsewhere ? Optional.of(new Damage(Kind.REORDERED, 1, what)) : Optional.empty();
    }

    /** Its first line; empty where that can't be read. */
    Optional<byte[]> firstLine() throws IOException {
      try {
        return ChainFile.first(this::open);
      } catch (ZipException | EOFException e) {
        return Optional.empty(); // reading it names that
      } catch (NoSuchFileException e) {
        return Optional.empty(); // removed this moment
      }
    }
  }

  /** All, oldest first. */
  List<Segment> all() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .flatMap(file -> segment(file).stream())
          .sorted(Comparator.comparingLong(Segment::first).thenComparingLong(Segment::last))
          .toList();
    }
  }

  static InputStream unpacked(InputStream packed) throws IOException {
    return new GZIPInputStream(packed, BUFFER);
  }

  private static Optional<Segment> segment(Path file) {
    Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
    return name.matches()
        ? Optional.of(
            new Segment(file, Long.parseLong(name.group(1)), Long.parseLong(name.group(2))))
        : Optional.empty();
  }

  /** Packs a closed segment; it is on the disk when this returns. Gives its file. */
  Path keep(Path history, long first, long last) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve(String.format(Locale.ROOT, "%012d-%012d.jsonl.gz", first, last));
    Forced.replace(
        file,
        file.resolveSibling(file.getFileName() + ".new"),
        out -> {
          GZIPOutputStream packed = new GZIPOutputStream(out, BUFFER);
          Files.copy(history, packed);
          packed.finish();
        });
    Forced.folderOf(folder);
    return file;
  }

  /** What stands before and after one of them. */
  static ChainFile.Around around(
      List<Segment> all, Segment one, Optional<ChainFile.Source> active) {
    int at = all.indexOf(one);
    return new ChainFile.Around(
        all.subList(0, at).stream().map(s -> (ChainFile.Source) s::open).toList(),
        Stream.concat(
                all.subList(at + 1, all.size()).stream().map(s -> (ChainFile.Source) s::open),
                active.stream())
            .toList());
  }

  /** One that was packed when the daemon ended before it began the next segment. */
  static boolean unfinished(Segment segment, long activeFirst) {
    return segment.first() == activeFirst;
  }

  /** What the names of the files tell: a segment that is not there, or an older copy in use. */
  static Optional<Damage> gap(List<Segment> all, long activeFirst, long activeLast) {
    return missing(all, activeFirst).or(() -> older(all, activeFirst, activeLast));
  }

  /** A segment that is not there: what is written to is none the worse for it. */
  static Optional<Damage> missing(List<Segment> all, long activeFirst) {
    long next = all.isEmpty() ? activeFirst : all.get(0).first();
    for (Segment segment : all) {
      if (segment.first() > next) {
        return Optional.of(missing(next, segment.first() - 1));
      }
      next = segment.last() + 1;
    }
    return activeFirst > next ? Optional.of(missing(next, activeFirst - 1)) : Optional.empty();
  }

  /** What is written to lies behind what was closed: an older copy. */
  static Optional<Damage> older(List<Segment> all, long activeFirst, long activeLast) {
    if (all.isEmpty()) {
      return Optional.empty();
    }
    Segment last = all.get(all.size() - 1);
    boolean follows =
        unfinished(last, activeFirst) ? activeLast >= last.last() : activeFirst > last.last();
    return follows ? Optional.empty() : Optional.of(older(last.last(), activeLast));
  }

  private static Damage missing(long from, long to) {
    return new Damage(
        Kind.MISSING, 1, "records " + from + " to " + to + " are missing: no segment holds them");
  }

  private static Damage older(long archived, long ends) {
    return new Damage(
        Kind.TRUNCATED,
        1,
        "cut off, or an older copy: it ends at record "
            + ends
            + ", and the segments go on to record "
            + archived);
  }
}
