package dev.swiftdeploy.core.evidence;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads what a workload exposes: the Prometheus text format 0.0.4 and OpenMetrics 1.0, as far as
 * samples go (types, help, timestamps and exemplars are passed over). A line that is not a sample
 * is skipped and counted: a workload's own mistakes must not hide its errors.
 *
 * <p>Sources: prometheus.io/docs/instrumenting/exposition_formats and the OpenMetrics
 * specification.
 */
public final class Exposition {
  private final Map<Series, Double> samples;
  private final int malformed;
  private final int duplicates;

  private Exposition(Map<Series, Double> samples, int malformed, int duplicates) {
    this.samples = samples;
    this.malformed = malformed;
    this.duplicates = duplicates;
  }

  /**
   * Reads the samples of some metrics.
   *
   * @param wanted names of metrics; all others are passed over without being kept
   */
  public static Exposition parse(String text, Set<String> wanted) {
    Map<Series, Double> samples = new LinkedHashMap<>();
    int malformed = 0;
    int duplicates = 0;
    int start = 0;
    while (start < text.length()) {
      int end = text.indexOf('\n', start);
      end = end < 0 ? text.length() : end;
      Line line = new Line(text, start, end);
      start = end + 1;
      if (line.blankOrComment()) {
        continue;
      }
      Optional<String> name = line.name();
      if (name.isEmpty()) {
        malformed++;
        continue;
      }
      if (!wanted.contains(name.get())) {
        continue;
      }
      Optional<Map.Entry<Series, Double>> sample = line.sample(name.get());
      if (sample.isEmpty()) {
        malformed++;
      } else if (samples.putIfAbsent(sample.get().getKey(), sample.get().getValue()) != null) {
        duplicates++;
      }
    }
    return new Exposition(samples, malformed, duplicates);
  }

  /** Each series' value; of a series that is there twice, the first. */
  public Map<Series, Double> samples() {
    return Map.copyOf(samples);
  }

  /** Lines that are neither samples nor comments. */
  public int malformed() {
    return malformed;
  }

  /** Samples of series that were there before. */
  public int duplicates() {
    return duplicates;
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
      if (at < end && text.charAt(at) == '{') {
        at++;
        if (!labels(labels)) {
          return Optional.empty();
        }
      }
      skipBlanks();
      int start = at;
      while (at < end && text.charAt(at) != ' ' && text.charAt(at) != '\t') {
        at++;
      }
      OptionalDouble value = number(text.substring(start, at));
      return value.isEmpty()
          ? Optional.empty()
          : Optional.of(Map.entry(new Series(name, labels), value.getAsDouble()));
    }

    /** After the opening brace; true once the closing one was passed. */
    private boolean labels(SortedMap<String, String> labels) {
      while (true) {
        skipBlanks();
        if (at < end && text.charAt(at) == '}') {
          at++;
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
        if (at < end && text.charAt(at) == ',') {
          at++;
        } else if (at >= end || text.charAt(at) != '}') {
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
          value.append(escaped == 'n' ? '\n' : escaped);
        } else {
          value.append(c);
        }
      }
      return false;
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

  /** A number as Go's ParseFloat reads it, less the forms that no exporter writes. */
  static OptionalDouble number(String text) {
    switch (text) {
      case "NaN" -> {
        return OptionalDouble.of(Double.NaN);
      }
      case "+Inf", "Inf" -> {
        return OptionalDouble.of(Double.POSITIVE_INFINITY);
      }
      case "-Inf" -> {
        return OptionalDouble.of(Double.NEGATIVE_INFINITY);
      }
      default -> {
        for (int i = 0; i < text.length(); i++) {
          if ("0123456789+-.eE".indexOf(text.charAt(i)) < 0) {
            return OptionalDouble.empty();
          }
        }
        try {
          return OptionalDouble.of(Double.parseDouble(text));
        } catch (NumberFormatException e) {
          return OptionalDouble.empty();
        }
      }
    }
  }
}
