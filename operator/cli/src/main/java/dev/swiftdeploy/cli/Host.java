package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.local.daemon.StatusFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What delivers, as commands see it: a machine's daemon, or a cluster's operator. */
interface Host {
  /** {@code daemon} or {@code operator}. */
  String name();

  /** Who asks it for something. */
  String actor();

  /** Hands a request over; it goes on without this command. */
  void ask(ResourceName resource, Request request) throws IOException;

  /** Prints what it has told since the last call. */
  void follow() throws IOException;

  /** Whether {@link #follow} prints its progress; else that is told by whoever waits. */
  boolean tells();

  /** How things stand, as it says; empty while it has said nothing yet. */
  Optional<StatusFile.Document> status();

  /** What is on record. */
  State state(ResourceName resource);

  /** The records of late of that resource's chain; what was recorded a moment ago is among them. */
  List<AuditRecord> recent(ResourceName resource);

  /** False once it, or what it delivers, is there no more. */
  boolean alive();

  /** What to say then. */
  CommandFailure ended();

  /** How a person gives that command about the same place: {@code swiftdeploy status …}. */
  String command(String words);

  /** How a person asks it to try a refused release again. */
  String retry(String resource);
}
