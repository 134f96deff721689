package dev.swiftdeploy.core.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.Grant;
import dev.swiftdeploy.core.admission.GrantCause;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.plan.Admitted;
import dev.swiftdeploy.core.plan.Candidate;
import dev.swiftdeploy.core.plan.Cause;
import dev.swiftdeploy.core.plan.Refusal;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.plan.StableRelease;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.Contact;
import dev.swiftdeploy.core.spec.HeaderName;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Entries of every type, made up from a seed: the same seed gives the same entries. */
public final class Entries {
  private static final String[] TEXTS = {
    "plain",
    "",
    "two\nlines",
    "\"quoted\" \\ back",
    "ü ☃ 𝄞 \uFFFD",
    "a | b `c` <d>",
    "\u0000\u001f\u2028",
  };

  private final Random random;

  private Entries(Random random) {
    this.random = random;
  }

  /** One or more of each type; with all that may be left out, and without. */
  public static List<Entry> all(long seed) {
    Entries of = new Entries(new Random(seed));
    List<Entry> out = new ArrayList<>();
    out.add(new Entry.Opened(Entry.Opened.FORMAT, of.text(), "process"));
    for (Request.Kind kind : Request.Kind.values()) {
      out.add(new Entry.Requested(of.request(kind)));
    }
    for (TransitionKind kind : TransitionKind.values()) {
      for (Verdict verdict : Verdict.values()) {
        out.add(of.decided(kind, verdict));
      }
    }
    out.add(new Entry.Applied("d-1"));
    out.add(
        new Entry.Failed(
            Optional.of("d-1"),
            Optional.empty(),
            "Unhealthy",
            of.text(),
            Optional.of(of.refusal())));
    out.add(
        new Entry.Failed(
            Optional.empty(), Optional.of("r-1"), "RequestUnusable", of.text(), Optional.empty()));
    out.add(new Entry.Repaired(List.of(of.text(), of.text()), List.of(), "d-1"));
    out.add(new Entry.Sampled(of.object()));
    out.add(new Entry.PolicyChanged("embedded", of.maybe(of.text()), of.text()));
    out.add(new Entry.Stopped(of.text()));
    out.add(new Entry.Started(of.random.nextLong(), "0.1.0", of.actor()));
    out.add(new Entry.Recovered(of.random.nextInt(1000), "history.jsonl.torn-7-12"));
    out.add(
        new Entry.Pruned(
            of.actor(),
            Instant.parse("2026-01-01T00:00:00Z"),
            9,
            List.of(
                new Entry.Removed("1.gz", 1, 3, "3:" + "7".repeat(64)),
                new Entry.Removed("2.gz", 4, 8, "8:" + "8".repeat(64)))));
    return out;
  }

  private Entry.Decided decided(TransitionKind kind, Verdict verdict) {
    boolean granted = verdict == Verdict.ALLOWED && random.nextBoolean();
    Optional<JsonNode> result =
        verdict == Verdict.UNAVAILABLE || granted
            ? Optional.empty()
            : Optional.of(decision(verdict == Verdict.ALLOWED).json());
    return new Entry.Decided(
        "d-" + random.nextInt(100),
        transition(kind),
        random.nextBoolean(),
        verdict,
        random.nextInt(9),
        "5".repeat(64),
        actor(),
        new PolicyRef("embedded", maybe("6".repeat(64)), random.nextBoolean()),
        granted ? Optional.empty() : Optional.of(object()),
        result,
        verdict == Verdict.UNAVAILABLE ? Optional.of(unavailable()) : Optional.empty(),
        granted ? Optional.of("d-0") : Optional.empty(),
        random.nextInt(20),
        random.nextInt(20));
  }

  private Decision decision(boolean allow) {
    Violation violation =
        new Violation(
            "latency_too_high",
            "Latency too high: p99 812 ms, at most 500 ms",
            "canary",
            allow ? Violation.Severity.WARNING : Violation.Severity.BLOCK,
            JsonNodeFactory.instance.numberNode(812),
            TextNode.valueOf("500"));
    Grant grant =
        new Grant(
            random.nextBoolean() ? TransitionKind.ROLLBACK : TransitionKind.TEARDOWN,
            id(),
            maybe(id()),
            EnumSet.of(GrantCause.values()[random.nextInt(GrantCause.values().length)]),
            maybe(Duration.ofSeconds(60)));
    return new Decision(
        allow,
        List.of(violation),
        random.nextBoolean(),
        !allow,
        allow ? List.of(grant) : List.of());
  }

  private Unavailability unavailable() {
    Unavailability.Kind[] kinds = Unavailability.Kind.values();
    return new Unavailability(kinds[random.nextInt(kinds.length)], text(), text());
  }

  private Transition transition(TransitionKind kind) {
    return new Transition(
        kind,
        Cause.values()[random.nextInt(Cause.values().length)],
        maybe(id()),
        maybe(id()),
        maybe(random.nextInt(4)),
        maybe(random.nextInt(101)),
        random.nextBoolean(),
        Duration.ofMillis(random.nextInt(100_000)),
        maybe(refusal()),
        maybe("r-1"),
        admitted());
  }

  private Admitted admitted() {
    if (random.nextInt(4) == 0) {
      return Admitted.NOTHING;
    }
    StableRelease stable =
        new StableRelease(
            id(),
            Version.of("1.0." + random.nextInt(9)),
            1 + random.nextInt(4),
            random.nextBoolean() ? Mode.STABLE : Mode.CANARY,
            Duration.ofSeconds(60));
    Candidate candidate =
        new Candidate(
            id(),
            Version.of("2.0." + random.nextInt(9)),
            1 + random.nextInt(4),
            random.nextInt(3),
            random.nextInt(101),
            Duration.ofSeconds(60));
    return new Admitted(Optional.of(stable), maybe(candidate), Optional.of(settings()));
  }

  private ProxySettings settings() {
    return new ProxySettings(
        "demo",
        ImageReference.of("nginx:1.28"),
        Port.of(1 + random.nextInt(65535)),
        Duration.ofSeconds(30),
        Duration.ofMillis(1500),
        maybe(Contact.of("ops@example.com")),
        maybe(HeaderName.of("X-SwiftDeploy-Mode")),
        new Spec.Network(ResourceName.of("swiftdeploy-net"), ResourceName.of("bridge")));
  }

  private Request request(Request.Kind kind) {
    return new Request("r-" + random.nextInt(100), kind, text(), text(), maybe(id()));
  }

  private Refusal refusal() {
    return new Refusal(id(), "Unhealthy", text());
  }

  private Actor actor() {
    return new Actor(text(), "command", random.nextBoolean());
  }

  /** A document as evidence is. */
  private ObjectNode object() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("text", text());
    node.put("count", random.nextInt());
    node.putNull("missing");
    node.putObject("nested").putArray("list").add(random.nextBoolean()).add(text());
    return node;
  }

  private ReleaseId id() {
    return ReleaseId.of(String.format("%012x", random.nextLong() & 0xffffffffffffL));
  }

  private String text() {
    return TEXTS[random.nextInt(TEXTS.length)];
  }

  private <T> Optional<T> maybe(T value) {
    return random.nextBoolean() ? Optional.of(value) : Optional.empty();
  }
}
