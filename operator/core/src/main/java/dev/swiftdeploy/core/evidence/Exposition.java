package dev.swiftdeploy.core.evidence;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Reads what a workload exposes: the Prometheus text format 0.0.4 and OpenMetrics 1.0, as far as
 * samples go (types, help, timestamps and exemplars are passed over).
 *
 * <p>A line that is not a sample is skipped and counted where it is of a metric that nobody asked
 * for: a workload's slip elsewhere must not hide its errors. Where it is of a wanted metric it is a
 * {@link #fault()}: what it would have said is not known, and what is not known is not zero.
 * Prometheus refuses the whole scrape in both cases. It also refuses CRLF, which is read here, and
 * takes a label that is there twice, or a line feed inside a label's value, which are faults here.
 *
 * <p>Sources: prometheus.io/docs/instrumenting/exposition_formats, the OpenMetrics specification,
 * and Prometheus's own parser (model/textparse), which the tests compare with.
 */
public final class Exposition {
  /** How many series of wanted metrics are read from one exposition. */
  public static final int MOST_SERIES = 20_000;

  private final Map<Series, Double> samples = new LinkedHashMap<>();
  private boolean empty = true;
  private int malformed;
  private int duplicates;
  private Optional<String> fault = Optional.empty();

  private Exposition() {}

  /**
   * Reads the samples of some metrics. Never throws: whatever the text is, the answer is what could
   * be read of it, and whether that is all.
   *
   * @param wanted names of metrics; all others are passed over without being kept
   */
  public static Exposition parse(String text, Set<String> wanted) {
    Exposition read = new Exposition();
    int start = 0;
    for (int number = 1; start < text.length() && read.samples.size() <= MOST_SERIES; number++) {
      int end = text.indexOf('\n', start);
      end = end < 0 ? text.length() : end;
      read.take(new Line(text, start, end), number, wanted);
      start = end + 1;
    }
    return read;
  }

  private void take(Line line, int number, Set<String> wanted) {
    if (line.blankOrComment()) {
      return;
    }
    Optional<String> name = line.name();
    if (name.isEmpty()) {
      malformed++;
    } else if (wanted.contains(name.get())) {
      take(name.get(), line.sample(name.get()), number);
    } else if (empty) {
      empty = line.sample(name.get()).isEmpty();
    }
  }

  private void take(String name, Optional<Map.Entry<Series, Double>> sample, int number) {
    if (sample.isEmpty()) {
      malformed++;
      fault = fault.or(at(number, name + " can't be read"));
      return;
    }
    empty = false;
    if (samples.putIfAbsent(sample.get().getKey(), sample.get().getValue()) != null) {
      duplicates++;
    } else if (samples.size() > MOST_SERIES) {
      fault = fault.or(at(number, "more than " + MOST_SERIES + " series"));
    }
  }

  private static Supplier<Optional<String>> at(int line, String what) {
    return () -> Optional.of("line " + line + ": " + what);
  }

  /** Each series' value; of a series that is there twice the first, as Prometheus takes it. */
  public Map<Series, Double> samples() {
    return Collections.unmodifiableMap(samples);
  }

  /** Whether no line is a sample, of whatever metric: an error page, say. */
  public boolean empty() {
    return empty;
  }

  /** Lines that don't begin as a sample, and those of wanted metrics that can't be read. */
  public int malformed() {
    return malformed;
  }

  /** Samples of series that were there before. */
  public int duplicates() {
    return duplicates;
  }

  /** Why {@link #samples} is not all that was said of the wanted metrics; empty if it is. */
  public Optional<String> fault() {
    return fault;
  }

  /** One line, read from left to right. */
  private static final class Line {
    private final String text;
    private final int end;
    private int at;

    Line(String text, int start, int end) {
      this.text = text;
      this.at = start;
      this.end = end > start && text.charAt(end - 1) == '\r' ? end - 1 : end;
      skipBlanks();
    }

    boolean blankOrComment() {
      return at >= end || text.charAt(at) == '#';
    }

    Optional<String> name() {
      int start = at;
      while (at < end && isNameChar(text.charAt(at), at == start, true)) {
        at++;
      }
      return at == start ? Optional.empty() : Optional.of(text.substring(start, at));
    }

    Optional<Map.Entry<Series, Double>> sample(String name) {
      SortedMap<String, String> labels = new TreeMap<>();
      skipBlanks();
      if (take('{') && !labels(labels)) {
        return Optional.empty();
      }
      OptionalDouble value = number(word());
      return value.isPresent() && endsWell()
          ? Optional.of(Map.entry(new Series(name, labels), value.getAsDouble()))
          : Optional.empty();
    }

    /** After the value: nothing, a timestamp, an exemplar, or both. */
    private boolean endsWell() {
      skipBlanks();
      if (at < end && text.charAt(at) != '#' && number(word()).isEmpty()) {
        return false;
      }
      skipBlanks();
      return at >= end || text.charAt(at) == '#';
    }

    /** After the opening brace; true once the closing one was passed. */
    private boolean labels(SortedMap<String, String> labels) {
      while (true) {
        skipBlanks();
        if (take('}')) {
          return true;
        }
        int start = at;
        while (at < end && isNameChar(text.charAt(at), at == start, false)) {
          at++;
        }
        String label = text.substring(start, at);
        skipBlanks();
        if (label.isEmpty() || !take('=')) {
          return false;
        }
        skipBlanks();
        StringBuilder value = new StringBuilder();
        if (!take('"') || !quoted(value) || labels.put(label, value.toString()) != null) {
          return false;
        }
        skipBlanks();
        if (!take(',') && (at >= end || text.charAt(at) != '}')) {
          return false;
        }
      }
    }

    /** After the opening quote; true once the closing one was passed. */
    private boolean quoted(StringBuilder value) {
      while (at < end) {
        char c = text.charAt(at++);
        if (c == '"') {
          return true;
        }
        if (c == '\\' && at < end) {
          char escaped = text.charAt(at++);
          switch (escaped) {
            case 'n' -> value.append('\n');
            case '\\', '"' -> value.append(escaped);
            default -> value.append(c).append(escaped); // no escape, as Prometheus reads it
          }
        } else {
          value.append(c);
        }
      }
      return false;
    }

    /** Up to the next blank. */
    private String word() {
      skipBlanks();
      int start = at;
      while (at < end && text.charAt(at) != ' ' && text.charAt(at) != '\t') {
        at++;
      }
      return text.substring(start, at);
    }

    private boolean take(char wanted) {
      if (at < end && text.charAt(at) == wanted) {
        at++;
        return true;
      }
      return false;
    }

    private void skipBlanks() {
      while (at < end && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
        at++;
      }
    }

    private static boolean isNameChar(char c, boolean first, boolean metric) {
      return (c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || c == '_'
          || (metric && c == ':')
          || (!first && c >= '0' && c <= '9');
    }
  }

  /** A number as Prometheus reads it: Go's ParseFloat, without hexadecimal and underscores. */
  static OptionalDouble number(String text) {
    for (int i = 0; i < text.length(); i++) {
      if ("0123456789+-.eE".indexOf(text.charAt(i)) < 0) {
        return word(text);
      }
    }
    try {
      return OptionalDouble.of(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }

  private static OptionalDouble word(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "nan" -> OptionalDouble.of(Double.NaN);
      case "inf", "+inf", "infinity", "+infinity" -> OptionalDouble.of(Double.POSITIVE_INFINITY);
      case "-inf", "-infinity" -> OptionalDouble.of(Double.NEGATIVE_INFINITY);
      default -> OptionalDouble.empty();
    };
  }
}
