package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.zip.ZipException;

/** Reads one segment of a chain from its start, line by line, in bounded memory. */
final class ChainFile {
  private static final int MOST_LINE_BYTES = 8 * 1024 * 1024;

  private final Source source;
  private final Around around;
  private final Consumer<AuditRecord> each;
  private Chain.Head before = Chain.Head.START;
  private Chain.Head head = Chain.Head.START;
  private long good;
  private long lines;

  private ChainFile(Source source, Around around, Consumer<AuditRecord> each) {
    this.source = source;
    this.around = around;
    this.each = each;
  }

  /** Opens the segment, from its start each time. */
  @FunctionalInterface
  interface Source {
    InputStream open() throws IOException;
  }

  /** The segments before and after one, to name what is found in it. */
  record Around(List<Source> before, List<Source> after) {
    static final Around NOTHING = new Around(List.of(), List.of());
  }

  /**
   * What reading came to.
   *
   * @param before what its first record continues
   * @param head after the last good record
   * @param goodBytes length of the file up to and with the last good record's line end
   * @param lines good lines read
   * @param tail bytes after that, as ISO 8859-1: an incomplete last line, if {@code damage} is
   *     empty
   * @param unended the last good record is whole and only its line end is missing
   */
  record Result(
      Chain.Head before,
      Chain.Head head,
      long goodBytes,
      long lines,
      String tail,
      boolean unended,
      Optional<Damage> damage) {}

  /**
   * Reads it.
   *
   * @param from what its first record has to continue; empty where it may begin with a checkpoint
   */
  static Result read(Source source, Optional<Chain.Head> from, Consumer<AuditRecord> each)
      throws IOException {
    return read(source, from, Around.NOTHING, each);
  }

  /** Reads it, and knows the other segments. */
  static Result read(
      Source source, Optional<Chain.Head> from, Around around, Consumer<AuditRecord> each)
      throws IOException {
    ChainFile file = new ChainFile(source, around, each);
    from.ifPresent(file::begin);
    try {
      return file.read(from.isEmpty());
    } catch (ZipException | EOFException e) {
      return file.result(
          "",
          false,
          Optional.of(
              new Damage(
                  Damage.Kind.EDITED,
                  file.lines + 1,
                  "edited: it can't be unpacked: " + e.getMessage())));
    }
  }

  /** The first line, if there is any. */
  static Optional<byte[]> first(Source source) throws IOException {
    try (InputStream in = new BufferedInputStream(source.open(), 1 << 12)) {
      ByteArrayOutputStream line = new ByteArrayOutputStream(4096);
      boolean ended = readLine(in, line);
      return ended || line.size() > 0 ? Optional.of(line.toByteArray()) : Optional.empty();
    }
  }

  private void begin(Chain.Head from) {
    before = from;
    head = from;
  }

  private Result read(boolean anew) throws IOException {
    try (InputStream in = new BufferedInputStream(source.open(), 1 << 16)) {
      while (true) {
        ByteArrayOutputStream line = new ByteArrayOutputStream(4096);
        boolean ended = readLine(in, line);
        if (!ended && line.size() == 0) {
          return result("", false, Optional.empty());
        }
        byte[] bytes = line.toByteArray();
        if (anew && lines == 0) {
          Chain.before(bytes).ifPresent(this::begin);
        }
        Chain.Read read = Chain.read(head, bytes);
        if (read instanceof Chain.Read.Bad bad) {
          return ended ? damaged(bytes, bad) : torn(bytes);
        }
        AuditRecord record = ((Chain.Read.Good) read).record();
        each.accept(record);
        head = Chain.Head.of(record);
        good += bytes.length + (ended ? 1 : 0);
        lines++;
        if (!ended) {
          return result("", true, Optional.empty());
        }
      }
    }
  }

  private Result result(String tail, boolean unended, Optional<Damage> damage) {
    return new Result(before, head, good, lines, tail, unended, damage);
  }

  private Result damaged(byte[] bytes, Chain.Read.Bad bad) {
    return result("", false, Optional.of(Damages.name(head, lines + 1, bytes, bad, new All())));
  }

  private Result torn(byte[] bytes) {
    String tail = new String(bytes, StandardCharsets.ISO_8859_1);
    return result(tail, false, Damages.ofTail(tail, lines + 1));
  }

  /** All lines of the chain, seen from this segment. */
  private final class All implements Damages.Lines {
    @Override
    public long find(long from, Predicate<byte[]> wanted) {
      return ChainFile.find(source, from, wanted);
    }

    @Override
    public boolean before(Predicate<byte[]> wanted) {
      return around.before().stream().anyMatch(other -> ChainFile.find(other, 1, wanted) > 0);
    }

    @Override
    public boolean after(Predicate<byte[]> wanted) {
      return around.after().stream().anyMatch(other -> ChainFile.find(other, 1, wanted) > 0);
    }
  }

  static long find(Source source, long from, Predicate<byte[]> wanted) {
    try (InputStream in = new BufferedInputStream(source.open(), 1 << 16)) {
      for (long at = 1; ; at++) {
        ByteArrayOutputStream line = new ByteArrayOutputStream(4096);
        boolean ended = readLine(in, line);
        if (at >= from && line.size() > 0 && wanted.test(line.toByteArray())) {
          return at;
        }
        if (!ended) {
          return 0;
        }
      }
    } catch (ZipException | EOFException e) {
      return 0; // what can't be unpacked can't be found
    } catch (NoSuchFileException e) {
      return 0; // nor what was removed this moment
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns whether a line end was met; stops early in a line that is too long. */
  private static boolean readLine(InputStream in, ByteArrayOutputStream line) throws IOException {
    for (int c = in.read(); c >= 0; c = in.read()) {
      if (c == '\n') {
        return true;
      }
      line.write(c);
      if (line.size() > MOST_LINE_BYTES) {
        return true;
      }
    }
    return false;
  }
}
