package dev.swiftdeploy.kubernetes.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Platform;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Somebody else writes between what the watches have shown and a removal: it is not carried out on
 * what is no longer so. The watches stand still here until the removal was tried.
 */
class LaggingWatchesOnCluster {
  private static final Permission PERMISSION = new Permission("decision-1", 1);

  private KubernetesWorld world;
  private StandingStill shown;
  private Platform lagging;

  /** What the API server held when the watches stopped; until then, what it holds. */
  private static final class StandingStill implements KnownObjects {
    private final KnownObjects live;
    private final Map<Class<?>, List<? extends HasMetadata>> kept = new HashMap<>();

    private StandingStill(KnownObjects live) {
      this.live = live;
    }

    private void stop(KubernetesSite site) {
      KINDS.forEach(kind -> kept.put(kind, live.of(kind, site)));
    }

    private void goOn() {
      kept.clear();
    }

    @Override
    public <T extends HasMetadata> List<T> of(Class<T> kind, KubernetesSite site) {
      return kept.containsKey(kind)
          ? kept.get(kind).stream().map(kind::cast).toList()
          : live.of(kind, site);
    }

    @Override
    public void wrote(HasMetadata object) {}

    @Override
    public void removed(HasMetadata object) {}
  }

  @BeforeEach
  void open() {
    world = new KubernetesWorld();
    shown = new StandingStill(new LiveObjects(world.cluster.client()));
    lagging = new KubernetesPlatform(world.cluster.client(), shown, world.owned(), world.releases);
  }

  @AfterEach
  void close() {
    world.close();
  }

  private Workload serve(Release release, Mode mode) {
    Workload workload = new Workload(release.id(), mode);
    lagging.apply(new Effect.StartWorkload(workload, 1), PERMISSION);
    world.await(
        workload + " to be healthy",
        () -> lagging.observe().find(workload).map(w -> w.healthy(1)).orElse(0) == 1);
    return workload;
  }

  private Route to(Workload workload) {
    return new Route(world.settings(), List.of(new Backend(workload, 100, 1)));
  }

  private void route(Platform platform, Workload workload) {
    platform.apply(new Effect.SetRoute(to(workload)), PERMISSION);
    world.await(
        "the route",
        () ->
            platform
                .observe()
                .route()
                .filter(r -> r.current() && !r.draining())
                .flatMap(r -> r.route())
                .equals(java.util.Optional.of(to(workload))));
  }

  private void stop() {
    shown.stop(world.owned());
    lagging.observe();
  }

  private void refused(Effect effect, String why) {
    assertThatThrownBy(() -> lagging.apply(effect, PERMISSION))
        .isInstanceOfSatisfying(PlatformException.class, e -> assertThat(e.fix()).isNotBlank())
        .hasMessageContaining(why);
  }

  private String uid(Workload workload) {
    return world
        .cluster
        .kubectl("get", "deploy", "demo-" + workload, "-o", "jsonpath={.metadata.uid}")
        .output();
  }

  private void kubectl(String... arguments) {
    assertThat(world.cluster.kubectl(arguments).exit()).isZero();
  }

  @Test
  void aWorkloadThatTheRouteLeadsToAgainStays() {
    Workload old = serve(world.healthy("1"), Mode.STABLE);
    Workload other = serve(world.healthy("2"), Mode.STABLE);
    route(lagging, old);
    route(lagging, other);
    stop();
    route(world.open(), old);
    String before = uid(old);

    refused(new Effect.RemoveWorkload(old), "the proxy was changed");
    assertThat(uid(old)).isEqualTo(before);

    shown.goOn();
    assertThat(lagging.observe().route().orElseThrow().route()).contains(to(old));
    refused(new Effect.RemoveWorkload(old), "the proxy leads to");
    lagging.apply(new Effect.RemoveWorkload(other), PERMISSION);
    assertThat(lagging.observe().find(other)).isEmpty();
    assertThat(uid(old)).isEqualTo(before);
  }

  @Test
  void aProxyThatCameOrWentMeanwhileIsLookedAtFirst() {
    Workload old = serve(world.healthy("1"), Mode.STABLE);
    Workload other = serve(world.healthy("2"), Mode.STABLE);
    stop();
    route(world.open(), old);
    refused(new Effect.RemoveWorkload(old), "the proxy was changed");

    shown.goOn();
    route(lagging, other);
    stop();
    kubectl("delete", "deploy", "demo-nginx");
    refused(new Effect.RemoveWorkload(old), "the proxy was changed");
    assertThat(uid(old)).isNotEmpty();
  }

  @Test
  void aWorkloadThatSomebodyChangedOrMadeAnewStays() {
    Workload changed = serve(world.healthy("1"), Mode.STABLE);
    Workload anew = serve(world.healthy("2"), Mode.STABLE);
    stop();
    kubectl("scale", "deploy", "demo-" + changed, "--replicas=2");
    kubectl("delete", "deploy", "demo-" + anew);
    world.open().apply(new Effect.StartWorkload(anew, 1), PERMISSION);
    String before = uid(anew);

    refused(new Effect.RemoveWorkload(changed), "Conflict");
    refused(new Effect.RemoveWorkload(anew), "Conflict");
    assertThat(uid(changed)).isNotEmpty();
    assertThat(uid(anew)).isEqualTo(before);

    shown.goOn();
    lagging.apply(new Effect.RemoveWorkload(changed), PERMISSION);
    assertThat(lagging.observe().find(changed)).isEmpty();
  }

  @Test
  void aStatusThatMovedOnIsNoChange() {
    Workload workload = serve(world.healthy("1"), Mode.STABLE);
    stop();
    world.hang(workload, 0);
    world.await(
        "a status that says so",
        () ->
            !world
                .cluster
                .kubectl(
                    "get", "deploy", "demo-" + workload, "-o", "jsonpath={.status.readyReplicas}")
                .output()
                .equals("1"));

    lagging.apply(new Effect.RemoveWorkload(workload), PERMISSION);

    shown.goOn();
    assertThat(lagging.observe().nothing()).isTrue();
  }

  @Test
  void aServiceThatSomebodyChangedIsLookedAtBeforeTheRouteGoes() {
    Workload workload = serve(world.healthy("1"), Mode.STABLE);
    route(lagging, workload);
    stop();
    kubectl("annotate", "svc", "demo", "load-balancer=kept");

    refused(new Effect.RemoveRoute(), "Conflict");
    kubectl("get", "svc", "demo");

    shown.goOn();
    lagging.apply(new Effect.RemoveRoute(), PERMISSION);
    assertThat(world.cluster.kubectl("get", "svc", "demo").exit()).isNotZero();
  }
}
