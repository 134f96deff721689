package dev.swiftdeploy.core.report;

import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Removal;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.loop.Told;
import dev.swiftdeploy.core.plan.Transition;
import java.util.Map;
import java.util.Optional;

/**
 * What a record says, in two parts: one of our own words, and a detail that may be from outside.
 */
record Line(String what, String detail) {

  static Optional<Line> of(AuditRecord record, Map<String, Transition> byDecision) {
    Entry entry = record.entry();
    if (entry instanceof Entry.Opened opened) {
      return line("opened", "platform " + opened.platform());
    } else if (entry instanceof Entry.Requested requested) {
      return line(
          "request",
          requested.request().actor()
              + " asks: "
              + requested.request().kind().word()
              + reason(requested.request().reason()));
    } else if (entry instanceof Entry.Decided decided) {
      return line(
          decided.verdict() == Verdict.ALLOWED && !decided.enact()
              ? "reviewed"
              : decided.verdict().word(),
          Told.verdict(decided));
    } else if (entry instanceof Entry.Applied applied) {
      return line("applied", label(byDecision, applied.decisionId()));
    } else if (entry instanceof Entry.Failed failed) {
      return line(
          "failed",
          failed.decisionId().map(id -> label(byDecision, id) + ": ").orElse("")
              + failed.message());
    } else if (entry instanceof Entry.Repaired repaired) {
      return line("repaired", String.join(", ", repaired.found()));
    } else if (entry instanceof Entry.PolicyChanged changed) {
      return line(
          "policy changed",
          changed.from().map(f -> "from " + shortened(f) + " ").orElse("")
              + "to "
              + shortened(changed.to()));
    } else if (entry instanceof Entry.Stopped stopped) {
      return line("stopped", "by " + stopped.by());
    } else if (entry instanceof Entry.Started started) {
      return line("started", "daemon " + started.pid() + ", version " + started.version());
    } else if (entry instanceof Entry.Recovered recovered) {
      return line(
          "recovered", recovered.bytes() + " bytes of a torn line kept in " + recovered.kept());
    }
    if (entry instanceof Entry.Acknowledged noted) {
      return line(
          "damage acknowledged",
          noted.actor().name() + ": " + noted.message() + reason(noted.reason()));
    }
    return Removal.of(record) // else samples and checkpoints, which are data, not news
        .map(removal -> new Line("history removed", removal.text()));
  }

  private static Optional<Line> line(String what, String detail) {
    return Optional.of(new Line(what, detail));
  }

  private static String label(Map<String, Transition> byDecision, String id) {
    return Optional.ofNullable(byDecision.get(id)).map(Transition::label).orElse(id);
  }

  private static String reason(String reason) {
    return reason.isBlank() ? "" : " (" + reason + ")";
  }

  private static String shortened(String digest) {
    return digest.length() > 12 ? digest.substring(0, 12) : digest;
  }
}
