package dev.swiftdeploy.cli.view;

import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.evidence.WorkloadMetrics;
import dev.swiftdeploy.core.status.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;

/** The stable release and the candidate side by side. */
final class Sides {
  private static final int WIDEST = 46;
  private static final int BAR = 20;
  private static final int BEFORE_BAR = 23;

  private final List<Status.Track> tracks;
  private final List<Violation> against;
  private final int column;

  /**
   * @param against what policy found in its answer to the next transition
   * @param width columns that there are for all sides
   */
  Sides(List<Status.Track> tracks, List<Violation> against, int width) {
    this.tracks = tracks;
    this.against = against;
    this.column = Math.min(WIDEST, width / Math.max(2, tracks.size()));
  }

  /** A row for each fact, under the sides' names. */
  List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    if (tracks.size() > 1) {
      rows.add(row("", t -> Text.of(Text.BOLD, isCandidate(t) ? "candidate" : "stable")));
    }
    rows.add(
        row(
            tracks.size() > 1 ? "release" : "stable",
            t -> Text.plain(t.version() + " (" + t.release() + ")")));
    rows.add(row("weight", this::weight));
    rows.add(row("ready", Sides::ready));
    if (tracks.stream().anyMatch(t -> t.metrics().isPresent())) {
      rows.add(row("requests", this::requests));
      rows.add(row("errors", this::errors));
      rows.add(row("latency", this::latency));
      rows.add(row("window", Sides::window));
    }
    if (tracks.stream().anyMatch(t -> !trouble(t).isEmpty())) {
      rows.add(row("trouble", t -> Text.of(Text.YELLOW, trouble(t))));
    }
    return rows;
  }

  private Row row(String label, Function<Status.Track, AttributedString> cell) {
    AttributedString out = AttributedString.EMPTY;
    for (int i = 0; i < tracks.size(); i++) {
      boolean last = i == tracks.size() - 1;
      AttributedString text = cell.apply(tracks.get(i));
      out = Text.join(out, last ? text : Text.pad(text, column - 1), Text.plain(last ? "" : " "));
    }
    return new Row(label, out, false);
  }

  private boolean isCandidate(Status.Track track) {
    return tracks.size() > 1 && track.workload().equals(tracks.get(1).workload());
  }

  private AttributedString weight(Status.Track track) {
    String actual = track.actualWeight().map(w -> w + " %").orElse("?");
    boolean there = track.actualWeight().equals(Optional.of(track.weight()));
    AttributedString text =
        Text.join(
            Text.of(there ? Text.PLAIN : Text.YELLOW, actual),
            Text.of(Text.DIM, " of " + track.weight() + " % wanted"));
    return column < WIDEST ? text : Text.join(Text.pad(text, BEFORE_BAR), bar(track));
  }

  private static AttributedString bar(Status.Track track) {
    int full = track.actualWeight().orElse(0) * BAR / 100;
    return Text.join(Text.plain("█".repeat(full)), Text.of(Text.DIM, "░".repeat(BAR - full)));
  }

  private static AttributedString ready(Status.Track track) {
    AttributedStyle style = track.ready() == track.replicas() ? Text.PLAIN : Text.YELLOW;
    return Text.of(style, track.ready() + " of " + track.replicas());
  }

  private AttributedString requests(Status.Track track) {
    Optional<Violation> few = found(track, "insufficient_requests");
    if (few.isPresent()) {
      return Text.of(
          Text.YELLOW,
          few.get().observed().asText() + " of " + few.get().threshold().asText() + " requests");
    }
    String rate = track.requestsPerSecond().map(r -> Numbers.decimal(r, 1) + "/s").orElse("-");
    return Text.plain(
        track
            .metrics()
            .map(m -> rate + ", " + Numbers.count(m.requests()) + probes(m))
            .orElse("-"));
  }

  private static String probes(WorkloadMetrics metrics) {
    Double probes = metrics.syntheticRequests();
    return probes == null || probes == 0 ? "" : " + " + Numbers.count(probes) + " of the probe";
  }

  private AttributedString errors(Status.Track track) {
    boolean bad =
        found(track, "error_rate_too_high").or(() -> found(track, "not_answering")).isPresent();
    AttributedStyle style = bad ? Text.RED : Text.PLAIN;
    return Text.of(
        style, track.metrics().map(m -> Numbers.percent(m.errorRate()) + upTo(m)).orElse("-"));
  }

  private static String upTo(WorkloadMetrics metrics) {
    return metrics.errorRateUpper95() == null
        ? ""
        : ", 95 % sure below " + Numbers.percent(metrics.errorRateUpper95());
  }

  private AttributedString latency(Status.Track track) {
    boolean bad =
        found(track, "latency_too_high").or(() -> found(track, "latency_unknown")).isPresent();
    AttributedString typical =
        Text.plain(
            track
                .metrics()
                .map(m -> "p50 " + Numbers.millis(m.p50Ms()) + " p95 " + Numbers.millis(m.p95Ms()))
                .orElse("-"));
    AttributedString worst =
        Text.of(
            bad ? Text.RED : Text.PLAIN,
            track
                .metrics()
                .map(
                    m ->
                        " p99 "
                            + (m.p99InLastBucket() ? "over " : "")
                            + Numbers.millis(m.p99Ms())
                            + (m.p99Ms() == null ? "" : " ms"))
                .orElse(""));
    return Text.join(typical, worst);
  }

  private static AttributedString window(Status.Track track) {
    return Text.of(
        Text.DIM,
        track
            .metrics()
            .map(m -> "the last " + Numbers.decimal(m.windowSeconds(), 0) + " s")
            .orElse("-"));
  }

  private static String trouble(Status.Track track) {
    List<String> all = new ArrayList<>();
    track
        .metrics()
        .ifPresent(
            m -> {
              if (m.chaosActive() != null && m.chaosActive() > 0) {
                all.add("chaos");
              }
              if (m.unansweredProbes() > 0) {
                all.add(counted(m.unansweredProbes(), "probe") + " without an answer");
              }
              if (m.restarts() > 0) {
                all.add(counted(m.restarts(), "restart"));
              }
              if (m.scrapeFailures() > 0) {
                all.add(counted(m.scrapeFailures(), "failed scrape") + ": " + m.scrapeFailure());
              }
            });
    return String.join(", ", all);
  }

  private static String counted(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  private Optional<Violation> found(Status.Track track, String code) {
    return isCandidate(track)
        ? against.stream().filter(v -> v.code().equals(code)).findFirst()
        : Optional.empty();
  }
}
