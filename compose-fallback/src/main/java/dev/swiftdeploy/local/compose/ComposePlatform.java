package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Instance.State;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.platform.Platform;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.ReleaseStore;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.local.health.HealthChecks;
import dev.swiftdeploy.local.proxy.Routing;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Workloads as containers of a Docker engine, behind an nginx that is one too. What is there is
 * what the engine says, found by labels; nothing of it depends on this object.
 *
 * <p>The engine starts ended containers again by their restart policy. What it leaves ended, and
 * what was removed, the loop starts again.
 */
public final class ComposePlatform implements Platform, AutoCloseable {
  /** Its name in records. */
  public static final String NAME = "compose";

  /** How long an instance has to end in order. */
  public static final Duration GRACE = Spec.Defaults.DRAIN_TIMEOUT;

  private final ProjectFiles files;
  private final ComposeSite site;
  private final Engine engine;
  private final ReleaseStore releases;
  private final Duration grace;

  private final Endings endings;
  private final ComposeProxy proxy;
  private final HealthChecks health;
  private final InstanceFiles remembered;
  private final Instant opened;
  private final Map<ReleaseId, Release> known = new HashMap<>();
  private boolean looked;

  /**
   * Asks the engine nothing yet.
   *
   * @param way to instances; this platform keeps it up to date
   * @param grace from asking an instance to end to killing it
   */
  public ComposePlatform(
      ProjectFiles files, ReleaseStore releases, EvidenceWay way, Duration grace, Clock clock) {
    this.files = files;
    this.site = files.site();
    this.engine = files.engine();
    this.releases = releases;
    this.grace = grace;
    this.endings = new Endings(files);
    this.proxy = new ComposeProxy(files, way, endings);
    this.health = new HealthChecks(clock, site.resource().value(), Optional.of(way));
    this.remembered = new InstanceFiles(site.instances());
    this.opened = clock.instant();
  }

  @Override
  public String name() {
    return NAME;
  }

  /** The proxy, for those who check before anything runs. */
  public ComposeProxy proxy() {
    return proxy;
  }

  /** Stops watching. Containers run on. */
  @Override
  public void close() {
    health.close();
  }

  // ---- observing ----

  /** The containers of one look. */
  private record There(
      List<Container> all, SortedMap<Workload, SortedMap<Integer, Container>> instances) {

    static There of(List<Container> all) {
      SortedMap<Workload, SortedMap<Integer, Container>> instances = new TreeMap<>();
      for (Container container : all) {
        if (container.role().equals(Container.INSTANCE)
            && container.workload().isPresent()
            && container.slot().isPresent()) {
          instances
              .computeIfAbsent(container.workload().get(), w -> new TreeMap<>())
              .put(container.slot().getAsInt(), container);
        }
      }
      return new There(all, instances);
    }

    SortedMap<Integer, Container> of(Workload workload) {
      return instances.getOrDefault(workload, new TreeMap<>());
    }

    boolean asked(String network) {
      return ComposeProxy.find(all, Container.EVIDENCE)
          .filter(c -> c.reachable(network))
          .isPresent();
    }

    boolean routed() {
      return ComposeProxy.find(all, Container.NGINX).isPresent();
    }
  }

  @Override
  public synchronized Observation observe() {
    There there = look();
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
    return new Observation(workloads, routing(there).observed(proxy.observe(there.all())));
  }

  /** Sees what is there, and has all of it watched that runs. */
  private There look() {
    There there =
        There.of(engine.containers(site.project()).stream().filter(c -> !notYetOurs(c)).toList());
    proxy.openWay(there.all());
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
  private boolean notYetOurs(Container container) {
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
  private Optional<Release> release(ReleaseId id) {
    Release release = known.get(id);
    if (release != null) {
      return Optional.of(release);
    }
    Optional<Release> read = releases.get(id);
    read.ifPresent(r -> known.put(id, r));
    return read;
  }

  private Instance instance(Container container, There there) {
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
    if (!there.asked(network()) && !there.routed()) {
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
  private Optional<String> unfit(Container container) {
    Optional<String> admitted = release(container).flatMap(Release::imageDigest);
    if (admitted.isPresent() && !admitted.get().equals(container.image())) {
      return Optional.of("runs another image than was admitted");
    }
    return container.alive() && !container.addresses().containsKey(network())
        ? Optional.of("is not in the network " + network())
        : Optional.empty();
  }

  private String network() {
    return files.project().network().name().value();
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

  private static String service(Container container) {
    return ComposeSite.service(container.workload().orElseThrow(), container.slot().orElse(0));
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

  // ---- effects ----

  @Override
  public synchronized void apply(Effect effect, Permission permission) {
    try {
      if (effect instanceof Effect.StartWorkload start) {
        start(start.workload(), start.replicas());
      } else if (effect instanceof Effect.RestartInstance restart) {
        restart(restart.workload(), restart.slot());
      } else if (effect instanceof Effect.ScaleDown scale) {
        scaleDown(scale.workload(), scale.replicas());
      } else if (effect instanceof Effect.RemoveWorkload remove) {
        remove(remove.workload());
      } else if (effect instanceof Effect.SetRoute set) {
        route(set.route());
      } else if (effect instanceof Effect.RemoveRoute) {
        proxy.remove();
      }
    } catch (IOException e) {
      throw new PlatformException(
          "could not " + effect.text() + ": " + e.getMessage(),
          "make room in " + site.state() + ", and make it writable for this user",
          e);
    }
  }

  private void start(Workload workload, int replicas) throws IOException {
    requireImage(
        release(workload.release()).orElseThrow(() -> ProjectFiles.lost(workload.release(), site)));
    There there = look();
    SortedMap<Integer, Container> present = there.of(workload);
    List<String> networks = engine.networks(network());
    List<String> fresh = new ArrayList<>();
    List<String> anew = new ArrayList<>();
    for (int slot = 0; slot < replicas; slot++) {
      Container container = present.get(slot);
      String service = ComposeSite.service(workload, slot);
      if (container == null) {
        remembered.delete(service);
        fresh.add(service);
      } else if (!endings.under(container) && instance(container, there).state() == State.EXITED) {
        boolean usable = unfit(container).isEmpty() && canStart(container, networks);
        (usable ? fresh : anew).add(service);
        countRestart(container);
      }
    }
    int most = Math.max(replicas, present.isEmpty() ? 0 : present.lastKey() + 1);
    if (!Integer.valueOf(most).equals(files.project().workloads().get(workload))) {
      files.change(project -> project.with(workload, most));
    }
    if (!fresh.isEmpty() || !anew.isEmpty() || !there.asked(network())) {
      files.change(project -> project); // what Compose is given is what is to be, whoever edited it
      files.upAnew("start " + workload, anew);
      files.up("start " + workload, fresh);
      proxy.startWay(there.all());
      look();
    }
  }

  /** An ended container is bound to the network that it was in: not to another of its name. */
  private boolean canStart(Container container, List<String> networks) {
    String id = container.networks().getOrDefault(network(), "gone");
    return id.isEmpty() || networks.contains(id);
  }

  private void requireImage(Release release) {
    String id = release.imageDigest().orElse(release.image().value());
    if (engine.image(id).isEmpty()) {
      throw new PlatformException(
          "the image of release " + release.id() + ", " + id + ", is no longer in the engine",
          "build or pull " + release.image() + " again, with the same content");
    }
  }

  private void countRestart(Container container) {
    InstanceFiles.Entry entry = remembered.read(service(container));
    int before = entry.restarts() + container.restarts();
    boolean wasStarted = !container.status().equals("created");
    remember(container, new InstanceFiles.Entry(before + (wasStarted ? 1 : 0), entry.proven()));
  }

  private void restart(Workload workload, int slot) {
    Container container = look().of(workload).get(slot);
    if (container != null && container.alive()) {
      endings.end(container, grace, false, () -> {});
    }
  }

  private void scaleDown(Workload workload, int replicas) throws IOException {
    SortedMap<Integer, Container> present = look().of(workload);
    for (Container container : present.tailMap(replicas).values()) {
      end(container);
    }
    Integer planned = files.project().workloads().get(workload);
    if (planned != null && planned > replicas) {
      files.change(
          project -> replicas == 0 ? project.without(workload) : project.with(workload, replicas));
    }
  }

  private void remove(Workload workload) throws IOException {
    for (Container container : look().of(workload).values()) {
      end(container);
    }
    if (files.project().workloads().containsKey(workload)) {
      files.change(project -> project.without(workload));
    }
  }

  private void end(Container container) {
    endings.end(
        container,
        grace,
        true,
        () -> {
          remembered.delete(service(container));
          tidy();
        });
  }

  /** Where nothing serves any more, what stood around it goes too. */
  private void tidy() {
    if (files.project().serves()) {
      return;
    }
    List<Container> all = engine.containers(site.project());
    all.stream().filter(this::notYetOurs).forEach(engine::remove); // nor will it ever be
    if (all.stream().anyMatch(c -> c.role().equals(Container.INSTANCE))) {
      return;
    }
    ComposeProxy.find(all, Container.EVIDENCE).ifPresent(engine::remove);
    if (files.project().empty()) {
      engine.removeNetwork(files.project().network().name().value());
      files.forgetIfEmpty();
    }
  }

  // ---- the route ----

  private Routing routing(There there) {
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

  private Routing.Reachable reachable(Container container, There there) {
    Endpoint endpoint =
        new Endpoint(
            container.name(),
            release(container).map(Release::port).orElse(Spec.Defaults.SERVICE_PORT));
    return new Routing.Reachable(endpoint, instance(container, there).healthy());
  }

  private void route(Route route) {
    Spec.Network wanted = route.settings().network();
    Spec.Network present = files.project().network();
    if (!wanted.equals(present)) {
      moveTo(route, present);
    }
    proxy.apply(routing(look()).config(route));
  }

  /** Compose may have stopped everything before it failed. */
  private void moveBack(ComposeProject present, List<String> services) {
    files.change(p -> present);
    try {
      files.up("move back to the network " + present.network().name(), services);
    } catch (PlatformException e) {
      return; // why it could not be moved counts; what is missing is repaired
    }
  }

  /** Everything goes into another network: an interrupting change. */
  private void moveTo(Route route, Spec.Network before) {
    routing(look()).config(route); // refused, if there is nothing to route to
    ComposeProject present = files.project();
    ComposeProject project = files.change(p -> p.routed(route.settings()));
    List<String> services = new ArrayList<>(List.of(Container.EVIDENCE));
    project
        .workloads()
        .forEach(
            (workload, replicas) -> {
              for (int slot = 0; slot < replicas; slot++) {
                services.add(ComposeSite.service(workload, slot));
              }
            });
    project.policies().keySet().forEach(revision -> services.add(ComposeFile.opaService(revision)));
    services.add(Container.NGINX);
    try {
      files.upAnew("move to the network " + route.settings().network().name(), services);
    } catch (PlatformException e) {
      moveBack(present, services);
      throw e;
    }
    engine.removeNetwork(before.name().value());
    look();
  }
}
