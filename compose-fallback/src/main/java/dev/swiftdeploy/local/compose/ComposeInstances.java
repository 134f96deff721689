package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Instance.State;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.ReleaseStore;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.local.health.HealthChecks;
import dev.swiftdeploy.local.proxy.Routing;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A project's instances: which containers they are, and how each one does. */
final class ComposeInstances implements AutoCloseable {
  private final ProjectFiles files;
  private final ComposeSite site;
  private final Engine engine;
  private final ReleaseStore releases;
  private final Endings endings;
  private final EvidenceContainer evidence;
  private final HealthChecks health;
  private final InstanceFiles remembered;
  private final Instant opened;
  private final Map<ReleaseId, Release> known = new HashMap<>();
  private boolean looked;

  ComposeInstances(
      ProjectFiles files,
      ReleaseStore releases,
      Endings endings,
      EvidenceContainer evidence,
      Clock clock) {
    this.files = files;
    this.site = files.site();
    this.engine = files.engine();
    this.releases = releases;
    this.endings = endings;
    this.evidence = evidence;
    this.health = new HealthChecks(clock, site.resource().value(), Optional.of(evidence.way()));
    this.remembered = new InstanceFiles(site.instances());
    this.opened = clock.instant();
  }

  /** Stops watching. Containers run on. */
  @Override
  public void close() {
    health.close();
  }

  /** All of them, as the loop is told. */
  List<ObservedWorkload> observed(Seen there) {
    if (!looked) {
      looked = true;
      health.awaitFirst(HealthChecks.TIMEOUT); // what was healthy before must not seem otherwise
    }
    List<ObservedWorkload> workloads = new ArrayList<>();
    there
        .instances()
        .forEach(
            (workload, of) ->
                workloads.add(
                    new ObservedWorkload(
                        workload, of.values().stream().map(c -> instance(c, there)).toList())));
    return workloads;
  }

  /** What is remembered of one is forgotten: it is gone, or another one takes its place. */
  void forget(String service) {
    remembered.delete(service);
  }

  static String service(Container container) {
    return ComposeSite.service(container.workload().orElseThrow(), container.slot().orElse(0));
  }

  /** Sees what is there, and has all of it watched that runs. */
  Seen look() {
    Seen there =
        Seen.of(engine.containers(site.project()).stream().filter(c -> !notYetOurs(c)).toList());
    evidence.open(there.all());
    Map<String, HealthChecks.Target> targets = new HashMap<>();
    there.instances().values().stream()
        .flatMap(of -> of.values().stream())
        .filter(Container::alive)
        .forEach(
            c -> {
              Spec.Health how = release(c).map(Release::health).orElse(Spec.Defaults.HEALTH);
              targets.put(
                  c.life(),
                  new HealthChecks.Target(address(c), how.path(), how.interval(), () -> true));
            });
    health.watch(targets);
    return there;
  }

  /**
   * Whether a person started this instance from the generated file, and no permission was acted on
   * for it so far: until then it is not this service's, and then it is taken as it is.
   */
  boolean notYetOurs(Container container) {
    return container.role().equals(Container.INSTANCE)
        && container.byHand(site.file())
        && container.workload().filter(w -> files.project().workloads().containsKey(w)).isEmpty()
        && !(container.workload().isPresent() && remembered.has(service(container)))
        && !endings.under(container);
  }

  private String address(Container container) {
    return container.name()
        + ":"
        + release(container).map(Release::port).orElse(Spec.Defaults.SERVICE_PORT);
  }

  private Optional<Release> release(Container container) {
    return container.workload().flatMap(w -> release(w.release()));
  }

  /** A release's content can't change, so what was read once is not read again. */
  Optional<Release> release(ReleaseId id) {
    Release release = known.get(id);
    if (release != null) {
      return Optional.of(release);
    }
    Optional<Release> read = releases.get(id);
    read.ifPresent(r -> known.put(id, r));
    return read;
  }

  Instance instance(Container container, Seen there) {
    if (endings.under(container)) {
      return instance(container, State.UNHEALTHY, opened, "was asked to end");
    }
    Optional<String> unfit = unfit(container);
    if (unfit.isPresent()) {
      return instance(container, State.EXITED, null, unfit.get());
    }
    if (!container.alive()) {
      return notRunning(container);
    }
    if (!there.asked(files.network()) && !there.routed()) {
      return instance(container, State.EXITED, null, "can't be asked: evidence is gone");
    }
    HealthChecks.Health now = health.of(container.life());
    if (now.healthy()) {
      prove(container);
      return instance(container, State.HEALTHY, null, null);
    }
    return instance(
        container,
        State.UNHEALTHY,
        unhealthySince(container, now),
        now.problem().map(p -> p + said(container)).orElse(null));
  }

  /** Why a container is not what was admitted. */
  Optional<String> unfit(Container container) {
    Optional<String> admitted = release(container).flatMap(Release::imageDigest);
    if (admitted.isPresent() && !admitted.get().equals(container.image())) {
      return Optional.of("runs another image than was admitted");
    }
    return container.alive() && !container.addresses().containsKey(files.network())
        ? Optional.of("is not in the network " + files.network())
        : Optional.empty();
  }

  private Instance instance(
      Container container,
      State state,
      @org.jspecify.annotations.Nullable Instant since,
      @org.jspecify.annotations.Nullable String detail) {
    return new Instance(
        container.slot().orElse(0),
        state,
        Optional.of(address(container)),
        remembered.read(service(container)).restarts() + container.restarts(),
        Optional.ofNullable(since),
        Optional.ofNullable(detail));
  }

  /** Since when its checks fail, if it was healthy before; else since it started. */
  private Instant unhealthySince(Container container, HealthChecks.Health now) {
    boolean proven =
        remembered.read(service(container)).proven().filter(container.life()::equals).isPresent();
    return proven ? now.failingSince().orElse(opened) : container.started();
  }

  private void prove(Container container) {
    InstanceFiles.Entry entry = remembered.read(service(container));
    if (entry.proven().filter(container.life()::equals).isEmpty()) {
      remember(container, new InstanceFiles.Entry(entry.restarts(), Optional.of(container.life())));
    }
  }

  private void remember(Container container, InstanceFiles.Entry entry) {
    try {
      remembered.write(service(container), entry);
    } catch (IOException e) {
      // only counts, and a later daemon's patience, are less exact without it
    }
  }

  private String said(Container container) {
    return engine.lastLine(container).map(line -> ", and said: " + line).orElse("");
  }

  private Instance notRunning(Container container) {
    String how =
        container.status().equals("created")
            ? "was not started" + (container.error().isBlank() ? "" : ": " + container.error())
            : "exited with " + container.exitCode();
    return instance(container, stateAfter(container), null, how + said(container));
  }

  private State stateAfter(Container container) {
    if (container.status().equals("restarting")) {
      return State.BACKING_OFF;
    }
    RestartPolicy policy =
        release(container).map(Release::restartPolicy).orElse(RestartPolicy.UNLESS_STOPPED);
    boolean well = container.status().equals("exited") && container.exitCode() == 0;
    boolean left =
        !container.status().equals("created")
            && (policy == RestartPolicy.NO || (policy == RestartPolicy.ON_FAILURE && well));
    return left ? State.COMPLETED : State.EXITED;
  }

  void countRestart(Container container) {
    InstanceFiles.Entry entry = remembered.read(service(container));
    int before = entry.restarts() + container.restarts();
    boolean wasStarted = !container.status().equals("created");
    remember(container, new InstanceFiles.Entry(before + (wasStarted ? 1 : 0), entry.proven()));
  }

  Routing routing(Seen there) {
    return new Routing(
        workload -> {
          SortedMap<Integer, Routing.Reachable> reachable = new TreeMap<>();
          there
              .of(workload)
              .forEach(
                  (slot, c) -> {
                    if (c.alive()) {
                      reachable.put(slot, reachable(c, there));
                    }
                  });
          return reachable;
        });
  }

  private Routing.Reachable reachable(Container container, Seen there) {
    Endpoint endpoint =
        new Endpoint(
            container.name(),
            release(container).map(Release::port).orElse(Spec.Defaults.SERVICE_PORT));
    return new Routing.Reachable(endpoint, instance(container, there).healthy());
  }
}
