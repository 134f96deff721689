package dev.swiftdeploy.core.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.Grant;
import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.loop.Told;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Why a decision came out as it did, as text. */
public final class Explanation {
  private Explanation() {}

  /** Reads it out of a chain, record by record; keeps three of them. */
  public static final class Reader {
    private final String id;
    private Optional<AuditRecord> decision = Optional.empty();
    private Optional<AuditRecord> outcome = Optional.empty();
    private Optional<AuditRecord> next = Optional.empty();

    /** Of the decision of that id: its first record. */
    public Reader(String id) {
      this.id = id;
    }

    /** Takes the next record, oldest first. */
    public void take(AuditRecord record) {
      Entry entry = record.entry();
      if (entry instanceof Entry.Decided decided) {
        if (decision.isEmpty() && decided.decisionId().equals(id)) {
          decision = Optional.of(record);
        } else if (next.isEmpty()
            && decision.filter(d -> d.resource().equals(record.resource())).isPresent()) {
          next = Optional.of(record);
        }
      } else if (outcome.isEmpty() && ends(entry)) {
        outcome = Optional.of(record);
      }
    }

    private boolean ends(Entry entry) {
      return entry instanceof Entry.Applied applied
          ? applied.decisionId().equals(id)
          : entry instanceof Entry.Failed failed && failed.decisionId().equals(Optional.of(id));
    }

    /**
     * Renders the decision and what became of it.
     *
     * @param titles of the rules that found a violation, as the policy that judged has them
     * @return empty if there is no such decision
     */
    public Optional<String> text(Function<Violation, Optional<String>> titles) {
      return decision.map(d -> render(d, (Entry.Decided) d.entry(), outcome, next, titles));
    }
  }

  private static String render(
      AuditRecord record,
      Entry.Decided decided,
      Optional<AuditRecord> outcome,
      Optional<AuditRecord> next,
      Function<Violation, Optional<String>> titles) {
    StringBuilder out = new StringBuilder();
    out.append(Told.verdict(decided)).append('\n');
    row(out, "record", record.seq() + ", " + record.ts());
    row(
        out,
        "resource",
        record.resource().map(n -> n.value()).orElse("-") + ", generation " + decided.generation());
    row(
        out,
        "transition",
        decided.transition().label()
            + ", because of "
            + decided.transition().cause().word().replace('_', ' ')
            + (decided.enact() ? "" : " (reviewed only, not enacted)"));
    row(
        out,
        "actor",
        decided.actor().name()
            + " ("
            + decided.actor().source()
            + (decided.actor().verified() ? ", verified)" : ", not verified)"));
    row(
        out,
        "policy",
        decided.policy().engine()
            + decided.policy().digest().map(d -> " " + d).orElse("")
            + (decided.policy().verified() ? "" : ", unverified"));
    decided.grantedBy().ifPresent(by -> row(out, "granted by", by));
    for (Violation violation : decided.decision().map(Decision::violations).orElse(List.of())) {
      row(out, violation.blocks() ? "blocks" : "warns", violation.message());
      row(
          out,
          "",
          "rule "
              + violation.qualifiedCode()
              + titles.apply(violation).map(t -> ": " + t).orElse(""));
      row(
          out,
          "",
          "observed "
              + value(violation.observed())
              + ", threshold "
              + value(violation.threshold()));
    }
    if (decided.decision().map(Decision::rollback).orElse(false)) {
      row(out, "orders", "rollback of the candidate");
    }
    if (decided.failedReviews() > 0 && decided.grantedBy().isEmpty()) {
      row(out, "reviews", decided.failedReviews() + " failed in a row, this one included");
    }
    for (Grant grant : decided.decision().map(Decision::grants).orElse(List.of())) {
      row(
          out,
          "grants",
          grant.kind().word()
              + " of "
              + grant.subject()
              + " on "
              + String.join(", ", grant.on().stream().map(c -> c.word()).toList())
              + grant
                  .unavailableFor()
                  .map(t -> ", or once policy is unavailable for " + t.toSeconds() + " s")
                  .orElse(""));
    }
    outcome.ifPresent(o -> row(out, "outcome", outcome(o)));
    next.ifPresent(n -> row(out, "then", next(n)));
    return out.toString();
  }

  private static String outcome(AuditRecord record) {
    return record.entry() instanceof Entry.Failed failed
        ? "failed, record " + record.seq() + ": " + failed.message()
        : "applied, record " + record.seq() + ", " + record.ts();
  }

  /** What it led to: the next decision on the same resource. */
  private static String next(AuditRecord record) {
    Entry.Decided then = (Entry.Decided) record.entry();
    String times = then.repeated() == 1 ? "once" : then.repeated() + " times";
    return (then.repeated() == 0 ? "" : "the same answer " + times + " more; ")
        + "record "
        + record.seq()
        + ", "
        + record.ts()
        + ": "
        + Told.verdict(then);
  }

  static String value(JsonNode node) {
    return node.isNull() ? "nothing" : node.isTextual() ? node.asText() : node.toString();
  }

  private static void row(StringBuilder out, String name, String text) {
    out.append(String.format(java.util.Locale.ROOT, "  %-11s %s\n", name, text));
  }
}
