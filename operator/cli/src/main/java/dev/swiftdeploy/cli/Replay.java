package dev.swiftdeploy.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.DecisionParser;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Verdict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Past decisions, asked again: the recorded input is given to an engine, and its answer is held
 * against the recorded one. A decision that rests on a grant, or that could not be had, was no
 * answer of policy and is left out; so is one of a foreign OPA whose policy is not here.
 */
final class Replay {
  /**
   * One decision and what it would be.
   *
   * @param resource whose chain it is in, in a cluster
   * @param seq of the record
   * @param was the recorded verdict
   * @param wouldBe the verdict now
   * @param why the first violation that blocks, before or now, or why there is no answer
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Difference(
      Optional<String> resource,
      long seq,
      String decision,
      String at,
      String transition,
      Verdict was,
      Verdict wouldBe,
      Optional<String> why) {}

  /**
   * What came of it.
   *
   * @param replayed decisions that were asked again
   * @param unanswered that were recorded without an answer, or rest on a grant
   * @param foreign of a foreign OPA, whose policy is not here
   * @param unknown whose policy should be there and is not: seq and digest
   * @param flips that would have another verdict
   * @param documents that have the same verdict in another document
   */
  record Result(
      int replayed,
      int unanswered,
      int foreign,
      List<String> unknown,
      List<Difference> flips,
      List<Difference> documents) {}

  private final Function<Entry.Decided, Optional<PolicyEngine>> engines;
  private final List<String> unknown = new ArrayList<>();
  private final List<Difference> flips = new ArrayList<>();
  private final List<Difference> documents = new ArrayList<>();
  private Optional<String> of = Optional.empty();
  private int replayed;
  private int unanswered;
  private int foreign;

  private Replay(Function<Entry.Decided, Optional<PolicyEngine>> engines) {
    this.engines = engines;
  }

  /**
   * Asks again.
   *
   * @param engines what a decision is asked of; empty where that can't be had
   */
  static Result of(List<Chained> chains, Function<Entry.Decided, Optional<PolicyEngine>> engines)
      throws IOException {
    Replay replay = new Replay(engines);
    for (Chained chain : chains) {
      replay.of = chain.of();
      chain.readWhole(replay::accept);
    }
    return new Result(
        replay.replayed,
        replay.unanswered,
        replay.foreign,
        List.copyOf(replay.unknown),
        List.copyOf(replay.flips),
        List.copyOf(replay.documents));
  }

  private void accept(AuditRecord record) {
    if (!(record.entry() instanceof Entry.Decided decided)) {
      return;
    }
    if (decided.input().isEmpty() || decided.verdict() == Verdict.UNAVAILABLE) {
      unanswered++;
      return;
    }
    Optional<PolicyEngine> engine = engines.apply(decided);
    if (engine.isEmpty() && !decided.policy().verified()) {
      foreign++;
      return;
    }
    if (engine.isEmpty()) {
      unknown.add(
          record.seq()
              + of.map(name -> " of " + name).orElse("")
              + ": "
              + decided.policy().digest().orElse("no policy"));
      return;
    }
    replayed++;
    compare(record, decided, engine.get().evaluate(decided.decisionId(), decided.input().get()));
  }

  private void compare(AuditRecord record, Entry.Decided decided, Answer answer) {
    Optional<JsonNode> document =
        answer instanceof Answer.Document d ? Optional.of(d.result()) : Optional.empty();
    Optional<Decision> decision = document.flatMap(Replay::decision);
    Verdict verdict =
        decision.map(d -> d.allow() ? Verdict.ALLOWED : Verdict.DENIED).orElse(Verdict.UNAVAILABLE);
    Difference difference =
        new Difference(
            of,
            record.seq(),
            decided.decisionId(),
            record.ts().toString(),
            decided.transition().label(),
            decided.verdict(),
            verdict,
            why(decided, decision, answer));
    if (verdict != decided.verdict()) {
      flips.add(difference);
    } else if (!same(decided.result(), document)) {
      documents.add(difference);
    }
  }

  private static boolean same(Optional<JsonNode> a, Optional<JsonNode> b) {
    return a.isPresent() && b.isPresent() && a.get().equals(Replay::byValue, b.get());
  }

  private static Optional<Decision> decision(JsonNode document) {
    return DecisionParser.parse(document) instanceof DecisionParser.Parsed parsed
        ? Optional.of(parsed.decision())
        : Optional.empty();
  }

  private static Optional<String> why(
      Entry.Decided decided, Optional<Decision> now, Answer answer) {
    if (answer instanceof Answer.NoAnswer none) {
      return Optional.of(none.unavailability().message());
    }
    return now.flatMap(Replay::blocks).or(() -> decided.decision().flatMap(Replay::blocks));
  }

  private static Optional<String> blocks(Decision decision) {
    return decision.blocking().stream().findFirst().map(Violation::message);
  }

  /** 1.0 and 1 are the same number. */
  private static int byValue(JsonNode a, JsonNode b) {
    return a.isNumber() && b.isNumber()
        ? a.decimalValue().compareTo(b.decimalValue())
        : a.equals(b) ? 0 : 1;
  }
}
