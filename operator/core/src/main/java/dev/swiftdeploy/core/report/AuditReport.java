package dev.swiftdeploy.core.report;

import static dev.swiftdeploy.core.report.Markdown.text;

import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.plan.Candidate;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.spec.ResourceName;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** {@code audit_report.md}: what happened, what policy stopped, and whether the chain verifies. */
public final class AuditReport {
  private static final int MOST_POINTS = 60;

  private final List<AuditRecord> records;
  private final Chain.Head head;
  private final Optional<AuditLog.Damage> damage;
  private final Markdown out = new Markdown();

  private AuditReport(
      List<AuditRecord> records, Chain.Head head, Optional<AuditLog.Damage> damage) {
    this.records = records;
    this.head = head;
    this.damage = damage;
  }

  /**
   * Renders the report.
   *
   * @param records all good records, oldest first
   * @param damage where the chain stops verifying
   */
  public static String render(
      List<AuditRecord> records, Chain.Head head, Optional<AuditLog.Damage> damage) {
    return new AuditReport(records, head, damage).render();
  }

  private String render() {
    out.heading(1, "Audit report");
    summary();
    for (ResourceName resource : resources()) {
      List<AuditRecord> own = records.stream().filter(r -> r.concerns(resource)).toList();
      out.heading(2, text(resource.value()));
      timeline(own);
      violations(own);
      weights(own);
    }
    return out.toString();
  }

  private Set<ResourceName> resources() {
    Set<ResourceName> names = new LinkedHashSet<>();
    records.forEach(r -> r.resource().ifPresent(names::add));
    return names;
  }

  private void summary() {
    out.heading(2, "Summary");
    String chain =
        damage
            .map(d -> "**does not verify**: line " + d.line() + ": " + text(d.message()))
            .orElse("verifies, " + head.seq() + " records, head `" + head.hash() + "`");
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("Audit chain", chain));
    if (!records.isEmpty()) {
      rows.add(
          List.of(
              "Time",
              time(records.get(0).ts()) + " to " + time(records.get(records.size() - 1).ts())));
    }
    rows.add(List.of("Allowed", String.valueOf(decisions(Verdict.ALLOWED))));
    rows.add(List.of("Denied", String.valueOf(decisions(Verdict.DENIED))));
    rows.add(List.of("Policy unavailable", String.valueOf(decisions(Verdict.UNAVAILABLE))));
    rows.add(List.of("Transitions applied", String.valueOf(count(Entry.Applied.class))));
    rows.add(List.of("Transitions failed", String.valueOf(count(Entry.Failed.class))));
    rows.add(List.of("Repairs", String.valueOf(count(Entry.Repaired.class))));
    out.table(List.of("What", ""), rows);
  }

  /** Decisions of that verdict, repetitions that were only counted included. */
  private long decisions(Verdict verdict) {
    long sum = 0;
    Optional<Verdict> before = Optional.empty();
    for (AuditRecord record : records) {
      if (record.entry() instanceof Entry.Decided decided) {
        if (before.equals(Optional.of(verdict))) {
          sum += decided.repeated();
        }
        sum += decided.verdict() == verdict ? 1 : 0;
        before = Optional.of(decided.verdict());
      }
    }
    return sum;
  }

  private long count(Class<? extends Entry> type) {
    return records.stream().filter(r -> type.isInstance(r.entry())).count();
  }

  private void timeline(List<AuditRecord> own) {
    out.heading(3, "Timeline");
    Map<String, Transition> byDecision = new HashMap<>();
    List<List<String>> rows = new ArrayList<>();
    for (AuditRecord record : own) {
      if (record.entry() instanceof Entry.Decided decided) {
        byDecision.put(decided.decisionId(), decided.transition());
      }
      Line.of(record.entry(), byDecision)
          .ifPresent(
              line ->
                  rows.add(
                      List.of(
                          String.valueOf(record.seq()),
                          time(record.ts()),
                          line.what(),
                          text(line.detail()))));
    }
    out.table(List.of("Record", "Time", "What", "Detail"), rows);
  }

  private void violations(List<AuditRecord> own) {
    out.heading(3, "Policy violations");
    List<List<String>> rows = new ArrayList<>();
    Map<String, Integer> most = new TreeMap<>();
    for (AuditRecord record : own) {
      if (record.entry() instanceof Entry.Decided decided) {
        for (Violation violation : decided.decision().map(Decision::blocking).orElse(List.of())) {
          most.merge(violation.policy() + "/" + violation.code(), 1, Integer::sum);
          rows.add(
              List.of(
                  time(record.ts()),
                  text(decided.transition().label()),
                  text(violation.message()),
                  text(violation.policy() + "/" + violation.code()),
                  text(decided.decisionId())));
        }
      }
    }
    if (rows.isEmpty()) {
      out.paragraph("None.");
      return;
    }
    out.table(List.of("Time", "Transition", "Violation", "Policy", "Decision"), rows);
    Map<String, Integer> sorted = new LinkedHashMap<>();
    most.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .forEach(e -> sorted.put(e.getKey(), e.getValue()));
    out.paragraph(
        "Most often: "
            + String.join(
                ", ",
                sorted.entrySet().stream()
                    .limit(5)
                    .map(e -> text(e.getKey()) + " " + e.getValue() + "×")
                    .toList())
            + ".");
  }

  /** Mermaid's xychart: the candidate's share after each transition that was applied. */
  private void weights(List<AuditRecord> own) {
    Map<String, Transition> byDecision = new HashMap<>();
    List<String> times = new ArrayList<>();
    List<String> shares = new ArrayList<>();
    for (AuditRecord record : own) {
      if (record.entry() instanceof Entry.Decided decided) {
        byDecision.put(decided.decisionId(), decided.transition());
      } else if (record.entry() instanceof Entry.Applied applied
          && byDecision.containsKey(applied.decisionId())) {
        int share =
            byDecision
                .get(applied.decisionId())
                .after()
                .candidate()
                .map(Candidate::weight)
                .orElse(0);
        times.add("\"" + clock(record.ts()) + "\"");
        shares.add(String.valueOf(share));
      }
    }
    if (times.size() < 2) {
      return;
    }
    int from = Math.max(0, times.size() - MOST_POINTS);
    out.heading(3, "Share of the traffic that went to a candidate");
    out.fenced(
        "mermaid",
        "xychart-beta\n  x-axis ["
            + String.join(", ", times.subList(from, times.size()))
            + "]\n  y-axis \"percent\" 0 --> 100\n  line ["
            + String.join(", ", shares.subList(from, shares.size()))
            + "]\n");
  }

  private static String time(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", " UTC");
  }

  private static String clock(Instant at) {
    return String.format(
        Locale.ROOT, "%s", at.truncatedTo(ChronoUnit.SECONDS).toString().substring(11, 19));
  }
}
