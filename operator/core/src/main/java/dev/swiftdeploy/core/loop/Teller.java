package dev.swiftdeploy.core.loop;

import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.plan.Plan;
import dev.swiftdeploy.core.plan.Standing;
import dev.swiftdeploy.core.plan.Step;
import dev.swiftdeploy.core.platform.Effect;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Tells what happens, each thing once; also where plans take turns. */
final class Teller {
  private final Clock clock;
  private final Consumer<Event> events;
  private final Map<String, String> plans = new HashMap<>();
  private String lastTrouble = "";
  private final Set<String> effects = new HashSet<>();
  private String lastProblem = "";

  Teller(Clock clock, Consumer<Event> events) {
    this.clock = clock;
    this.events = events;
  }

  void tell(Event.Level level, String reason, String message) {
    events.accept(new Event(clock.instant(), level, reason, message));
  }

  void plan(Plan plan) {
    boolean ends = plan.step() instanceof Step.Succeed || plan.step() instanceof Step.GiveUp;
    // An outcome is told once it is on record.
    if (!plan.why().equals(plans.put(plan.rule(), plan.why())) && !ends) {
      boolean stuck = plan.condition() == Standing.STALLED || plan.condition() == Standing.BLOCKED;
      tell(
          stuck ? Event.Level.WARNING : Event.Level.NORMAL,
          stuck ? "Blocked" : "Planned",
          stuck ? "BLOCKED: " + plan.why() : plan.why());
    }
    if (plan.condition() == Standing.READY) {
      plans.keySet().retainAll(Set.of(plan.rule()));
      effects.clear();
      lastTrouble = "";
    }
  }

  /** A transition begins or has ended: what is planned from here on is news again. */
  void turned() {
    plans.clear();
    effects.clear();
  }

  void decided(Entry.Decided decided) {
    if (decided.enact() && decided.verdict() == Verdict.ALLOWED) {
      turned();
    }
    tell(
        decided.verdict() == Verdict.ALLOWED ? Event.Level.NORMAL : Event.Level.WARNING,
        Told.reason(decided),
        Told.verdict(decided));
  }

  /** Effects that have to be applied again and again until they show are told once. */
  void effect(Effect effect) {
    if (effects.add(effect.text())) {
      tell(Event.Level.DETAIL, "Effect", effect.text());
    }
  }

  void trouble(String reason, String message) {
    if (!message.equals(lastTrouble)) {
      lastTrouble = message;
      tell(Event.Level.WARNING, reason, message);
    }
  }

  void damaged(AuditLog.Damage damage) {
    trouble(
        "AuditDamaged",
        "the audit chain is damaged at line "
            + damage.line()
            + ": "
            + damage.message()
            + ". Transitions stop; what runs goes on");
  }

  void policyProblem(Optional<String> problem) {
    String now = problem.orElse("");
    if (!now.equals(lastProblem)) {
      lastProblem = now;
      if (!now.isEmpty()) {
        tell(Event.Level.WARNING, "PolicyNotTaken", "policy not taken: " + now);
      }
    }
  }
}
