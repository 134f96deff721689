package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads a chain's file from its start, line by line, in bounded memory. */
final class ChainFile {
  private static final int MOST_LINE_BYTES = 8 * 1024 * 1024;

  private ChainFile() {}

  /**
   * What reading came to.
   *
   * @param head after the last good record
   * @param goodBytes length of the file up to and with the last good record's line end
   * @param lines good lines read
   * @param tail bytes after that, as ISO 8859-1: an incomplete last line, if {@code damage} is
   *     empty
   * @param unended the last good record is whole and only its line end is missing
   */
  record Result(
      Chain.Head head,
      long goodBytes,
      long lines,
      String tail,
      boolean unended,
      Optional<AuditLog.Damage> damage) {}

  static Result read(Path file, Consumer<AuditRecord> each) throws IOException {
    Chain.Head head = Chain.Head.START;
    long good = 0;
    long lines = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      while (true) {
        ByteArrayOutputStream line = new ByteArrayOutputStream(4096);
        boolean ended = readLine(in, line);
        if (!ended && line.size() == 0) {
          return new Result(head, good, lines, "", false, Optional.empty());
        }
        if (line.size() > MOST_LINE_BYTES) {
          return damaged(head, good, lines, "it is longer than any record");
        }
        Chain.Read read = Chain.read(head, line.toByteArray());
        if (read instanceof Chain.Read.Good ok) {
          each.accept(ok.record());
          head = new Chain.Head(ok.record().seq(), ok.record().hash());
          good += line.size() + (ended ? 1 : 0);
          lines++;
          if (!ended) {
            return new Result(head, good, lines, "", true, Optional.empty());
          }
        } else if (ended) {
          return damaged(head, good, lines, ((Chain.Read.Bad) read).why());
        } else {
          return new Result(
              head,
              good,
              lines,
              line.toString(StandardCharsets.ISO_8859_1),
              false,
              Optional.empty());
        }
      }
    }
  }

  private static Result damaged(Chain.Head head, long good, long lines, String why) {
    return new Result(
        head, good, lines, "", false, Optional.of(new AuditLog.Damage(lines + 1, why)));
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
