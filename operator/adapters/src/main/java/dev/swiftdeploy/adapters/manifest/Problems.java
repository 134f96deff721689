package dev.swiftdeploy.adapters.manifest;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Collects what is to be said about one file, bounded, so that a hostile file can't flood. */
final class Problems {
  static final int MOST = 50;

  private static final Comparator<Problem> BY_PLACE =
      Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column);

  private final String file;
  private final List<Problem> problems = new ArrayList<>();
  private final Map<Severity, Integer> counts = new EnumMap<>(Severity.class);

  Problems(String file) {
    this.file = file;
  }

  void error(Spot spot, String path, String message, String fix) {
    add(Severity.ERROR, spot, path, message, fix);
  }

  void warning(Spot spot, String path, String message, String fix) {
    add(Severity.WARNING, spot, path, message, fix);
  }

  /** Whether one more of these would only be counted: its fix need not be thought of. */
  boolean isFull(Severity severity) {
    return counts.getOrDefault(severity, 0) >= MOST;
  }

  void notice(Spot spot, String path, String message) {
    add(Severity.NOTICE, spot, path, message, "");
  }

  private void add(Severity severity, Spot spot, String path, String message, String fix) {
    if (counts.merge(severity, 1, Integer::sum) <= MOST) {
      problems.add(new Problem(severity, file, spot.line(), spot.column(), path, message, fix));
    }
  }

  int errors() {
    return counts.getOrDefault(Severity.ERROR, 0);
  }

  List<Problem> byPlace() {
    List<Problem> sorted = new ArrayList<>(problems);
    sorted.sort(BY_PLACE);
    int unsaid = errors() - MOST;
    if (unsaid > 0) {
      Problem last = sorted.get(sorted.size() - 1);
      sorted.add(
          new Problem(
              Severity.ERROR, file, last.line(), last.column(), "", "and " + unsaid + " more", ""));
    }
    return sorted;
  }
}
