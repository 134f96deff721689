package dev.swiftdeploy.core.status;

import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.loop.ReleaseLoop;
import dev.swiftdeploy.core.loop.Told;
import dev.swiftdeploy.core.plan.Admitted;
import dev.swiftdeploy.core.plan.Refusal;
import dev.swiftdeploy.core.plan.StableRelease;
import dev.swiftdeploy.core.plan.Standing;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.spec.Spec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Makes the status out of what a tick saw. Pure. */
public final class StatusProjector {
  /** The reason while the platform can't do what is planned; the message says what fails. */
  public static final String PLATFORM_FAILED = "PlatformFailed";

  private StatusProjector() {}

  /**
   * Projects.
   *
   * @param engine the policy engine's name
   * @param head where the chain ends
   */
  public static Status project(
      ReleaseLoop.View view, String platform, String engine, Chain.Head head) {
    State state = view.state();
    Spec spec = view.desired().spec();
    Admitted admitted = state.admitted();
    boolean serves = admitted.stable().isPresent() && view.observation().route().isPresent();
    return new Status(
        view.desired().resource().name().value(),
        state.uid(),
        state.platform().orElse(platform),
        view.desired().generation(),
        state.generation(),
        view.desired().specDigest(),
        conditions(view),
        spec.services().mode().word(),
        spec.services().version().value(),
        serves ? admitted.proxy().map(p -> "http://127.0.0.1:" + p.port() + "/") : Optional.empty(),
        view.stable().map(side -> Tracks.stable(side)),
        view.candidate().map(side -> Tracks.candidate(side, spec, state)),
        workloads(view.observation(), state),
        route(view.observation()),
        underWay(state),
        new Status.NextStep(
            view.plan().rule(),
            view.plan().why(),
            view.plan().step().text(),
            openAnswer(view).map(a -> Decisions.of(a, state))),
        lastDecided(view).map(d -> Decisions.of(d, state)),
        decisions(state),
        refused(state),
        rollbackTo(state),
        new Status.PolicyStatus(
            engine, view.policy().digest(), view.policy().verified(), view.policy().problem()),
        new Status.ChainStatus(
            head.seq(),
            head.hash(),
            view.damage().map(d -> "line " + d.line() + ": " + d.message())));
  }

  private static Optional<Entry.Decided> lastDecided(ReleaseLoop.View view) {
    return view.lastDecided().or(() -> view.state().lastReview().map(State.Review::decided));
  }

  static Optional<Status.RouteStatus> route(Observation observation) {
    return observation
        .route()
        .map(
            r ->
                new Status.RouteStatus(
                    r.running(),
                    r.current(),
                    r.draining(),
                    r.route().map(Route::label),
                    r.detail()));
  }

  static Optional<Status.UnderWayStatus> underWay(State state) {
    return state
        .underWay()
        .map(u -> new Status.UnderWayStatus(u.decisionId(), u.transition().label(), u.since()));
  }

  static List<Status.DecisionStatus> decisions(State state) {
    return state.decisions().stream().map(r -> Decisions.of(r.decided(), state)).toList();
  }

  static List<Refusal> refused(State state) {
    return state.refused().values().stream()
        .sorted(Comparator.comparing((Refusal r) -> r.release()))
        .toList();
  }

  static Optional<String> rollbackTo(State state) {
    return state.earlier().stream()
        .filter(r -> !state.refused().containsKey(r.id()))
        .findFirst()
        .map(StableRelease::label);
  }

  /** Wanted is what serves by what was admitted, and what is being brought about. */
  static List<Status.WorkloadStatus> workloads(Observation observation, State state) {
    List<Status.WorkloadStatus> out = new ArrayList<>();
    List<Backend> wanted = new ArrayList<>(state.admitted().backends());
    state.underWay().ifPresent(u -> wanted.addAll(u.transition().after().backends()));
    for (ObservedWorkload there : observation.workloads()) {
      int replicas =
          wanted.stream()
              .filter(b -> b.workload().equals(there.workload()))
              .mapToInt(Backend::replicas)
              .max()
              .orElse(0);
      out.add(
          new Status.WorkloadStatus(
              there.workload().name(),
              replicas,
              there.healthy(Integer.MAX_VALUE),
              there.instances().stream().map(StatusProjector::instance).toList()));
    }
    return out;
  }

  private static Status.InstanceStatus instance(Instance instance) {
    return new Status.InstanceStatus(
        instance.slot(),
        instance.state().name().toLowerCase(Locale.ROOT),
        instance.address(),
        instance.restarts(),
        instance.detail());
  }

  private static List<Condition> conditions(ReleaseLoop.View view) {
    Standing standing = view.damage().isPresent() ? Standing.STALLED : view.plan().condition();
    Optional<Entry.Decided> asked = openAnswer(view);
    Optional<Verdict> verdict = asked.map(Entry.Decided::verdict);
    boolean unavailable = verdict.equals(Optional.of(Verdict.UNAVAILABLE));
    boolean denied = verdict.equals(Optional.of(Verdict.DENIED));
    String reason =
        view.damage().isPresent()
            ? "AuditDamaged"
            : unavailable || denied
                ? Told.reason(asked.orElseThrow())
                : standing == Standing.UNKNOWN
                        || (standing == Standing.RECONCILING && view.trouble().isPresent())
                    ? PLATFORM_FAILED
                    : camel(view.plan().rule());
    String message =
        view.damage()
            .map(d -> "the audit chain is damaged at line " + d.line() + ": " + d.message())
            .or(() -> asked.filter(a -> a.verdict() != Verdict.ALLOWED).map(Told::verdict))
            .or(view::trouble)
            .orElse(view.plan().why());
    // One of the three at most: tools that wait go by whichever they know. What policy denies of a
    // candidate that is held for a person takes nothing from what is declared; an answer that is
    // missing does, as the candidate goes when it is missing for long.
    boolean stalled = standing == Standing.STALLED || standing == Standing.BLOCKED || unavailable;
    boolean ready = standing == Standing.READY && !stalled;
    boolean reconciling = !ready && !stalled;
    List<Condition> out = new ArrayList<>();
    out.add(
        standing == Standing.UNKNOWN
            ? new Condition("Ready", Condition.Status.UNKNOWN, reason, message)
            : condition("Ready", ready, reason, message));
    out.add(condition("Reconciling", reconciling, reason, message));
    out.add(condition("Stalled", stalled, reason, message));
    out.add(admitted(view, asked, reason, message));
    return List.copyOf(out);
  }

  private static Condition admitted(
      ReleaseLoop.View view, Optional<Entry.Decided> asked, String reason, String message) {
    boolean refused = view.plan().rule().equals("refused");
    boolean open = asked.filter(a -> a.verdict() != Verdict.ALLOWED).isPresent();
    Optional<Entry.Decided> last = lastDecided(view);
    if (last.isEmpty()) {
      return new Condition(
          "Admitted", Condition.Status.UNKNOWN, "NotAsked", "policy was not asked");
    }
    if (open || refused) {
      return new Condition(
          "Admitted",
          Condition.Status.FALSE,
          open ? asked.map(Told::admission).orElse(reason) : reason,
          message);
    }
    return new Condition(
        "Admitted",
        last.get().verdict() == Verdict.ALLOWED ? Condition.Status.TRUE : Condition.Status.FALSE,
        Told.admission(last.get()),
        Told.verdict(last.get()));
  }

  /** The answer to what the plan proposes now, if it was asked. */
  private static Optional<Entry.Decided> openAnswer(ReleaseLoop.View view) {
    if (!(view.plan().step() instanceof dev.swiftdeploy.core.plan.Step.Propose propose)) {
      return Optional.empty();
    }
    return lastDecided(view).filter(d -> d.transition().key().equals(propose.transition().key()));
  }

  private static Condition condition(String type, boolean is, String reason, String message) {
    return new Condition(
        type, is ? Condition.Status.TRUE : Condition.Status.FALSE, reason, message);
  }

  private static String camel(String rule) {
    StringBuilder out = new StringBuilder();
    for (String word : rule.split("-", -1)) {
      out.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
    }
    return out.toString();
  }
}
