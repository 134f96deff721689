package dev.swiftdeploy.core.audit;

import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditLog.Damage.Kind;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Names what is wrong with a chain, as far as what is there tells. */
public final class Damages {
  /** A whole record with something behind it was ended once: no write was torn there. */
  private static final Pattern WHOLE_RECORD = Pattern.compile(",\"hash\":\"[0-9a-f]{64}\"}");

  private Damages() {}

  /**
   * A head that is known to have been the chain's: its record has to be there.
   *
   * @param by who knows it, as the subject of a sentence: {@code the status}
   */
  public record Known(Chain.Head head, String by) {}

  /** All lines of a chain, to be looked through as often as needed. */
  @FunctionalInterface
  public interface Lines {
    /**
     * Looks for a line.
     *
     * @param from number of the first one that is looked at, from 1
     * @return its number; 0 if there is none
     */
    long find(long from, Predicate<byte[]> wanted);

    /** Whether there is such a line before these; false where these are all. */
    default boolean before(Predicate<byte[]> wanted) {
      return false;
    }

    /** Whether there is such a line after these; false where these are all. */
    default boolean after(Predicate<byte[]> wanted) {
      return false;
    }

    /** Lines that are all at hand. */
    static Lines of(List<byte[]> lines) {
      return (from, wanted) -> {
        for (int i = (int) from; i <= lines.size(); i++) {
          if (wanted.test(lines.get(i - 1))) {
            return i;
          }
        }
        return 0;
      };
    }
  }

  /**
   * Names what is wrong at a line that does not follow the one before.
   *
   * @param head after the last good line
   * @param line number of the bad one, from 1
   * @param all lines, those before and after it too
   */
  public static Damage name(
      Chain.Head head, long line, byte[] bad, Chain.Read.Bad read, Lines all) {
    Optional<Chain.Place> place = Chain.place(bad);
    if (place.isEmpty() || read.kind() == Kind.UNKNOWN || read.kind() == Kind.EDITED) {
      return new Damage(read.kind(), line, edited(read));
    }
    long expected = head.seq() + 1;
    Chain.Place found = place.get();
    if (found.seq() == expected) {
      return new Damage(Kind.ANOTHER_HISTORY, line, "another history: " + read.why());
    }
    if (found.seq() < expected) {
      return again(line, found, all);
    }
    if (later(head, line, all)) {
      return new Damage(
          Kind.REORDERED,
          line,
          "reordered: record " + found.seq() + " stands where record " + expected + " belongs");
    }
    String what =
        found.seq() == expected + 1
            ? "record " + expected + " is"
            : "records " + expected + " to " + (found.seq() - 1) + " are";
    return new Damage(Kind.MISSING, line, what + " missing");
  }

  private static String edited(Chain.Read.Bad read) {
    return read.kind() == Kind.EDITED ? "edited: " + read.why() : read.why();
  }

  /** A record whose number was had before: the same one again, or another one. */
  private static Damage again(long line, Chain.Place found, Lines all) {
    long first = all.find(1, bytes -> same(bytes, found));
    boolean here = first > 0 && first < line;
    return here || all.before(bytes -> same(bytes, found))
        ? new Damage(
            Kind.DUPLICATED,
            line,
            "duplicated: record "
                + found.seq()
                + " is there already, "
                + (here ? "at line " + first : "in an earlier segment"))
        : new Damage(
            Kind.ANOTHER_HISTORY, line, "another history: this is another record " + found.seq());
  }

  private static boolean same(byte[] bytes, Chain.Place found) {
    return Chain.place(bytes).filter(place -> place.hash().equals(found.hash())).isPresent();
  }

  /** Whether the record that belongs here comes after the bad line. */
  private static boolean later(Chain.Head head, long line, Lines all) {
    Predicate<byte[]> belongs =
        bytes -> Chain.place(bytes).filter(place -> place.follows(head)).isPresent();
    return all.find(line + 1, belongs) > 0 || all.after(belongs);
  }

  /**
   * What bytes after the last line end are: empty for the beginning of a record, which nothing can
   * rest on.
   *
   * @param tail as ISO 8859-1
   * @param line its number, from 1
   */
  public static Optional<Damage> ofTail(String tail, long line) {
    return WHOLE_RECORD.matcher(tail).find()
        ? Optional.of(
            new Damage(Kind.EDITED, line, "edited: something other than a line end follows it"))
        : Optional.empty();
  }

  /**
   * What a head that is known tells of a chain that is whole by itself.
   *
   * @param before what the first line of the file continues
   * @param head where the chain ends
   * @param there the hash of the record of that number; empty where there is none
   */
  public static Optional<Damage> against(
      Known known, Chain.Head before, Chain.Head head, Optional<String> there) {
    long seq = known.head().seq();
    if (seq > head.seq()) {
      String what =
          seq == head.seq() + 1
              ? "record " + seq + " is gone"
              : "records " + (head.seq() + 1) + " to " + seq + " are gone";
      return Optional.of(
          new Damage(
              Kind.TRUNCATED,
              head.seq() - before.seq() + 1,
              "cut off, or an older copy: "
                  + what
                  + ", and "
                  + known.by()
                  + " knows record "
                  + seq));
    }
    return there
        .filter(hash -> !hash.equals(known.head().hash()))
        .map(
            hash ->
                new Damage(
                    Kind.ANOTHER_HISTORY,
                    Math.max(1, seq - before.seq()),
                    "another history: its record "
                        + seq
                        + " is not the one that "
                        + known.by()
                        + " knows"));
  }
}
