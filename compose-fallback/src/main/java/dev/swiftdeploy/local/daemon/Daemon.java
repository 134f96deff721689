package dev.swiftdeploy.local.daemon;

import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.loop.Event;
import dev.swiftdeploy.core.loop.ReleaseLoop;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.core.status.StatusProjector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Hosts the loops of one manifest on this machine: watches the file, ticks each loop when it is
 * due, hands over requests, keeps the status file. Holds no delivery rule.
 */
public final class Daemon {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration AFTER_ERROR = Duration.ofSeconds(5);
  private static final Duration STOP_AT_MOST = Duration.ofMinutes(3);

  private final Workspace workspace;
  private final ManifestSource manifest;
  private final AuditLog audit;
  private final BiFunction<Resource, Consumer<Event>, LocalResource> resources;
  private final Clock clock;
  private final Actor actor;
  private final String version;
  private final DaemonLog log;
  private final RequestSpool spool;
  private final StatusFile statusFile;
  private final Map<ResourceName, Hosted> hosted = new LinkedHashMap<>();
  private final Set<ResourceName> undeclared = new HashSet<>();
  private final Set<String> recorded = new HashSet<>();

  /** Requests of which it was said that they can't be recorded. */
  private final Set<String> waiting = new HashSet<>();

  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private List<String> problems = List.of();
  private Optional<String> troubled = Optional.empty();

  /**
   * Makes a daemon; the caller holds the manifest's lock.
   *
   * @param resources makes what stands around a resource's loop
   * @param actor who runs it
   */
  public Daemon(
      Workspace workspace,
      ManifestSource manifest,
      AuditLog audit,
      BiFunction<Resource, Consumer<Event>, LocalResource> resources,
      Clock clock,
      Actor actor,
      String version,
      DaemonLog log) {
    this.workspace = workspace;
    this.manifest = manifest;
    this.audit = audit;
    this.resources = resources;
    this.clock = clock;
    this.actor = actor;
    this.version = version;
    this.log = log;
    this.spool = new RequestSpool(workspace);
    this.statusFile = new StatusFile(workspace);
  }

  /** How a daemon's run ended. */
  public enum End {
    /** It was told to, and stopped the service in order. */
    STOPPED,
    /** All that was declared is torn down. */
    TORN_DOWN
  }

  /** Runs until it is told to stop or everything is torn down. */
  public End run() {
    try {
      start();
      while (stop.getCount() > 0) {
        List<Path> nudges = spool.nudges();
        List<Path> looks = spool.looks();
        List<Path> samples = spool.samples();
        takeManifest();
        takeAcknowledgements();
        takePrunings();
        takeRequests();
        if (!nudges.isEmpty()) {
          hosted.values().forEach(Hosted::askAgain);
        }
        if (!looks.isEmpty() || !samples.isEmpty()) {
          hosted.values().forEach(h -> h.look(!samples.isEmpty()));
        }
        tickDue();
        writeStatus();
        spool.done(nudges);
        spool.done(looks);
        spool.done(samples);
        if (allTornDown()) {
          log.line("everything is torn down");
          return End.TORN_DOWN;
        }
        pause();
      }
      stopService();
      writeStatus();
      return End.STOPPED;
    } finally {
      hosted.values().forEach(h -> h.parts().close());
      ended.countDown();
    }
  }

  /** Asks the daemon to stop the service in order, and waits until it has; from any thread. */
  public void stopAndWait() {
    stop.countDown();
    try {
      if (!ended.await(STOP_AT_MOST.toMillis(), TimeUnit.MILLISECONDS)) {
        log.line("it did not stop in time; what still runs is found by the next run");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void start() {
    audit
        .damage()
        .ifPresent(
            d -> log.line("the audit chain is damaged at line " + d.line() + ": " + d.message()));
    if (audit.damage().isEmpty()) {
      try {
        audit.append(
            Optional.empty(), new Entry.Started(ProcessHandle.current().pid(), version, actor));
      } catch (AuditException e) {
        log.line("the start can't be recorded: " + e.getMessage());
      }
    }
  }

  private void takeManifest() {
    Optional<ManifestSource.Seen> seen = manifest.poll();
    if (seen.isEmpty()) {
      return;
    }
    if (seen.get() instanceof ManifestSource.Good good) {
      problems = List.of();
      good.warnings().forEach(log::line);
      declare(good.resources());
      try {
        Documents.write(workspace.lastGood(), good.text());
      } catch (IOException e) {
        log.line("the manifest can't be kept: " + e.getMessage());
      }
    } else if (seen.get() instanceof ManifestSource.Bad bad) {
      problems = bad.problems();
      problems.forEach(log::line);
      log.line("the changed manifest is not taken; what was declared before goes on");
    } else {
      problems =
          List.of(
              workspace.manifest()
                  + " is gone; what was declared before goes on. To remove it all: teardown");
      problems.forEach(log::line);
    }
  }

  private void declare(List<Resource> declared) {
    for (Resource resource : declared) {
      Hosted there = hosted.get(resource.name());
      if (there != null && !there.judgedAs(resource)) {
        log.line(resource.name() + ": the policy's place changed");
        there.parts().close();
        there = null;
      }
      if (there == null) {
        hosted.put(
            resource.name(),
            new Hosted(
                resources.apply(resource, event -> log.event(resource.name(), event)),
                resource,
                actor));
      } else if (there.declareAnew(resource, actor)) {
        log.line(resource.name() + ": the manifest changed");
      }
      undeclared.remove(resource.name());
    }
    Set<ResourceName> names = new HashSet<>();
    declared.forEach(r -> names.add(r.name()));
    for (ResourceName name : hosted.keySet()) {
      if (!names.contains(name) && undeclared.add(name)) {
        log.line(
            name
                + ": no longer in the manifest; it goes on as it was. To remove it: teardown --resource "
                + name);
      }
    }
  }

  private void takeRequests() {
    for (RequestSpool.Spooled spooled : spool.waiting()) {
      Hosted target = hosted.get(spooled.resource());
      Request request = spooled.request();
      if (target == null) {
        log.line("a request for " + spooled.resource() + ", which is not in the manifest");
        spool.done(request);
        continue;
      }
      try {
        // A daemon may have been killed between recording a request and removing its file.
        if (recorded.add(request.id()) && !audit.requested(request.id())) {
          target.loop().request(request);
        }
        spool.done(request);
        target.wake();
      } catch (AuditException e) {
        recorded.remove(request.id());
        if (waiting.add(request.id())) {
          log.line("a request can't be recorded yet: " + e.getMessage());
        }
      }
    }
  }

  private void takeAcknowledgements() {
    for (Path file : spool.acknowledgements()) {
      RequestSpool.said(file, RequestSpool.Acknowledgement.class)
          .ifPresent(said -> acknowledge(file, said));
    }
  }

  private void takePrunings() {
    for (Path file : spool.prunings()) {
      RequestSpool.said(file, RequestSpool.Pruning.class).ifPresent(said -> prune(file, said));
    }
  }

  private void prune(Path file, RequestSpool.Pruning said) {
    try {
      audit
          .prune(said.actor(), said.before())
          .ifPresent(
              pruned ->
                  log.line(
                      said.actor().name()
                          + " had the chain's records before "
                          + pruned.checkpoint()
                          + " removed"));
      spool.done(List.of(file));
    } catch (AuditException e) {
      log.line("the chain's oldest segments can't be removed yet: " + e.getMessage());
    }
  }

  private void acknowledge(Path file, RequestSpool.Acknowledgement said) {
    try {
      if (audit.damage().isPresent()) {
        audit.acknowledge(said.actor(), said.reason());
        log.line("the chain's damage is acknowledged by " + said.actor().name());
        hosted.values().forEach(Hosted::wake);
      }
      spool.done(List.of(file));
    } catch (AuditException e) {
      log.line("it can't be acknowledged yet: " + e.getMessage());
    }
  }

  private void tickDue() {
    for (Hosted h : hosted.values()) {
      Instant now = clock.instant();
      if (h.due(now)) {
        tick(h, now);
      }
    }
  }

  /** What one resource stumbles over must not keep the others from being worked on. */
  private void tick(Hosted h, Instant now) {
    try {
      h.tick(now);
    } catch (RuntimeException e) {
      log.line(h.resource().name() + ": an error in SwiftDeploy itself, tried again: " + e);
      h.later(now.plus(AFTER_ERROR));
    }
  }

  private void writeStatus() {
    List<Status> all = new ArrayList<>();
    if (!audit.trouble().equals(troubled)) {
      troubled = audit.trouble();
      log.line(troubled.orElse("the audit chain is looked after again"));
    }
    List<String> told = new ArrayList<>(problems);
    troubled.ifPresent(told::add);
    for (Hosted h : hosted.values()) {
      h.loop().view().map(v -> project(h, v)).ifPresent(all::add);
    }
    try {
      statusFile.write(new StatusFile.Document(ProcessHandle.current().pid(), told, all));
    } catch (IOException e) {
      log.line("the status can't be written: " + e.getMessage());
    }
  }

  private Status project(Hosted h, ReleaseLoop.View view) {
    return StatusProjector.project(
        view, h.parts().ports().platform().name(), h.parts().ports().policy().name(), audit.head());
  }

  private boolean allTornDown() {
    return !hosted.isEmpty()
        && hosted.values().stream()
            .allMatch(h -> audit.state(h.resource().name()).tornDown() && h.settled());
  }

  private void pause() {
    Instant now = clock.instant();
    Duration wait = POLL;
    for (Hosted h : hosted.values()) {
      Duration left = h.due(now) ? Duration.ZERO : Duration.between(now, h.due());
      wait = left.compareTo(wait) < 0 ? left : wait;
    }
    try {
      if (stop.await(Math.max(1, wait.toMillis()), TimeUnit.MILLISECONDS)) {
        log.line("stopping the service in order");
      }
    } catch (InterruptedException e) {
      stop.countDown();
    }
  }

  /** The proxy first, so that nothing new comes in; then the workloads. */
  private void stopService() {
    Instant until = clock.instant().plus(STOP_AT_MOST);
    Set<ResourceName> left = new HashSet<>(hosted.keySet());
    while (!left.isEmpty() && clock.instant().isBefore(until)) {
      for (Hosted h : hosted.values()) {
        if (left.contains(h.resource().name()) && stopOne(h)) {
          left.remove(h.resource().name());
        }
      }
      sleepBriefly();
    }
    log.line(
        left.isEmpty()
            ? "stopped; the next run brings the same release up again"
            : "not all stopped in time: " + left);
  }

  private boolean stopOne(Hosted h) {
    try {
      return h.loop().stop(actor.name());
    } catch (PlatformException e) {
      log.line(h.resource().name() + ": " + e.getMessage());
      return false;
    }
  }

  private static void sleepBriefly() {
    try {
      TimeUnit.MILLISECONDS.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
