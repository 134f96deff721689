package dev.swiftdeploy.cli.view;

import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.plan.Refusal;
import dev.swiftdeploy.core.status.Condition;
import dev.swiftdeploy.core.status.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;

/** One resource's status as lines, the most urgent first. */
final class StatusView {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  private final Status status;
  private final Instant now;
  private final ZoneId zone;
  private final int width;

  StatusView(Status status, Instant now, ZoneId zone, int width) {
    this.status = status;
    this.now = now;
    this.zone = zone;
    this.width = width;
  }

  /** What is to be seen at any height. */
  List<AttributedString> urgent() {
    List<AttributedString> lines = new ArrayList<>(headline());
    List<Status.Track> tracks =
        Stream.concat(status.stable().stream(), status.candidate().stream()).toList();
    List<Row> rows = new ArrayList<>();
    if (!tracks.isEmpty()) {
      rows.addAll(new Sides(tracks, against(), width - Row.INDENT).rows());
    }
    status.candidate().ifPresent(c -> rows.add(Row.of("step", step(c))));
    status
        .underWay()
        .ifPresent(
            u ->
                rows.add(
                    Row.of(
                        "under way",
                        u.transition()
                            + " for "
                            + Numbers.time(Duration.between(u.since(), now)))));
    rows.add(Row.of("next", next()));
    status.next().answer().ifPresent(a -> rows.addAll(answer(a)));
    lines.addAll(lines(rows));
    return lines;
  }

  /** The last answers of policy, newest first, at most so many. */
  List<AttributedString> decisions(int most) {
    List<AttributedString> lines = new ArrayList<>();
    for (Status.DecisionStatus decision : status.decisions().stream().limit(most).toList()) {
      lines.addAll(
          new Row(lines.isEmpty() ? "decisions" : "", decision(decision), false).lines(width));
    }
    return lines;
  }

  /** What is looked for once something is amiss. */
  List<AttributedString> details() {
    List<Row> rows = new ArrayList<>();
    status.route().ifPresent(r -> rows.add(Row.of("route", route(r))));
    for (Status.WorkloadStatus workload : status.workloads()) {
      rows.add(
          Row.of(
              "workload",
              workload.name() + "  " + workload.ready() + "/" + workload.wanted() + " ready"));
      workload.instances().forEach(i -> rows.add(Row.of("", instance(i))));
    }
    for (Refusal refusal : status.refused()) {
      rows.add(Row.of("refused", refusal.release() + ": " + refusal.message()));
    }
    status.rollbackTo().ifPresent(r -> rows.add(Row.of("rollback to", r)));
    rows.add(
        Row.of(
            "spec",
            status.version() + ", mode " + status.mode() + ", generation " + status.generation()));
    rows.add(Row.of("platform", status.platform() + status.url().map(u -> ", " + u).orElse("")));
    rows.add(Row.of("policy", policy(status.policy())));
    rows.add(Row.of("chain", chain(status.chain())));
    return lines(rows);
  }

  private List<AttributedString> lines(List<Row> rows) {
    return rows.stream().flatMap(row -> row.lines(width).stream()).toList();
  }

  private List<AttributedString> headline() {
    Condition ready = status.condition("Ready");
    boolean isReady = ready();
    boolean isStalled = status.condition("Stalled").status() == Condition.Status.TRUE;
    String word = isReady ? "READY" : isStalled ? "STALLED" : "RECONCILING";
    AttributedStyle style = isReady ? Text.GREEN : isStalled ? Text.RED : Text.YELLOW;
    List<AttributedString> lines = new ArrayList<>();
    lines.add(
        Text.join(
            Text.of(Text.BOLD, status.resource()),
            Text.plain("  "),
            Text.of(style, word),
            Text.plain("  " + ready.reason())));
    if (!isReady) {
      for (AttributedString line : Text.wrap(Text.of(style, ready.message()), width - 2, 2)) {
        lines.add(Text.join(Text.plain("  "), line));
      }
    }
    return lines;
  }

  /** What the headline has told already is not told again. */
  private String next() {
    Status.NextStep next = status.next();
    boolean acts = !ready() && !next.step().equals("wait");
    boolean told = !ready() && next.why().equals(status.condition("Ready").message());
    return next.rule() + (acts ? ": " + next.step() : told ? "" : ": " + next.why());
  }

  private boolean ready() {
    return status.condition("Ready").status() == Condition.Status.TRUE;
  }

  private AttributedString step(Status.Track candidate) {
    int at = candidate.step().orElse(0);
    AttributedString out = Text.plain(at + " of " + candidate.steps().orElse(at) + " ");
    for (int i = 0; i < candidate.stepWeights().size(); i++) {
      AttributedStyle style = i + 1 == at ? Text.BOLD : Text.DIM;
      String weight = candidate.stepWeights().get(i) + " %";
      out = Text.join(out, Text.of(Text.DIM, i == 0 ? " " : " → "), Text.of(style, weight));
    }
    return Text.join(out, Text.plain(hold(candidate)));
  }

  private String hold(Status.Track candidate) {
    boolean last = candidate.step().equals(candidate.steps());
    Optional<Duration> left = candidate.holdUntil().map(until -> Duration.between(now, until));
    if (left.isPresent() && left.get().toMillis() > 0) {
      return ", held for " + Numbers.time(left.get()) + " more";
    }
    return last && status.mode().equals("canary") && left.isPresent()
        ? ", held until its mode is stable"
        : left.isPresent() ? ", its hold is over" : "";
  }

  private static String reviews(int failed) {
    return failed == 1 ? "1 failed review" : failed + " failed reviews";
  }

  private List<Row> answer(Status.DecisionStatus answer) {
    List<Row> rows = new ArrayList<>();
    AttributedString reviews =
        Text.of(
            Text.YELLOW,
            answer.failedReviews() == 0
                ? ""
                : ", " + reviews(answer.failedReviews()) + " in a row");
    rows.add(
        Row.of(
            "policy says",
            Text.join(verdict(answer), Text.plain("  " + answer.transition()), reviews)));
    if (!ready() && answer.message().equals(status.condition("Ready").message())) {
      return rows;
    }
    for (Violation violation : answer.violations()) {
      rows.add(
          Row.of(
              "",
              Text.join(
                  Text.of(violation.blocks() ? Text.RED : Text.YELLOW, violation.message()),
                  Text.of(Text.DIM, " (" + violation.qualifiedCode() + ")"))));
    }
    if (answer.violations().isEmpty() && !answer.verdict().equals("allowed")) {
      rows.add(Row.of("", answer.message()));
    }
    return rows;
  }

  private List<Violation> against() {
    return status.next().answer().map(Status.DecisionStatus::violations).orElse(List.of());
  }

  private static AttributedString verdict(Status.DecisionStatus decision) {
    return switch (decision.verdict()) {
      case "allowed" -> Text.of(Text.GREEN, decision.enact() ? "ADMITTED" : "WOULD ADMIT");
      case "denied" -> Text.of(Text.RED, "BLOCKED");
      default -> Text.of(Text.YELLOW, "UNAVAILABLE");
    };
  }

  private AttributedString decision(Status.DecisionStatus decision) {
    String time = decision.at().map(t -> TIME.format(t.atZone(zone))).orElse("--:--:--");
    String why =
        decision.violations().isEmpty()
            ? decision.reason().map(r -> ": " + r).orElse("")
            : ": "
                + String.join(
                    "; ", decision.violations().stream().map(Violation::message).toList());
    return Text.join(
        Text.of(Text.DIM, time + " "),
        Text.pad(verdict(decision), 12),
        Text.plain(decision.transition() + decision.outcome().map(o -> ", " + o).orElse("") + why),
        Text.of(Text.DIM, "  " + decision.id()));
  }

  private static AttributedString route(Status.RouteStatus route) {
    return Text.plain(
        (route.running() ? "" : "the proxy does not run; ")
            + route.weights().orElse("unknown")
            + (route.current() ? "" : ", not up to date")
            + (route.draining() ? ", draining" : "")
            + route.detail().map(d -> " (" + d + ")").orElse(""));
  }

  private static AttributedString instance(Status.InstanceStatus instance) {
    boolean healthy = instance.state().equals("healthy");
    return Text.join(
        Text.plain("/" + instance.slot() + " "),
        Text.of(healthy ? Text.PLAIN : Text.YELLOW, instance.state().replace('_', ' ')),
        Text.plain(
            instance.address().map(a -> "  " + a).orElse("")
                + (instance.restarts() == 0 ? "" : ", " + instance.restarts() + " restarts")
                + instance.detail().map(d -> "  " + d).orElse("")));
  }

  private static String policy(Status.PolicyStatus policy) {
    return policy.engine()
        + policy.digest().map(d -> " " + shortened(d)).orElse("")
        + (policy.verified() ? "" : ", unverified")
        + policy.problem().map(p -> "; not taken: " + p).orElse("");
  }

  private static String chain(Status.ChainStatus chain) {
    return "record "
        + chain.seq()
        + ", head "
        + shortened(chain.head())
        + chain.damage().map(d -> "; DAMAGED: " + d).orElse("");
  }

  private static String shortened(String digest) {
    return digest.length() > 12 ? digest.substring(0, 12) : digest;
  }
}
