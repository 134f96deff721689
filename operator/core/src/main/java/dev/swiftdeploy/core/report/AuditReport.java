package dev.swiftdeploy.core.report;

import static dev.swiftdeploy.core.report.Markdown.text;

import dev.swiftdeploy.core.spec.Durations;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code audit_report.md}: what happened, what policy stopped, and whether the chain verifies, as
 * GitHub shows it. What is from outside is only ever text in it.
 */
public final class AuditReport {
  /** More rows make a page that GitHub doesn't render. */
  private static final int MOST_ROWS = 1000;

  /** Longer tables are folded. */
  private static final int MOST_UNFOLDED = 25;

  private static final int MOST_REASONS = 10;
  private static final int MOST_CHARTS = 10;

  private final Audit audit;
  private final Markdown out = new Markdown();

  private AuditReport(Audit audit) {
    this.audit = audit;
  }

  /** Renders the report. */
  public static String render(Audit audit) {
    return new AuditReport(audit).render();
  }

  private String render() {
    out.heading(1, "Audit report");
    chain();
    for (Audit.ResourcePart resource : audit.resources()) {
      out.heading(2, text(resource.resource()));
      summary(resource);
      timeline(resource);
      violations(resource);
      rollouts(resource);
    }
    return out.toString();
  }

  private void chain() {
    out.heading(2, "Audit chain");
    Audit.ChainPart chain = audit.chain();
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "Verified",
            chain
                .damage()
                .map(d -> "**no**: line " + d.line() + ": " + text(d.message()))
                .orElse("yes, up to the head")));
    rows.add(
        List.of(
            "Records",
            chain.records()
                + (chain.first() > 1 && chain.records() > 0
                    ? ", from checkpoint " + chain.first() + " on"
                    : "")));
    chain
        .removals()
        .forEach(
            r ->
                rows.add(
                    List.of(
                        "Removed", text(time(r.at()) + ", record " + r.seq() + ": " + r.text()))));
    rows.add(List.of("Head", chain.head()));
    if (!chain.keys().isEmpty()) {
      rows.add(List.of("Signed by", text(String.join(", ", chain.keys()))));
    }
    chain.from().ifPresent(from -> rows.add(List.of("First record", time(from))));
    chain.to().ifPresent(to -> rows.add(List.of("Last record", time(to))));
    rows.add(List.of("Read", time(audit.at())));
    audit
        .since()
        .ifPresent(since -> rows.add(List.of("Below", "only what is since " + time(since))));
    out.table(List.of("What", ""), rows);
  }

  private void summary(Audit.ResourcePart resource) {
    out.heading(3, "Summary");
    Audit.Counts counts = resource.counts();
    out.table(
        List.of("What", ""),
        List.of(
            List.of("Allowed", String.valueOf(counts.allowed())),
            List.of("Denied", String.valueOf(counts.denied())),
            List.of("Policy unavailable", String.valueOf(counts.unavailable())),
            List.of("Transitions applied", String.valueOf(counts.applied())),
            List.of("Transitions failed", String.valueOf(counts.failed())),
            List.of("Repairs", String.valueOf(counts.repairs())),
            List.of("Blocked by policy, until the next decision", lasted(resource.blocked())),
            List.of("Waited for policy to answer", lasted(resource.unavailable()))));
    reasons(resource);
    policyChanges(resource);
    if (!resource.refused().isEmpty()) {
      out.heading(3, "Refused releases");
      out.table(
          List.of("Time", "Release", "Reason", "Why", "Still refused"),
          resource.refused().stream()
              .map(
                  r ->
                      List.of(
                          time(r.at()),
                          text(r.refusal().release().value()),
                          text(r.refusal().reason()),
                          text(r.refusal().message()),
                          r.still() ? "yes" : "no"))
              .toList());
    }
  }

  private void reasons(Audit.ResourcePart resource) {
    if (resource.reasons().isEmpty()) {
      return;
    }
    out.heading(3, "What blocked most");
    out.table(
        List.of("Rule", "Times", "Transitions waited"),
        resource.reasons().stream()
            .limit(MOST_REASONS)
            .map(r -> List.of(text(r.code()), String.valueOf(r.times()), lasted(r.time())))
            .toList());
  }

  private void policyChanges(Audit.ResourcePart resource) {
    if (resource.policyChanges().isEmpty()) {
      return;
    }
    out.heading(3, "Policy changes");
    table(
        "policy changes",
        0,
        List.of("Record", "Time", "Engine", "From", "To"),
        resource.policyChanges().stream()
            .map(
                c ->
                    List.of(
                        String.valueOf(c.seq()),
                        time(c.at()),
                        text(c.engine()),
                        text(c.from().orElse("")),
                        text(c.to())))
            .toList());
  }

  private void timeline(Audit.ResourcePart resource) {
    out.heading(3, "Timeline");
    table(
        "records",
        resource.olderEvents(),
        List.of("Record", "Time", "What", "Detail"),
        resource.timeline().stream()
            .map(e -> List.of(String.valueOf(e.seq()), time(e.at()), e.what(), text(e.detail())))
            .toList());
  }

  private void violations(Audit.ResourcePart resource) {
    out.heading(3, "Policy violations");
    if (resource.violations().isEmpty()) {
      out.paragraph("None.");
      return;
    }
    table(
        "violations",
        resource.olderViolations(),
        List.of("Time", "Transition", "Violation", "Policy", "Observed", "Threshold", "Decision"),
        resource.violations().stream()
            .map(
                v ->
                    List.of(
                        time(v.at()),
                        text(v.transition()),
                        text(v.message()) + (v.blocks() ? "" : " (warning)"),
                        text(v.code()),
                        text(Explanation.value(v.observed())),
                        text(Explanation.value(v.threshold())),
                        text(v.decision())))
            .toList());
  }

  private void rollouts(Audit.ResourcePart resource) {
    if (resource.rollouts().isEmpty()) {
      return;
    }
    out.heading(3, "Weights over time");
    out.table(
        List.of("Candidate", "Version", "Began", "Took", "Most traffic", "End"),
        resource.rollouts().stream()
            .map(
                r ->
                    List.of(
                        text(r.release()),
                        text(r.version()),
                        time(r.from()),
                        lasted(Duration.between(r.from(), r.to())),
                        r.shares().stream().mapToInt(Audit.Share::percent).max().orElse(0) + " %",
                        r.end()))
            .toList());
    int from = Math.max(0, resource.rollouts().size() - MOST_CHARTS);
    resource.rollouts().subList(from, resource.rollouts().size()).stream()
        .map(WeightChart::of)
        .forEach(chart -> out.fenced("mermaid", chart));
  }

  /** A long one is folded. */
  private void table(String what, long older, List<String> head, List<List<String>> rows) {
    int left = Math.max(0, rows.size() - MOST_ROWS);
    if (left + older > 0) {
      out.paragraph(
          (left + older)
              + " older ones are left out here; a report since a later time is shorter.");
    }
    List<List<String>> shown = rows.subList(left, rows.size());
    if (shown.size() > MOST_UNFOLDED) {
      out.folded(shown.size() + " " + what, table -> table.table(head, shown));
    } else {
      out.table(head, shown);
    }
  }

  private static String lasted(Duration time) {
    return Durations.format(time.truncatedTo(ChronoUnit.SECONDS));
  }

  private static String time(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", " UTC");
  }
}
