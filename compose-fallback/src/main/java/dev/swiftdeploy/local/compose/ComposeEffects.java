package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.core.platform.Effects;
import dev.swiftdeploy.core.platform.Instance.State;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Spec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** What each effect does on an engine. */
final class ComposeEffects implements Effects<IOException> {
  private final ProjectFiles files;
  private final ComposeSite site;
  private final Engine engine;
  private final ComposeInstances instances;
  private final ComposeProxy proxy;
  private final EvidenceContainer evidence;
  private final Endings endings;
  private final Duration grace;

  ComposeEffects(
      ProjectFiles files,
      ComposeInstances instances,
      ComposeProxy proxy,
      EvidenceContainer evidence,
      Endings endings,
      Duration grace) {
    this.files = files;
    this.site = files.site();
    this.engine = files.engine();
    this.instances = instances;
    this.proxy = proxy;
    this.evidence = evidence;
    this.endings = endings;
    this.grace = grace;
  }

  @Override
  public void start(Workload workload, int replicas) throws IOException {
    requireImage(
        instances
            .release(workload.release())
            .orElseThrow(() -> ProjectFiles.lost(workload.release(), site)));
    Seen there = instances.look();
    SortedMap<Integer, Container> present = there.of(workload);
    List<String> networks = engine.networks(files.network());
    List<String> fresh = new ArrayList<>();
    List<String> anew = new ArrayList<>();
    for (int slot = 0; slot < replicas; slot++) {
      Container container = present.get(slot);
      String service = ComposeSite.service(workload, slot);
      if (container == null) {
        instances.forget(service);
        fresh.add(service);
      } else if (!endings.under(container)
          && instances.instance(container, there).state() == State.EXITED) {
        boolean usable = instances.unfit(container).isEmpty() && canStart(container, networks);
        (usable ? fresh : anew).add(service);
        instances.countRestart(container);
      }
    }
    int most = Math.max(replicas, present.isEmpty() ? 0 : present.lastKey() + 1);
    if (!Integer.valueOf(most).equals(files.project().workloads().get(workload))) {
      files.change(project -> project.with(workload, most));
    }
    if (!fresh.isEmpty() || !anew.isEmpty() || !there.asked(files.network())) {
      files.change(project -> project); // what Compose is given is what is to be, whoever edited it
      files.upAnew("start " + workload, anew);
      files.up("start " + workload, fresh);
      evidence.start(there.all());
      instances.look();
    }
  }

  /** An ended container is bound to the network that it was in: not to another of its name. */
  private boolean canStart(Container container, List<String> networks) {
    String id = container.networks().getOrDefault(files.network(), "gone");
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

  @Override
  public void restart(Workload workload, int slot) {
    Container container = instances.look().of(workload).get(slot);
    if (container != null && container.alive()) {
      endings.end(container, grace, false, () -> {});
    }
  }

  @Override
  public void scaleDown(Workload workload, int replicas) throws IOException {
    SortedMap<Integer, Container> present = instances.look().of(workload);
    for (Container container : present.tailMap(replicas).values()) {
      end(container);
    }
    Integer planned = files.project().workloads().get(workload);
    if (planned != null && planned > replicas) {
      files.change(
          project -> replicas == 0 ? project.without(workload) : project.with(workload, replicas));
    }
  }

  @Override
  public void remove(Workload workload) throws IOException {
    for (Container container : instances.look().of(workload).values()) {
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
          instances.forget(ComposeInstances.service(container));
          tidy();
        });
  }

  /** Where nothing serves any more, what stood around it goes too. */
  private void tidy() {
    if (files.project().serves()) {
      return;
    }
    List<Container> all = engine.containers(site.project());
    all.stream().filter(instances::notYetOurs).forEach(engine::remove); // nor will it ever be
    if (all.stream().anyMatch(c -> c.role().equals(Container.INSTANCE))) {
      return;
    }
    Seen.find(all, Container.EVIDENCE).ifPresent(engine::remove);
    if (files.project().empty()) {
      engine.removeNetwork(files.project().network().name().value());
      files.forgetIfEmpty();
    }
  }

  @Override
  public void route(Route route) {
    Spec.Network wanted = route.settings().network();
    Spec.Network present = files.project().network();
    if (!wanted.equals(present)) {
      moveTo(route, present);
    }
    proxy.apply(instances.routing(instances.look()).config(route));
  }

  /** Everything goes into another network: an interrupting change. */
  private void moveTo(Route route, Spec.Network before) {
    instances.routing(instances.look()).config(route); // refused, if there is nothing to route to
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
      moveBack(present.network(), present.proxy(), services);
      throw e;
    }
    engine.removeNetwork(before.name().value());
    instances.look();
  }

  /** Compose may have stopped everything before it failed. */
  private void moveBack(Spec.Network before, Optional<ProxySettings> proxy, List<String> services) {
    // Which OPA decides may have changed meanwhile.
    files.change(p -> new ComposeProject(p.image(), before, p.workloads(), proxy, p.policies()));
    try {
      files.up("move back to the network " + before.name(), services);
    } catch (PlatformException e) {
      return; // why it could not be moved counts; what is missing is repaired
    }
  }

  @Override
  public void removeRoute() {
    proxy.remove();
  }
}
