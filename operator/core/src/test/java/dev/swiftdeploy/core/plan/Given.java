package dev.swiftdeploy.core.plan;

import static dev.swiftdeploy.core.spec.SpecOf.id;
import static dev.swiftdeploy.core.spec.SpecOf.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.Grant;
import dev.swiftdeploy.core.admission.GrantCause;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.PolicyRef;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.audit.StateFold;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.loop.Desires;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedRoute;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Resolution;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.SpecOf;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * What a planner's test starts from: a history of records, told in its order, then what is declared
 * now, then what is seen. Releases are letters. What is seen is, until said otherwise, what was
 * admitted, all well.
 */
final class Given {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Actor ACTOR = new Actor("kim", "spec", true);

  /** What specs resolve to; to resolve takes longer than to plan. */
  private static final Map<SpecOf, Desired> DESIRED = new ConcurrentHashMap<>();

  private final StateFold fold = new StateFold();
  private final List<AuditRecord> records = new ArrayList<>();
  private Chain.Head head = Chain.Head.START;
  private Instant now = START;
  private Optional<State> told = Optional.empty();
  private int decisions;
  private boolean grants = true;

  private SpecOf spec = SpecOf.release("A");
  private boolean deleted;
  private boolean unresolved;
  private Optional<String> trouble = Optional.empty();

  private boolean looked;
  private final SortedMap<Workload, SortedMap<Integer, Instance>> seen = new TreeMap<>();
  private Optional<ObservedRoute> route = Optional.empty();

  static Given given() {
    return new Given();
  }

  /** A history told already, to look at and to declare something for. */
  static Given given(State state, Instant now) {
    Given given = new Given();
    given.told = Optional.of(state);
    given.now = now;
    return given;
  }

  // ---- the spec ----

  Given spec(String letter) {
    spec = spec.to(letter);
    return this;
  }

  Given spec(UnaryOperator<SpecOf> change) {
    spec = change.apply(spec);
    return this;
  }

  Given mode(Mode mode) {
    return spec(s -> s.mode(mode));
  }

  Given steps(int... weights) {
    return spec(s -> s.steps(weights));
  }

  Given replicas(int count) {
    return spec(s -> s.replicas(count));
  }

  Given port(int number) {
    return spec(s -> s.port(number));
  }

  Given paused() {
    return spec(s -> s.paused(true));
  }

  Given deleted() {
    deleted = true;
    return this;
  }

  Given unresolved() {
    unresolved = true;
    return this;
  }

  Given trouble(String what) {
    trouble = Optional.of(what);
    return this;
  }

  // ---- the history ----

  Given after(Duration time) {
    now = now.plus(time);
    return this;
  }

  Given after(long seconds) {
    return after(Duration.ofSeconds(seconds));
  }

  /** From now on policy grants no retreats. */
  Given withoutGrants() {
    grants = false;
    return this;
  }

  /** That release was deployed, with the settings that the spec has now. */
  Given stable(String letter) {
    return spec(letter).deploying(letter).applied();
  }

  /** That release is on its way beside the stable one, at a step (from 0). */
  Given candidate(String letter, int step) {
    spec(letter).startingCanary(letter).applied();
    for (int i = 0; i < step; i++) {
      advancing().applied();
    }
    return this;
  }

  Given deploying(String letter) {
    SpecOf of = spec.to(letter);
    return admitted(Proposals.deploy(desired(of), of.release(), state()));
  }

  Given startingCanary(String letter) {
    SpecOf of = spec.to(letter);
    return admitted(Proposals.canary(desired(of), of.release(), state()));
  }

  Given advancing() {
    return admitted(Proposals.advance(desired(), state()));
  }

  Given promoting() {
    return admitted(Proposals.promote(desired(), state(), Cause.SPEC, false));
  }

  Given rollingBackCandidate(Cause cause) {
    Candidate candidate = state().admitted().candidate().orElseThrow();
    Optional<Refusal> refuses =
        cause == Cause.SPEC || cause == Cause.UNAVAILABLE_FOR
            ? Optional.empty()
            : Optional.of(new Refusal(candidate.id(), "Tested", "a test says so"));
    return admitted(Proposals.rollbackCandidate(state(), cause, refuses));
  }

  Given rollingBackStable() {
    StableRelease earlier = state().earlier().get(0);
    ReleaseId present = state().admitted().stable().orElseThrow().id();
    Request request = request(Request.Kind.ROLLBACK, Optional.empty());
    append(new Entry.Requested(request));
    return admitted(
        Proposals.rollbackStable(
            state(), earlier, new Refusal(present, "RolledBack", "rolled back by kim"), request));
  }

  /** The settings that the spec has now are on their way. */
  Given configuring() {
    Desired desired = desired();
    return admitted(Proposals.configure(desired, state(), Proposals.configured(desired, state())));
  }

  Given tearingDown() {
    return admitted(Proposals.teardown(state(), Cause.PERSON, Optional.empty()));
  }

  /** The retreat from what failed is on its way. */
  Given retreating(Cause cause) {
    return admitted(
        Proposals.retreat(
            state(),
            state().retreatDue().orElseThrow(),
            cause,
            desired().release().map(Release::id)));
  }

  Given applied() {
    return append(new Entry.Applied(state().underWay().orElseThrow().decisionId()));
  }

  /** What was under way was given up; with {@code Unhealthy} its release is refused. */
  Given failed(String reason) {
    State.UnderWay under = state().underWay().orElseThrow();
    Optional<Refusal> refuses =
        reason.equals("Unhealthy") && under.transition().kind() != TransitionKind.CONFIGURE
            ? under.transition().to().map(id -> new Refusal(id, reason, "never got healthy"))
            : Optional.empty();
    return append(
        new Entry.Failed(
            Optional.of(under.decisionId()), Optional.empty(), reason, "it is said", refuses));
  }

  Given refused(String letter) {
    return append(
        new Entry.Failed(
            Optional.empty(),
            Optional.empty(),
            "Tested",
            "a test says so",
            Optional.of(new Refusal(id(letter), "Tested", "a test says so"))));
  }

  Given asked(Request.Kind kind) {
    return append(new Entry.Requested(request(kind, Optional.empty())));
  }

  Given askedRetry(String letter) {
    return append(new Entry.Requested(request(Request.Kind.RETRY, Optional.of(id(letter)))));
  }

  Given dismissed() {
    return append(
        new Entry.Failed(
            Optional.empty(),
            state().request().map(Request::id),
            "RequestUnusable",
            "it is said",
            Optional.empty()));
  }

  private Request request(Request.Kind kind, Optional<ReleaseId> release) {
    return new Request("r-" + (records.size() + 1), kind, "kim", "", release);
  }

  /** Policy was asked about the candidate's next step, and denied it. */
  Given denied(boolean rollback, String... messages) {
    List<Violation> violations = new ArrayList<>();
    for (String message : messages) {
      violations.add(
          new Violation(
              "tested",
              message,
              "canary",
              Violation.Severity.BLOCK,
              TextNode.valueOf("1"),
              TextNode.valueOf("0")));
    }
    return review(
        Verdict.DENIED, Optional.of(new Decision(false, violations, rollback, true, List.of())));
  }

  Given unavailable() {
    return review(Verdict.UNAVAILABLE, Optional.empty());
  }

  private Given review(Verdict verdict, Optional<Decision> decision) {
    Transition next =
        state().admitted().candidate().isPresent()
            ? Proposals.promote(desired(), state(), Cause.SPEC, false)
            : Proposals.deploy(desired(), spec.release(), state());
    return append(decided(next, false, verdict, decision.map(Decision::json), Optional.empty()));
  }

  Given stopped() {
    return append(new Entry.Stopped("kim"));
  }

  Given restarted() {
    return append(new Entry.Started(7, "0.1", ACTOR));
  }

  private Given admitted(Transition transition) {
    if (state().empty()) {
      append(new Entry.Opened(Entry.Opened.FORMAT, "u-1", "fake"));
    }
    Decision decision =
        new Decision(true, List.of(), false, false, grants ? grants(transition) : List.of());
    return append(
        decided(transition, true, Verdict.ALLOWED, Optional.of(decision.json()), Optional.empty()));
  }

  private Entry.Decided decided(
      Transition transition,
      boolean enact,
      Verdict verdict,
      Optional<? extends JsonNode> result,
      Optional<String> grantedBy) {
    return new Entry.Decided(
        "d-" + ++decisions,
        transition,
        enact,
        verdict,
        1,
        desired().specDigest(),
        ACTOR,
        new PolicyRef("fake", Optional.of("p1"), true),
        Optional.empty(),
        result.map(JsonNode.class::cast),
        verdict == Verdict.UNAVAILABLE
            ? Optional.of(new Unavailability(Unavailability.Kind.UNREACHABLE, "down", "up"))
            : Optional.empty(),
        grantedBy,
        verdict == Verdict.DENIED ? 1 : 0,
        0);
  }

  /** What SwiftDeploy's own policy grants. */
  static List<Grant> grants(Transition transition) {
    boolean bringsIn =
        transition.kind() == TransitionKind.DEPLOY
            || transition.kind() == TransitionKind.CANARY
            || (transition.kind() == TransitionKind.ROLLBACK
                && transition.request().isPresent()
                && transition.after().candidate().isEmpty()
                && transition.refuses().map(Refusal::release).equals(transition.from()));
    if (!bringsIn) {
      return List.of();
    }
    List<Grant> out = new ArrayList<>();
    out.add(
        new Grant(
            TransitionKind.ROLLBACK,
            transition.to().orElseThrow(),
            transition.from(),
            EnumSet.allOf(GrantCause.class),
            Optional.of(Duration.ofSeconds(60))));
    if (transition.kind() == TransitionKind.DEPLOY) {
      out.add(
          new Grant(
              TransitionKind.TEARDOWN,
              transition.to().orElseThrow(),
              Optional.empty(),
              EnumSet.of(GrantCause.PERSON, GrantCause.SPEC),
              Optional.empty()));
    }
    return out;
  }

  private Given append(Entry entry) {
    AuditRecord record = Chain.seal(head, now, Optional.of(SpecOf.DEMO), entry);
    head = new Chain.Head(record.seq(), record.hash());
    records.add(record);
    fold.accept(record);
    return this;
  }

  State state() {
    return told.orElseGet(fold::state);
  }

  Desired desired() {
    return desired(spec);
  }

  private Desired desired(SpecOf of) {
    Desired resolved = DESIRED.computeIfAbsent(of, Given::resolve);
    if (!unresolved && !deleted) {
      return resolved;
    }
    Resolution resolution =
        unresolved
            ? new Resolution.Unresolved("app.jar is not there", "build it")
            : resolved.resolution();
    return new Desired(resolved.resource(), 1, resolved.specDigest(), resolution, deleted);
  }

  private static Desired resolve(SpecOf of) {
    return new Desired(
        of.resource(), 1, Desires.digest(of.spec()), new Resolution.Resolved(of.release()), false);
  }

  // ---- what is seen ----

  /** What was admitted, all well; the other verbs change it. */
  private void look() {
    if (!looked) {
      looked = true;
      all(state().admitted());
      route = state().admitted().route().map(r -> routed(r));
    }
  }

  private void all(Admitted admitted) {
    for (Backend backend : admitted.backends()) {
      for (int slot = 0; slot < backend.replicas(); slot++) {
        put(backend.workload(), instance(slot, Instance.State.HEALTHY, Optional.empty()));
      }
    }
  }

  private static ObservedRoute routed(Route route) {
    return new ObservedRoute(true, Optional.of(route), true, false, Optional.empty());
  }

  private void put(Workload workload, Instance instance) {
    seen.computeIfAbsent(workload, w -> new TreeMap<>()).put(instance.slot(), instance);
  }

  private Instance instance(int slot, Instance.State state, Optional<Instant> since) {
    return new Instance(slot, state, Optional.of("127.0.0.1:3000"), 0, since, Optional.empty());
  }

  /** Nothing at all is there. */
  Given nothingThere() {
    looked = true;
    seen.clear();
    route = Optional.empty();
    return this;
  }

  Given healthy(String workload, int slot) {
    return seen(workload, slot, Instance.State.HEALTHY);
  }

  Given starting(String workload, int slot) {
    return unhealthy(workload, slot, 1);
  }

  Given exited(String workload, int slot) {
    return seen(workload, slot, Instance.State.EXITED);
  }

  Given backingOff(String workload, int slot) {
    return seen(workload, slot, Instance.State.BACKING_OFF);
  }

  Given completed(String workload, int slot) {
    return seen(workload, slot, Instance.State.COMPLETED);
  }

  /** Runs, and its checks fail for so many seconds. */
  Given unhealthy(String workload, int slot, long seconds) {
    look();
    put(
        workload(workload),
        instance(slot, Instance.State.UNHEALTHY, Optional.of(now.minusSeconds(seconds))));
    return this;
  }

  private Given seen(String workload, int slot, Instance.State state) {
    look();
    put(workload(workload), instance(slot, state, Optional.empty()));
    return this;
  }

  Given gone(String workload) {
    look();
    seen.remove(workload(workload));
    return this;
  }

  /** The proxy routes as what is under way wants it, whose workloads are healthy. */
  Given switched() {
    look();
    Admitted after = state().underWay().orElseThrow().transition().after();
    all(after);
    route = after.route().map(Given::routed);
    return this;
  }

  /** What is under way has all it needs; the route is as it was. */
  Given proven() {
    look();
    all(state().underWay().orElseThrow().transition().after());
    return this;
  }

  Given draining() {
    return route(r -> new ObservedRoute(r.running(), r.route(), r.current(), true, r.detail()));
  }

  Given noProxy() {
    look();
    route = Optional.empty();
    return this;
  }

  Given proxyStopped() {
    return route(
        r -> new ObservedRoute(false, r.route(), r.current(), false, Optional.of("exited with 1")));
  }

  Given proxyEdited() {
    return route(
        r -> new ObservedRoute(r.running(), Optional.empty(), false, false, Optional.empty()));
  }

  Given proxyStale() {
    return route(r -> new ObservedRoute(r.running(), r.route(), false, r.draining(), r.detail()));
  }

  private Given route(UnaryOperator<ObservedRoute> change) {
    look();
    route = route.map(change);
    return this;
  }

  Observation observation() {
    look();
    List<ObservedWorkload> workloads = new ArrayList<>();
    for (Map.Entry<Workload, SortedMap<Integer, Instance>> e : seen.entrySet()) {
      workloads.add(new ObservedWorkload(e.getKey(), List.copyOf(e.getValue().values())));
    }
    return new Observation(workloads, route);
  }

  // ---- the plan ----

  Instant now() {
    return now;
  }

  PlanInput input() {
    Instant watchedSince = state().startedAt().orElse(Instant.EPOCH);
    return new PlanInput(desired(), state(), observation(), trouble, watchedSince, now);
  }

  Plan plan() {
    return Planner.plan(input());
  }

  /** The plan as text, with letters for release ids. */
  String planned() {
    return SpecOf.lettered(plan().render());
  }
}
