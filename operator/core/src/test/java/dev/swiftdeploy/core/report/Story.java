package dev.swiftdeploy.core.report;

import static dev.swiftdeploy.core.spec.SpecOf.id;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.PolicyRef;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.plan.Admitted;
import dev.swiftdeploy.core.plan.Candidate;
import dev.swiftdeploy.core.plan.Cause;
import dev.swiftdeploy.core.plan.Refusal;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.plan.StableRelease;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.SpecOf;
import dev.swiftdeploy.core.spec.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A chain to be read: release A serves, B is tried as a canary, is too slow, and policy orders it
 * back. Whatever may come from outside is the text that it is made with.
 */
final class Story {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final ProxySettings PROXY = ProxySettings.of("demo", SpecOf.release("A").spec());

  final List<AuditRecord> records = new ArrayList<>();
  Chain.Head head = Chain.Head.START;
  Instant now = Instant.parse("2026-01-02T03:04:05Z");

  private final String outside;
  private int decisions;

  private Story(String outside) {
    this.outside = outside;
  }

  static Story of(String outside) {
    Story story = new Story(outside);
    story.deployed();
    story.tried();
    story.rolledBack();
    return story;
  }

  /** Until the candidate serves half of the traffic, and no further. */
  static Story untilHalf() {
    Story story = new Story("too slow");
    story.deployed();
    story.tried();
    return story;
  }

  private void deployed() {
    take(new Entry.Opened(Entry.Opened.FORMAT, "u-1", "process"));
    take(new Entry.Started(4711, "0.1.0", new Actor(outside, "command", false)));
    take(new Entry.PolicyChanged("embedded", Optional.empty(), "6".repeat(64)));
    Transition deploy = to(TransitionKind.DEPLOY, only(), Optional.empty());
    decide(deploy, true, Verdict.DENIED, 0, disk());
    after(90);
    String allowed = decide(deploy, true, Verdict.ALLOWED, 6);
    after(2);
    take(new Entry.Applied(allowed));
  }

  private void tried() {
    after(600);
    String canary =
        decide(to(TransitionKind.CANARY, with(10), Optional.empty()), true, Verdict.ALLOWED, 0);
    after(3);
    take(new Entry.Applied(canary));
    sample(10);
    after(5);
    sample(10);
    Transition advance = to(TransitionKind.ADVANCE, with(50), Optional.empty());
    decide(advance, false, Verdict.ALLOWED, 0);
    after(10);
    String half = decide(advance, true, Verdict.ALLOWED, 1);
    after(1);
    take(new Entry.Applied(half));
    sample(50);
  }

  private void rolledBack() {
    after(10);
    Transition promote = to(TransitionKind.PROMOTE, only(), Optional.empty());
    decide(promote, false, Verdict.UNAVAILABLE, 0);
    after(5);
    decide(promote, false, Verdict.DENIED, 0, slow());
    after(55);
    sample(50);
    take(
        new Entry.Requested(
            new Request("r-1", Request.Kind.ROLLBACK, outside, outside, Optional.empty())));
    Refusal refusal = new Refusal(id("B"), "PolicyOrderedRollback", outside);
    String back =
        decide(
            to(TransitionKind.ROLLBACK, only(), Optional.of(refusal)), true, Verdict.ALLOWED, 11);
    after(1);
    take(new Entry.Applied(back));
    take(new Entry.Repaired(List.of(outside), List.of(outside), back));
    take(
        new Entry.Failed(
            Optional.empty(), Optional.of("r-2"), "RequestUnusable", outside, Optional.empty()));
    take(new Entry.Recovered(17, outside));
    take(new Entry.Stopped(outside));
  }

  void after(long seconds) {
    now = now.plusSeconds(seconds);
  }

  void take(Entry entry) {
    AuditRecord record = Chain.seal(head, now, Optional.of(SpecOf.DEMO), entry);
    head = new Chain.Head(record.seq(), record.hash());
    records.add(record);
  }

  private void sample(int percent) {
    ObjectNode sample = JsonNodeFactory.instance.objectNode();
    sample
        .putObject("candidate")
        .put("workload", "canary-" + id("B"))
        .put("actual_weight", percent);
    take(new Entry.Sampled(sample));
  }

  private String decide(
      Transition transition, boolean enact, Verdict verdict, int repeated, Violation... found) {
    String decision = "d-" + ++decisions;
    Optional<JsonNode> result =
        verdict == Verdict.UNAVAILABLE
            ? Optional.empty()
            : Optional.of(
                new Decision(
                        verdict == Verdict.ALLOWED,
                        List.of(found),
                        found.length > 0 && found[0].code().equals("latency_too_high"),
                        found.length > 0,
                        List.of())
                    .json());
    take(
        new Entry.Decided(
            decision,
            transition,
            enact,
            verdict,
            1,
            "5".repeat(64),
            new Actor(outside, "spec", false),
            new PolicyRef("embedded", Optional.of("6".repeat(64)), true),
            Optional.of(JsonNodeFactory.instance.objectNode().put("time", now.toString())),
            result,
            verdict == Verdict.UNAVAILABLE
                ? Optional.of(new Unavailability(Unavailability.Kind.TIMEOUT, outside, outside))
                : Optional.empty(),
            Optional.empty(),
            found.length,
            repeated));
    return decision;
  }

  private Violation disk() {
    return new Violation(
        "disk_below_threshold",
        "Disk below threshold: 3.2 GB free, 10 GB required",
        "infrastructure",
        Violation.Severity.BLOCK,
        DoubleNode.valueOf(3.2),
        IntNode.valueOf(10));
  }

  private Violation slow() {
    return new Violation(
        "latency_too_high",
        outside.isBlank() ? "?" : outside,
        "canary",
        Violation.Severity.BLOCK,
        JsonNodeFactory.instance.textNode(outside),
        IntNode.valueOf(500));
  }

  private static StableRelease stable() {
    return new StableRelease(id("A"), Version.of("vA"), 1, Mode.STABLE, DEADLINE);
  }

  private static Admitted only() {
    return new Admitted(Optional.of(stable()), Optional.empty(), Optional.of(PROXY));
  }

  private static Admitted with(int weight) {
    return new Admitted(
        Optional.of(stable()),
        Optional.of(new Candidate(id("B"), Version.of("vB"), 1, weight / 50, weight, DEADLINE)),
        Optional.of(PROXY));
  }

  private static Transition to(TransitionKind kind, Admitted after, Optional<Refusal> refuses) {
    boolean aboutB = kind != TransitionKind.DEPLOY && kind != TransitionKind.ROLLBACK;
    return new Transition(
        kind,
        Cause.SPEC,
        kind == TransitionKind.ROLLBACK ? Optional.of(id("B")) : Optional.empty(),
        Optional.of(id(aboutB ? "B" : "A")),
        Optional.empty(),
        after.candidate().map(Candidate::weight),
        false,
        DEADLINE,
        refuses,
        Optional.empty(),
        after);
  }
}
