package dev.swiftdeploy.cli.view;

import dev.swiftdeploy.core.status.Condition;
import dev.swiftdeploy.core.status.Status;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What of a status is news to somebody who reads line after line: all but what is measured. */
public final class Changes {
  private Changes() {}

  /** Two statuses with the same text differ in measured numbers alone. */
  public static String of(StatusScreen.Seen seen) {
    return Stream.of(
            seen.resources().stream().map(Changes::of),
            seen.problems().stream(),
            Stream.of(seen.host()))
        .flatMap(s -> s)
        .collect(Collectors.joining("\n"));
  }

  private static String of(Status status) {
    return String.join(
        " | ",
        status.resource(),
        status.conditions().stream()
            .map(c -> c.type() + c.status() + c.reason())
            .collect(Collectors.joining(",")),
        status.condition("Ready").status() == Condition.Status.TRUE ? "" : status.next().rule(),
        status.version() + status.mode() + status.generation(),
        track(status.stable()),
        track(status.candidate()),
        status.workloads().toString(),
        status.route().toString(),
        status.underWay().toString(),
        status.next().rule(),
        answers(status.next().answer().stream().toList()),
        answers(status.decisions()),
        status.refused().toString(),
        status.policy().toString());
  }

  private static String track(Optional<Status.Track> track) {
    return track
        .map(
            t ->
                List.of(
                        t.workload(),
                        t.replicas(),
                        t.ready(),
                        t.weight(),
                        t.actualWeight(),
                        t.step())
                    .toString())
        .orElse("-");
  }

  /** Messages hold numbers; codes don't. */
  private static String answers(List<Status.DecisionStatus> decisions) {
    return decisions.stream()
        .map(
            d ->
                d.id()
                    + d.verdict()
                    + d.enact()
                    + d.outcome()
                    + d.violations().stream().map(v -> v.qualifiedCode()).toList())
        .collect(Collectors.joining(","));
  }
}
