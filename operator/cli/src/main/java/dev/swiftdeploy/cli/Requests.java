package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.loop.Told;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.status.Condition;
import dev.swiftdeploy.local.daemon.StatusFile;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Hands requests to the host and follows them in the audit chain to their end. */
final class Requests {
  /** Damage of which a person has just taken note may be told a little longer. */
  private static final Duration DAMAGE_LASTS = Duration.ofSeconds(5);

  private Requests() {}

  /**
   * How a request ended.
   *
   * @param message what stopped it; empty if it is done
   */
  private record End(int code, String message) {
    /** A host that tells elsewhere has told it there. */
    int told(Terminal terminal) {
      if (!message.isEmpty()) {
        terminal.talk(terminal.styled(Terminal.Style.RED, message));
      }
      return code;
    }
  }

  static Request make(Host host, Request.Kind kind, String reason, Optional<ReleaseId> release) {
    String id = "r-" + UUID.randomUUID().toString().substring(0, 13).replace("-", "");
    return new Request(id, kind, host.actor(), reason, release);
  }

  /** Asks, and waits for the end: an exit code. */
  static int ask(
      Host host, ResourceName resource, Request request, Terminal terminal, Duration atMost)
      throws IOException {
    host.ask(resource, request);
    return follow(host, resource, request, terminal, atMost);
  }

  /** Waits for the end of a request that was handed over: an exit code. */
  static int follow(
      Host host, ResourceName resource, Request request, Terminal terminal, Duration atMost)
      throws IOException {
    return Interruption.told(
        host, terminal, () -> followed(host, resource, request, terminal, atMost));
  }

  private static int followed(
      Host host, ResourceName resource, Request request, Terminal terminal, Duration atMost)
      throws IOException {
    Instant until = Instant.now().plus(atMost);
    Instant damaged = Instant.now().plus(DAMAGE_LASTS);
    while (Instant.now().isBefore(until)) {
      host.follow();
      boolean alive = host.alive(); // asked first: what it recorded last is read
      Optional<End> end = end(host.recent(resource), request);
      if (end.isPresent()) {
        host.follow();
        return end.get().told(terminal);
      }
      if (!alive) {
        throw host.ended();
      }
      if (Instant.now().isAfter(damaged)) {
        requireWholeChain(host, resource);
      }
      DaemonClient.pause(100);
    }
    throw late(host.status(), resource, host.name(), host.command("status"), atMost);
  }

  /**
   * It took too long. What comes before the request, such as the retreat of a candidate, may wait
   * for policy: then that is the reason.
   */
  static CommandFailure late(
      Optional<StatusFile.Document> said,
      ResourceName resource,
      String host,
      String command,
      Duration atMost) {
    Optional<String> policy =
        said.flatMap(document -> document.find(resource))
            .map(status -> status.condition("Ready"))
            .filter(ready -> ready.reason().equals(Told.POLICY_UNAVAILABLE))
            .map(Condition::message);
    return new CommandFailure(
        policy.isPresent() ? Exit.UNAVAILABLE : Exit.FAILED,
        "not done after "
            + atMost.toSeconds()
            + " s; the "
            + host
            + " goes on"
            + policy.map(why -> ". " + why).orElse(""),
        "see how it stands with: " + command);
  }

  /** Nothing is done on a damaged chain, however long it is waited for. */
  private static void requireWholeChain(Host host, ResourceName resource) {
    host.status()
        .flatMap(said -> said.find(resource))
        .flatMap(status -> status.chain().damage())
        .ifPresent(
            damage -> {
              throw new CommandFailure(
                  Exit.FAILED,
                  "the audit chain is damaged, so this waits: " + damage,
                  "take note of it, and it goes on: "
                      + host.command("audit acknowledge --reason TEXT"));
            });
  }

  private static Optional<End> end(List<AuditRecord> records, Request request) {
    Optional<String> decision = Optional.empty();
    for (AuditRecord record : records) {
      Entry entry = record.entry();
      if (entry instanceof Entry.Decided decided
          && decided.transition().request().equals(Optional.of(request.id()))) {
        if (decided.verdict() == Verdict.DENIED) {
          return Optional.of(new End(Exit.BLOCKED, Told.verdict(decided)));
        }
        if (decided.verdict() == Verdict.UNAVAILABLE) {
          return Optional.of(new End(Exit.UNAVAILABLE, Told.verdict(decided)));
        }
        decision = Optional.of(decided.decisionId());
      } else if (entry instanceof Entry.Applied applied
          && decision.equals(Optional.of(applied.decisionId()))) {
        return Optional.of(new End(Exit.DONE, ""));
      } else if (entry instanceof Entry.Failed failed) {
        if (failed.request().equals(Optional.of(request.id()))) {
          return Optional.of(new End(Exit.USAGE, failed.message()));
        }
        if (decision.isPresent() && failed.decisionId().equals(decision)) {
          return Optional.of(new End(Exit.FAILED, failed.message()));
        }
      }
    }
    return Optional.empty();
  }
}
