package dev.swiftdeploy.core.evidence;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one instance did, delta by delta. Of its scrapes only the last value of each series is kept,
 * so the memory taken grows with the number of series plus that of scrapes, not with their product.
 */
final class InstanceWindow {
  private final Map<Series, Double> values = new HashMap<>();
  private final Deque<Delta> deltas = new ArrayDeque<>();
  private @Nullable Scrape last;

  /** The time of the last scrape; empty before the first. */
  Optional<Instant> lastAt() {
    return Optional.ofNullable(last).map(Scrape::at);
  }

  /** How many series it remembers. */
  int series() {
    return values.size();
  }

  Deque<Delta> deltas() {
    return deltas;
  }

  /** Takes a scrape, which must be later than the last. */
  void add(Scrape scrape) {
    Optional<Instant> born = scrape.uptime().map(scrape.at()::minus);
    @Nullable Scrape before = last;
    boolean restarted = before != null && restarted(before, scrape, born);
    if (restarted) {
      values.clear();
    }
    Delta.Sum sum = new Delta.Sum();
    if (before != null || born.isPresent()) {
      // A series that was not there before began at zero.
      scrape.counters().forEach((s, value) -> sum.add(s, values.getOrDefault(s, 0.0), value));
    }
    Instant from = before == null ? born.orElse(scrape.at()) : before.at();
    if (restarted && born.isPresent() && born.get().isAfter(from)) {
      from = born.get();
    }
    Buckets like = deltas.isEmpty() ? Buckets.NONE : deltas.getLast().buckets();
    deltas.addLast(sum.between(from, scrape, restarted, like));
    remember(scrape);
  }

  /**
   * Up for less time than before, or born after the last scrape. Where no uptime is told, counters
   * that go back are all that shows it, series by series.
   */
  private static boolean restarted(Scrape before, Scrape scrape, Optional<Instant> born) {
    boolean younger =
        before.uptime().isPresent()
            && scrape.uptime().isPresent()
            && scrape.uptime().get().compareTo(before.uptime().get()) < 0;
    return younger || born.filter(before.at()::isBefore).isPresent();
  }

  /**
   * A series that is missing for a while goes on where it was, as long as there are few of them.
   */
  private void remember(Scrape scrape) {
    last = scrape;
    values.putAll(scrape.counters());
    if (values.size() > Exposition.MOST_SERIES) {
      values.keySet().retainAll(scrape.counters().keySet());
    }
  }

  /** Deltas that ended before then go; true if nothing is left that a later scrape could follow. */
  boolean forget(Instant before) {
    while (!deltas.isEmpty() && deltas.getFirst().to().isBefore(before)) {
      deltas.removeFirst();
    }
    return deltas.isEmpty();
  }
}
