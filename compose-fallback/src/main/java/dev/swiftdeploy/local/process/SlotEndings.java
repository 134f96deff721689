package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.local.process.DetachedProcess.Signal;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Ends what runs in slots. Nothing here waits: who was asked to end is asked once, and killed when
 * its grace is over and it is to be ended again.
 */
final class SlotEndings {
  private final Duration grace;
  private final Clock clock;
  private final CrashPoints crashPoints;
  private final Map<String, Long> signalled = new HashMap<>();
  private final Map<String, Instant> askedUnrecorded = new HashMap<>();

  SlotEndings(Duration grace, Clock clock, CrashPoints crashPoints) {
    this.grace = grace;
    this.clock = clock;
    this.crashPoints = crashPoints;
  }

  /**
   * Asks all processes of a slot to end, and kills them when their grace is over.
   *
   * @return whether all are gone
   */
  boolean end(Slot slot) throws IOException {
    List<DetachedProcess> running = new ArrayList<>();
    slot.process().ifPresent(running::add);
    slot.leftovers().forEach(rest -> running.add(rest.process()));
    if (running.isEmpty()) {
      return true;
    }
    Instant since = noteAsked(slot, running.get(0));
    boolean overdue = !clock.instant().isBefore(since.plus(grace));
    for (DetachedProcess process : running) {
      Long first = signalled.putIfAbsent(process.identity(), System.nanoTime());
      if (overdue || (first != null && System.nanoTime() - first >= grace.toNanos())) {
        process.signal(Signal.KILL);
      } else if (first == null) {
        process.signal(Signal.TERM);
        crashPoints.at(CrashPoint.PROCESS_AFTER_SIGTERM);
      }
    }
    return false;
  }

  /** Durable before the signal, so that its end is not taken for a failure; if it can be. */
  private Instant noteAsked(Slot slot, DetachedProcess process) {
    Instant since = asked(slot).orElse(clock.instant());
    Optional<SlotFiles.Entry> entry = slot.entry();
    if (entry.isPresent() && entry.get().asked().isEmpty()) {
      try {
        slot.files().write(entry.get().askedToEnd(since));
      } catch (IOException e) {
        // a retreat must go on when the disk is full: then only this object knows
        askedUnrecorded.put(process.identity(), since);
      }
    }
    return since;
  }

  /** Since when its present run is asked to end. */
  Optional<Instant> asked(Slot slot) {
    return slot.entry()
        .flatMap(SlotFiles.Entry::asked)
        .or(
            () ->
                slot.process()
                    .flatMap(p -> Optional.ofNullable(askedUnrecorded.get(p.identity()))));
  }
}
