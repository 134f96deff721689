package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.FileHistory;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.loop.Told;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.local.daemon.RequestSpool;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Hands requests to the daemon and follows them in the audit chain to their end. */
final class Requests {
  private Requests() {}

  /**
   * How a request ended.
   *
   * @param message what stopped it; empty if it is done
   */
  private record End(int code, String message) {
    /** A daemon in somebody's terminal has told it there. */
    int told(Terminal terminal) {
      if (!message.isEmpty()) {
        terminal.talk(terminal.styled(Terminal.Style.RED, message));
      }
      return code;
    }
  }

  static Request make(Request.Kind kind, String reason, Optional<ReleaseId> release) {
    String id = "r-" + UUID.randomUUID().toString().substring(0, 13).replace("-", "");
    return new Request(id, kind, System.getProperty("user.name", "unknown"), reason, release);
  }

  /** Asks, and waits for the end: an exit code. */
  static int ask(
      DaemonClient client,
      Workspace workspace,
      ResourceName resource,
      Request request,
      Terminal terminal,
      Duration atMost)
      throws IOException {
    client.ensureDaemon();
    client.spool().put(new RequestSpool.Spooled(resource, request));
    return follow(client, workspace, request, terminal, atMost);
  }

  /** Waits for the end of a request that was handed over: an exit code. */
  static int follow(
      DaemonClient client, Workspace workspace, Request request, Terminal terminal, Duration atMost)
      throws IOException {
    Instant until = Instant.now().plus(atMost);
    long seen = -1;
    while (Instant.now().isBefore(until)) {
      client.followLog();
      long size = workspace.history().toFile().length();
      if (size != seen) {
        seen = size;
        Optional<End> end = end(FileHistory.recent(workspace.history()).records(), request);
        if (end.isPresent()) {
          client.followLog();
          return end.get().told(terminal);
        }
      }
      if (client.daemon().isEmpty() && size == workspace.history().toFile().length()) {
        Optional<End> end = end(FileHistory.recent(workspace.history()).records(), request);
        return end.orElseThrow(
                () ->
                    new CommandFailure(
                        Exit.FAILED, "the daemon has ended", "its log: " + workspace.daemonLog()))
            .told(terminal);
      }
      DaemonClient.pause(100);
    }
    throw new CommandFailure(
        Exit.FAILED,
        "not done after " + atMost.toSeconds() + " s; the daemon goes on",
        "see how it stands with: swiftdeploy status");
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
