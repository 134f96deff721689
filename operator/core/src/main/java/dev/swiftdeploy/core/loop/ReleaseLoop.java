package dev.swiftdeploy.core.loop;

import dev.swiftdeploy.core.admission.PolicyRevision;
import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.audit.PolicyRef;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.evidence.Evidence;
import dev.swiftdeploy.core.plan.Admitted;
import dev.swiftdeploy.core.plan.Convergence;
import dev.swiftdeploy.core.plan.Desired;
import dev.swiftdeploy.core.plan.Plan;
import dev.swiftdeploy.core.plan.PlanInput;
import dev.swiftdeploy.core.plan.Planner;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.plan.Standing;
import dev.swiftdeploy.core.plan.Step;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.spec.ResourceName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The loop of one resource. Each tick starts from what is there: fold, observe, plan, and the one
 * step that the plan says. Not thread-safe: a host ticks it from one thread at a time.
 */
public final class ReleaseLoop {
  private static final Duration AFTER_EFFECT = Duration.ofMillis(100);
  private static final Duration TROUBLE_RETRY = Duration.ofSeconds(1);
  private static final Duration DAMAGE_RETRY = Duration.ofSeconds(5);

  /** What a person looks at is read for so long after the look. */
  private static final Duration LOOKED_AT = Duration.ofSeconds(30);

  private final ResourceName name;
  private final Ports ports;
  private final Desires desires;
  private final Reviewer reviewer;
  private final Asking asking = new Asking();
  private final Teller teller;

  /** A process that was killed may have been away for long: its deadlines count from here. */
  private final Instant watchedSince;

  private final Ailments ailments = new Ailments();
  private final Samples samples = new Samples();
  private Optional<String> trouble = Optional.empty();
  private boolean failedLast;
  private Optional<Instant> looked = Optional.empty();
  private String repairing = "";

  /** A retreat that has begun under its grant and could not be recorded yet. */
  private Optional<Plan> begun = Optional.empty();

  private long begunAt;
  private Optional<View> view = Optional.empty();

  public ReleaseLoop(ResourceName name, Ports ports) {
    this.name = name;
    this.ports = ports;
    this.desires = new Desires(ports.resolver());
    this.reviewer = new Reviewer(ports);
    this.teller = new Teller(ports.clock(), ports.events());
    this.watchedSince = ports.clock().instant();
  }

  /**
   * What the last tick saw, for status.
   *
   * @param lastDecided the last answer, also if it was a repetition that is not on record
   * @param trouble what the platform answers, while it fails
   * @param metrics of what serves, over the window that policy is shown; empty where nothing does
   */
  public record View(
      Desired desired,
      State state,
      Observation observation,
      Plan plan,
      Optional<Entry.Decided> lastDecided,
      Optional<String> trouble,
      Optional<AuditLog.Damage> damage,
      PolicyRevision policy,
      Optional<Evidence.Metrics> metrics) {

    /** What serves. */
    public Optional<Side> stable() {
      return Side.stable(state, observation, metrics);
    }

    /** What is tried beside it. */
    public Optional<Side> candidate() {
      return Side.candidate(state, observation, metrics);
    }

    /** The platform does not show what is there: what was seen before is all that is known. */
    private View unseen(String what, Duration again) {
      Plan waits = new Plan("unseen", Standing.UNKNOWN, what, Step.Wait.until(again));
      return new View(
          desired,
          state,
          observation,
          waits,
          lastDecided,
          Optional.of(what),
          damage,
          policy,
          metrics);
    }
  }

  /** What the last tick saw; empty before the first. */
  public Optional<View> view() {
    return view;
  }

  /** The next tick asks policy even if the same question was asked just now. */
  public void askAgain() {
    asking.now();
  }

  /**
   * A person looks: what serves is read for a while, also where there is nothing to judge. Policy
   * is not asked for it: looking changes nothing.
   *
   * @param keep what the next tick sees is to be kept as a sample, if it says something new
   */
  public void look(boolean keep) {
    looked = Optional.of(ports.clock().instant());
    if (keep) {
      samples.ask();
    }
  }

  /** Records what a person asks; the next tick answers it. */
  public void request(Request request) {
    open();
    append(new Entry.Requested(request));
    teller.tell(
        Event.Level.NORMAL,
        "Requested",
        request.actor() + " asks: " + request.kind().word().replace('_', ' '));
  }

  /** Looks, plans, and takes one step. */
  public Next tick(Declared declared) {
    Observation observation;
    try {
      observation = ailments.seen(ports.platform().observe(), ports.clock().instant());
    } catch (PlatformException e) {
      Next next = troubled(e);
      view = view.map(v -> v.unseen(String.valueOf(e.getMessage()), next.after()));
      return next;
    }
    Optional<AuditLog.Damage> damage = ports.audit().damage();
    if (damage.isEmpty()) {
      notePolicy();
    }
    State state = ports.audit().state(name);
    watch(state, observation, declared);
    Desired desired = desires.of(declared, state);
    Instant now = ports.clock().instant();
    Optional<String> failing = failedLast ? trouble : Optional.empty();
    Plan plan =
        begun(state)
            .orElseGet(
                () ->
                    Planner.plan(
                        new PlanInput(desired, state, observation, failing, watchedSince, now)));
    noteHealth(state, observation, now);
    failedLast = false;
    Next next;
    if (damage.isPresent()) {
      teller.damaged(damage.get());
      next = Next.after(DAMAGE_RETRY);
    } else {
      teller.plan(plan);
      next = take(plan, desired, state, observation, declared);
      if (failing.isPresent() && !failedLast) {
        next = next.within(TROUBLE_RETRY); // what failed is due again
      }
    }
    view = Optional.of(view(desired, observation, plan, damage));
    keepSample();
    return next;
  }

  private View view(
      Desired desired, Observation observation, Plan plan, Optional<AuditLog.Damage> damage) {
    State after = ports.audit().state(name);
    return new View(
        desired,
        after,
        observation,
        plan,
        asking.last(),
        trouble,
        damage,
        ports.policy().revision(),
        reviewer.seen(desired, after));
  }

  /** Nothing rests on a sample: one that can't be recorded is left out. */
  private void keepSample() {
    try {
      view.flatMap(seen -> samples.due(seen, ports.clock().instant())).ifPresent(this::append);
    } catch (AuditException e) {
      return; // what must be recorded will find and tell the same
    }
  }

  /** Workloads are read while there is a candidate to judge, a step before, and looked at. */
  private void watch(State state, Observation observation, Declared declared) {
    boolean judged =
        state.admitted().candidate().isPresent()
            || state.underWay().flatMap(u -> u.transition().after().candidate()).isPresent()
            || looked
                .filter(at -> ports.clock().instant().isBefore(at.plus(LOOKED_AT)))
                .isPresent();
    ports.metrics().watch(judged ? observation.workloads() : List.of(), declared.resource().spec());
  }

  private Next take(
      Plan plan, Desired desired, State state, Observation observation, Declared declared) {
    try {
      Step step = plan.step();
      if (step instanceof Step.UseGrant && begun.isEmpty()) {
        begun = Optional.of(plan);
        begunAt = state.seq();
      }
      if (step instanceof Step.Propose propose) {
        return propose(propose, desired, declared);
      } else if (step instanceof Step.UseGrant use) {
        return useGrant(use, desired, state, observation, declared);
      } else if (step instanceof Step.Act act) {
        return apply(act.effects(), state.underWay().orElseThrow().permission());
      } else if (step instanceof Step.Succeed) {
        return succeed(state.underWay().orElseThrow());
      } else if (step instanceof Step.GiveUp giveUp) {
        return giveUp(giveUp, state.underWay().orElseThrow());
      } else if (step instanceof Step.Repair repair) {
        return repair(repair, state);
      } else if (step instanceof Step.Dismiss dismiss) {
        return dismiss(dismiss);
      } else if (step instanceof Step.Wait wait) {
        return Next.waiting(wait);
      }
      return Next.rest();
    } catch (PlatformException e) {
      return troubled(e); // a release that could not be kept is not admitted
    } catch (AuditException e) {
      teller.trouble("RecordFailed", "no record, no transition: " + e.getMessage());
      return Next.after(TROUBLE_RETRY);
    }
  }

  /** What is well needs no repair, and no trouble lasts. */
  private void noteHealth(State state, Observation observation, Instant now) {
    if (Convergence.back(state.admitted(), observation, now).done()) {
      repairing = "";
      if (state.underWay().isEmpty()) {
        trouble = Optional.empty();
      }
    }
  }

  /**
   * What a retreat does must not be undone because its reason is gone with it: it goes on until it
   * is on record, or anything else is.
   */
  private Optional<Plan> begun(State state) {
    if (begun.isPresent() && begunAt != state.seq()) {
      begun = Optional.empty();
    }
    return begun;
  }

  private Next propose(Step.Propose propose, Desired desired, Declared declared) {
    Instant now = ports.clock().instant();
    Optional<String> policy = ports.policy().revision().digest();
    Duration left = asking.left(propose, desired.specDigest(), policy, now);
    if (!left.isZero()) {
      return Next.looking(left);
    }
    open();
    State opened = ports.audit().state(name);
    int failedBefore = asking.failedReviews(opened);
    Entry.Decided decided =
        asking.counted(
            reviewer.review(
                propose.transition(),
                propose.enact(),
                desired,
                opened,
                declared.actor(),
                failedBefore,
                asking.repeated()),
            failedBefore,
            propose.every(),
            now);
    boolean intent = decided.verdict() == Verdict.ALLOWED && decided.enact();
    // It may have been loaded by this question, or have changed under it: that is on record first.
    policy = decided.policy().digest();
    notePolicy(policy);
    boolean news =
        asking.take(
            propose, decided, desired.specDigest(), policy, opened, ports.audit().patience(), now);
    if (intent) {
      keepRelease(propose.transition(), desired);
    }
    if (intent || news) {
      ports.crashPoints().at(CrashPoint.LOOP_BEFORE_DECISION_RECORD);
      append(decided);
      ports.crashPoints().at(CrashPoint.LOOP_AFTER_DECISION_RECORD);
      asking.recorded();
      teller.decided(decided);
    }
    return intent || propose.transition().request().isPresent()
        ? Next.now()
        : Next.looking(asking.left(propose, desired.specDigest(), policy, now));
  }

  private void keepRelease(Transition transition, Desired desired) {
    desired
        .release()
        .filter(release -> transition.to().equals(Optional.of(release.id())))
        .ifPresent(ports.releases()::put);
  }

  /** A grant is used without asking; where that can't be recorded, the earlier record holds. */
  private Next useGrant(
      Step.UseGrant use, Desired desired, State state, Observation observation, Declared declared) {
    Entry.Decided decided =
        new Entry.Decided(
            ports.ids().get(),
            use.transition(),
            true,
            Verdict.ALLOWED,
            desired.generation(),
            desired.specDigest(),
            declared.actor(),
            new PolicyRef(ports.policy().name(), state.policyDigest(), true),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(use.grant().decisionId()),
            state.failedReviews(),
            asking.repeated());
    try {
      ports.crashPoints().at(CrashPoint.LOOP_BEFORE_DECISION_RECORD);
      append(decided);
    } catch (AuditException e) {
      teller.trouble(
          "RecordFailed",
          "the retreat can't be recorded ("
              + e.getMessage()
              + "); it goes on under decision "
              + use.grant().decisionId());
      Instant now = ports.clock().instant();
      Admitted after = use.transition().after();
      List<Effect> retreat =
          Convergence.towards(after, state.admitted(), observation, now).effects();
      // What it led to is there, and is kept so.
      List<Effect> effects =
          retreat.isEmpty() ? Convergence.back(after, observation, now).effects() : retreat;
      return effects.isEmpty()
          ? Next.after(TROUBLE_RETRY)
          : apply(effects, use.grant().permission());
    }
    ports.crashPoints().at(CrashPoint.LOOP_AFTER_DECISION_RECORD);
    asking.counted();
    teller.decided(decided);
    return Next.now();
  }

  /** Effects planned together don't rest on each other: one that fails leaves the others alone. */
  private Next apply(List<Effect> effects, Permission permission) {
    Optional<PlatformException> failed = Optional.empty();
    for (Effect effect : effects) {
      teller.effect(effect);
      ports.crashPoints().at(CrashPoint.LOOP_BEFORE_EFFECT);
      try {
        ports.platform().apply(effect, permission);
        ailments.applied(effect, ports.clock().instant());
      } catch (PlatformException e) {
        failed = failed.isPresent() ? failed : Optional.of(e);
      }
      ports.crashPoints().at(CrashPoint.LOOP_AFTER_EFFECT);
    }
    if (failed.isPresent()) {
      return troubled(failed.get());
    }
    trouble = Optional.empty();
    return Next.shown(AFTER_EFFECT);
  }

  private Next troubled(PlatformException e) {
    String what = String.valueOf(e.getMessage());
    trouble = Optional.of(what);
    failedLast = true;
    teller.trouble("PlatformFailed", what + ". " + e.fix());
    return Next.after(TROUBLE_RETRY);
  }

  private Next succeed(State.UnderWay done) {
    ports.crashPoints().at(CrashPoint.LOOP_BEFORE_OUTCOME_RECORD);
    append(new Entry.Applied(done.decisionId()));
    ports.crashPoints().at(CrashPoint.LOOP_AFTER_OUTCOME_RECORD);
    trouble = Optional.empty();
    teller.turned();
    teller.tell(
        Event.Level.NORMAL,
        Told.applied(done.transition().kind()),
        "done: " + done.transition().label());
    return Next.now();
  }

  private Next giveUp(Step.GiveUp giveUp, State.UnderWay underWay) {
    ports.crashPoints().at(CrashPoint.LOOP_BEFORE_OUTCOME_RECORD);
    append(
        new Entry.Failed(
            Optional.of(underWay.decisionId()),
            Optional.empty(),
            giveUp.reason(),
            giveUp.message(),
            giveUp.refuses()));
    ports.crashPoints().at(CrashPoint.LOOP_AFTER_OUTCOME_RECORD);
    trouble = Optional.empty();
    teller.turned();
    teller.tell(
        Event.Level.WARNING,
        Told.failed(underWay.transition()),
        "failed: " + underWay.transition().label() + ": " + giveUp.message());
    return Next.now();
  }

  /** What was admitted rests on an earlier durable record, so a failing one does not stop it. */
  private Next repair(Step.Repair repair, State state) {
    Permission standing = state.standing().orElseThrow();
    if (!repairing.equals(repair.text())) {
      repairing = repair.text();
      try {
        append(
            new Entry.Repaired(
                repair.found(),
                repair.effects().stream().map(Effect::text).toList(),
                standing.decisionId()));
        teller.tell(
            Event.Level.WARNING,
            state.stopped() ? "Resumed" : "Repaired",
            String.join(", ", repair.found()));
      } catch (AuditException e) {
        repairing = "";
        teller.trouble("RecordFailed", "a repair can't be recorded: " + e.getMessage());
      }
    }
    return apply(repair.effects(), standing);
  }

  private Next dismiss(Step.Dismiss dismiss) {
    append(
        new Entry.Failed(
            Optional.empty(),
            Optional.of(dismiss.request().id()),
            "RequestUnusable",
            dismiss.message(),
            Optional.empty()));
    teller.tell(Event.Level.WARNING, "RequestUnusable", dismiss.message());
    return Next.now();
  }

  /**
   * Stops the service in order, without a transition: what is admitted stays admitted and is
   * brought up again by the next daemon. To be called again until nothing is there.
   *
   * @return whether nothing is there any more
   */
  public boolean stop(String by) {
    State state = ports.audit().state(name);
    Observation observation = ports.platform().observe();
    if (observation.nothing()) {
      return true;
    }
    Optional<Permission> permission =
        state.underWay().map(State.UnderWay::permission).or(state::standing);
    if (permission.isEmpty()) {
      return true; // nothing here was ever admitted: not ours to stop
    }
    if (!state.stopped()) {
      try {
        append(new Entry.Stopped(by));
      } catch (AuditException e) {
        teller.trouble("RecordFailed", "the stop can't be recorded: " + e.getMessage());
      }
    }
    List<Effect> effects =
        Convergence.towards(
                Admitted.NOTHING, state.admitted(), observation, ports.clock().instant())
            .effects();
    apply(effects, permission.get());
    return false;
  }

  private void notePolicy() {
    PolicyRevision now = ports.policy().revision();
    teller.policyProblem(now.problem());
    notePolicy(now.digest());
  }

  private void notePolicy(Optional<String> digest) {
    State state = ports.audit().state(name);
    if (state.empty() || digest.isEmpty() || digest.equals(state.policyDigest())) {
      return;
    }
    try {
      append(new Entry.PolicyChanged(ports.policy().name(), state.policyDigest(), digest.get()));
      teller.tell(
          Event.Level.NORMAL, "PolicyChanged", "policy " + shortened(digest.get()) + " decides");
    } catch (AuditException e) {
      teller.trouble("RecordFailed", "a change of policy can't be recorded: " + e.getMessage());
    }
  }

  private static String shortened(String digest) {
    return digest.substring(0, Math.min(12, digest.length()));
  }

  private void open() {
    if (ports.audit().state(name).empty()) {
      append(new Entry.Opened(Entry.Opened.FORMAT, ports.ids().get(), ports.platform().name()));
      notePolicy();
    }
  }

  private void append(Entry entry) {
    ports.audit().append(Optional.of(name), entry);
  }
}
