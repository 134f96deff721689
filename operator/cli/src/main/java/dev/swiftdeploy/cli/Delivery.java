package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.loop.Desires;
import dev.swiftdeploy.core.loop.Told;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.status.Condition;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.core.status.StatusProjector;
import dev.swiftdeploy.local.daemon.StatusFile;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Follows the host until what the manifest declares is there, or something stops it.
 *
 * <p>A candidate on its way is waited for, step by step. It is stopped by a review that speaks
 * against it; too little evidence only by lasting for a whole {@code analysis.window} after the
 * step's hold, since after that there won't be more of it. What the platform can't do stops it
 * after as long as a release has to become healthy.
 */
final class Delivery {
  private final Host host;
  private final Terminal terminal;
  private final Patience patience;
  private final Map<String, Instant> deniedSince = new HashMap<>();
  private final Map<String, Instant> failingSince = new HashMap<>();
  private final Map<String, String> told = new HashMap<>();

  /** When a denied review of a candidate ends the waiting. */
  enum Patience {
    /** Once the step's hold is over: until then the candidate may recover. */
    THROUGH_HOLDS,
    /** At once: a person wants the candidate promoted, and policy speaks against it. */
    NO_DENIAL
  }

  Delivery(Host host, Terminal terminal, Patience patience) {
    this.host = host;
    this.terminal = terminal;
    this.patience = patience;
  }

  /** Waits for all of these: an exit code. */
  int await(List<Resource> resources, Duration atMost) throws IOException {
    return Interruption.told(host, terminal, () -> awaited(resources, atMost));
  }

  private int awaited(List<Resource> resources, Duration atMost) throws IOException {
    Instant until = Instant.now().plus(atMost);
    while (true) {
      host.follow();
      Optional<StatusFile.Document> said = host.status();
      if (said.isPresent()) {
        Optional<Integer> end = judge(said.get(), resources);
        if (end.isPresent()) {
          host.follow();
          return end.get();
        }
      } else if (!host.alive()) {
        throw host.ended();
      }
      if (Instant.now().isAfter(until)) {
        throw new CommandFailure(
            Exit.FAILED,
            "not there after " + atMost.toSeconds() + " s; the " + host.name() + " goes on",
            "see how it stands with: " + host.command("status"));
      }
      DaemonClient.pause(100);
    }
  }

  /** What the host says of that very spec; empty while it speaks of another. */
  static Optional<Status> statusOf(StatusFile.Document said, Resource resource) {
    String digest = Desires.digest(resource.spec());
    return said.find(resource.name()).filter(s -> s.specDigest().equals(digest));
  }

  /** The exit code, once there is one for every resource. */
  private Optional<Integer> judge(StatusFile.Document said, List<Resource> resources) {
    if (!said.manifestProblems().isEmpty()) {
      throw new CommandFailure(
          Exit.FAILED,
          "the daemon can't take the manifest: " + String.join("; ", said.manifestProblems()),
          "");
    }
    for (Resource resource : resources) {
      Optional<Status> status = statusOf(said, resource);
      if (status.isEmpty()) {
        return Optional.empty();
      }
      Optional<Integer> one = judge(status.get(), resource);
      if (one.isEmpty()) {
        progress(status.get());
        return one;
      }
      if (one.get() != Exit.DONE) {
        stopped(status.get(), resource.spec().services().health());
        return one;
      }
    }
    resources.forEach(r -> ready(statusOf(said, r).orElseThrow()));
    return Optional.of(Exit.DONE);
  }

  private Optional<Integer> judge(Status status, Resource resource) {
    Duration deadline = resource.spec().services().health().deadline();
    Duration window = resource.spec().canary().analysisWindow();
    boolean failing = lasts(failingSince, status, fails(status), deadline);
    boolean denied = lasts(deniedSince, status, deniedForward(status), window);
    return judge(status, patience, failing || denied);
  }

  /** The platform can't do what it is to do: an engine that is gone, a port that is taken. */
  private static boolean fails(Status status) {
    return status.condition("Ready").reason().equals(StatusProjector.PLATFORM_FAILED);
  }

  private static boolean lasts(
      Map<String, Instant> since, Status status, boolean now, Duration atLeast) {
    if (!now) {
      since.remove(status.resource());
      return false;
    }
    Instant from = since.computeIfAbsent(status.resource(), r -> Instant.now());
    return !Instant.now().isBefore(from.plus(atLeast));
  }

  /**
   * How one resource stands.
   *
   * @param lasting the candidate's next transition is due, and was denied for a whole window; or
   *     the platform fails for as long as a release has to become healthy
   */
  static Optional<Integer> judge(Status status, Patience patience, boolean lasting) {
    if (is(status, "Ready")) {
      return Optional.of(Exit.DONE);
    }
    Condition ready = status.condition("Ready");
    if (fails(status)) {
      return lasting ? Optional.of(Exit.FAILED) : Optional.empty();
    }
    if (ready.reason().equals(Told.POLICY_UNAVAILABLE)) {
      return Optional.of(Exit.UNAVAILABLE);
    }
    if (ready.reason().endsWith("Blocked")) {
      return blocks(status, patience) || lasting ? Optional.of(Exit.BLOCKED) : Optional.empty();
    }
    if (ready.reason().equals("Refused")) {
      return Optional.of(
          unhealthy(status) && patience == Patience.THROUGH_HOLDS ? Exit.FAILED : Exit.BLOCKED);
    }
    return is(status, "Stalled") ? Optional.of(Exit.FAILED) : Optional.empty();
  }

  /** The release is refused because it did not get healthy. */
  private static boolean unhealthy(Status status) {
    return status.refused().stream()
        .filter(r -> status.condition("Ready").message().contains(r.release().value()))
        .anyMatch(r -> r.reason().equals("Unhealthy"));
  }

  private static boolean blocks(Status status, Patience patience) {
    return ofCandidate(status)
        .map(d -> d.failedReview() && (d.enact() || patience == Patience.NO_DENIAL))
        .orElse(true);
  }

  /** A due transition of the candidate is denied. */
  private static boolean deniedForward(Status status) {
    return status.condition("Ready").reason().endsWith("Blocked")
        && ofCandidate(status).filter(Status.DecisionStatus::enact).isPresent();
  }

  /** The last answer, if it is to a candidate's way forward. */
  private static Optional<Status.DecisionStatus> ofCandidate(Status status) {
    return status
        .lastDecision()
        .filter(d -> status.candidate().isPresent())
        .filter(
            d ->
                d.kind().equals(TransitionKind.ADVANCE.word())
                    || d.kind().equals(TransitionKind.PROMOTE.word()));
  }

  private void progress(Status status) {
    String now = status.condition("Ready").message();
    if (!host.tells() && !now.equals(told.put(status.resource(), now))) {
      terminal.talk(status.resource() + "  " + now);
    }
  }

  private void ready(Status status) {
    terminal.talk(
        terminal.styled(Terminal.Style.GREEN, "READY")
            + "  "
            + status.resource()
            + "  "
            + status.next().why()
            + status.url().map(u -> "  " + u).orElse(""));
    status.policy().problem().ifPresent(p -> terminal.talk("  a policy was not taken: " + p));
    ofCandidate(status)
        .filter(d -> d.kind().equals(TransitionKind.PROMOTE.word())) // not its last step's
        .ifPresent(d -> terminal.talk("  its promotion: " + d.message()));
  }

  /** What stopped it, and what to do; a host that tells elsewhere has told it there. */
  private void stopped(Status status, Spec.Health health) {
    Condition ready = status.condition("Ready");
    boolean refused = ready.reason().equals("Refused");
    String word = refused && patience == Patience.NO_DENIAL ? "BLOCKED: " : "";
    terminal.talk(
        terminal.styled(Terminal.Style.BOLD, status.resource())
            + "  "
            + terminal.styled(Terminal.Style.RED, word + ready.message()));
    next(status, health, host.name(), host::command, host.retry(status.resource()))
        .forEach(line -> terminal.talk("  " + line));
  }

  /**
   * What comes next, where something stopped it.
   *
   * @param host who goes on with it
   * @param command how a person gives a command about the same place
   * @param retry how a person asks to try a refused release again
   */
  static List<String> next(
      Status status, Spec.Health health, String host, UnaryOperator<String> command, String retry) {
    if (fails(status)) {
      return List.of("it is tried again and again; status tells when it got through");
    }
    String reason = status.condition("Ready").reason();
    if (reason.endsWith("Blocked")) {
      return List.of("The " + host + " asks again, and goes on by itself once policy allows it.");
    }
    if (reason.equals("AuditDamaged")) {
      return List.of(
          "What runs goes on. To take note of it, so that transitions go on, too: "
              + command.apply("audit acknowledge --reason TEXT"));
    }
    if (!reason.equals("Refused")) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    if (unhealthy(status)) {
      lines.add(
          "Healthy is what answers GET "
              + health.path().value()
              + " with 2xx within "
              + health.deadline().toSeconds()
              + " s: services.health, path and deadline");
    }
    lines.add("To try it again: " + retry);
    return lines;
  }

  private static boolean is(Status status, String type) {
    return status.condition(type).status() == Condition.Status.TRUE;
  }
}
