package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.FileHistory;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Verdict;
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
      Duration atMost)
      throws IOException {
    client.ensureDaemon();
    client.spool().put(new RequestSpool.Spooled(resource, request));
    Instant until = Instant.now().plus(atMost);
    long seen = -1;
    while (Instant.now().isBefore(until)) {
      client.followLog();
      long size = workspace.history().toFile().length();
      if (size != seen) {
        seen = size;
        Optional<Integer> end = end(FileHistory.read(workspace.history()).records(), request);
        if (end.isPresent()) {
          client.followLog();
          return end.get();
        }
      }
      if (client.daemon().isEmpty() && size == workspace.history().toFile().length()) {
        Optional<Integer> end = end(FileHistory.read(workspace.history()).records(), request);
        return end.orElseThrow(
            () ->
                new CommandFailure(
                    Exit.FAILED, "the daemon has ended", "its log: " + workspace.daemonLog()));
      }
      DaemonClient.pause(100);
    }
    throw new CommandFailure(
        Exit.FAILED,
        "not done after " + atMost.toSeconds() + " s; the daemon goes on",
        "see how it stands with: swiftdeploy status");
  }

  private static Optional<Integer> end(List<AuditRecord> records, Request request) {
    Optional<String> decision = Optional.empty();
    for (AuditRecord record : records) {
      Entry entry = record.entry();
      if (entry instanceof Entry.Decided decided
          && decided.transition().request().equals(Optional.of(request.id()))) {
        if (decided.verdict() == Verdict.DENIED) {
          return Optional.of(Exit.BLOCKED);
        }
        if (decided.verdict() == Verdict.UNAVAILABLE) {
          return Optional.of(Exit.UNAVAILABLE);
        }
        decision = Optional.of(decided.decisionId());
      } else if (entry instanceof Entry.Applied applied
          && decision.equals(Optional.of(applied.decisionId()))) {
        return Optional.of(Exit.DONE);
      } else if (entry instanceof Entry.Failed failed) {
        if (failed.request().equals(Optional.of(request.id()))) {
          return Optional.of(Exit.USAGE);
        }
        if (decision.isPresent() && failed.decisionId().equals(decision)) {
          return Optional.of(Exit.FAILED);
        }
      }
    }
    return Optional.empty();
  }
}
