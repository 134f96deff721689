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

  /**
   * Renders one decision and what became of it.
   *
   * @param records all records of the chain
   * @param titles of the rules that found a violation, as the policy that judged has them
   * @return empty if there is no such decision
   */
  public static Optional<String> of(
      List<AuditRecord> records, String decisionId, Function<Violation, Optional<String>> titles) {
    return records.stream()
        .filter(r -> r.entry() instanceof Entry.Decided d && d.decisionId().equals(decisionId))
        .findFirst()
        .map(r -> render(r, (Entry.Decided) r.entry(), records, titles));
  }

  private static String render(
      AuditRecord record,
      Entry.Decided decided,
      List<AuditRecord> records,
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
    outcome(records, decided.decisionId()).ifPresent(o -> row(out, "outcome", o));
    next(record, records).ifPresent(n -> row(out, "then", n));
    return out.toString();
  }

  private static Optional<String> outcome(List<AuditRecord> records, String id) {
    for (AuditRecord record : records) {
      if (record.entry() instanceof Entry.Applied applied && applied.decisionId().equals(id)) {
        return Optional.of("applied, record " + record.seq() + ", " + record.ts());
      }
      if (record.entry() instanceof Entry.Failed failed
          && failed.decisionId().equals(Optional.of(id))) {
        return Optional.of("failed, record " + record.seq() + ": " + failed.message());
      }
    }
    return Optional.empty();
  }

  /** What it led to: the next decision on the same resource. */
  private static Optional<String> next(AuditRecord record, List<AuditRecord> records) {
    return records.stream()
        .filter(r -> r.seq() > record.seq() && r.resource().equals(record.resource()))
        .filter(r -> r.entry() instanceof Entry.Decided)
        .findFirst()
        .map(
            r -> {
              Entry.Decided then = (Entry.Decided) r.entry();
              String times = then.repeated() == 1 ? "once" : then.repeated() + " times";
              return (then.repeated() == 0 ? "" : "the same answer " + times + " more; ")
                  + "record "
                  + r.seq()
                  + ", "
                  + r.ts()
                  + ": "
                  + Told.verdict(then);
            });
  }

  static String value(JsonNode node) {
    return node.isNull() ? "nothing" : node.isTextual() ? node.asText() : node.toString();
  }

  private static void row(StringBuilder out, String name, String text) {
    out.append(String.format(java.util.Locale.ROOT, "  %-11s %s\n", name, text));
  }
}
