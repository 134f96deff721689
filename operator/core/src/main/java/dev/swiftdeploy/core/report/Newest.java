package dev.swiftdeploy.core.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The newest of what may be very many. */
final class Newest<T> {
  private static final int MOST = 5000;

  private final Deque<T> kept = new ArrayDeque<>();
  private long older;

  void add(T one) {
    kept.addLast(one);
    if (kept.size() > MOST) {
      kept.removeFirst();
      older++;
    }
  }

  /** How many are not kept. */
  long older() {
    return older;
  }

  /** Oldest first. */
  List<T> all() {
    return List.copyOf(kept);
  }
}
