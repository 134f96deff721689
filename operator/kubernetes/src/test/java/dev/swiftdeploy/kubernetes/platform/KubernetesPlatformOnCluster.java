package dev.swiftdeploy.kubernetes.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.platform.PlatformRouteContract;
import dev.swiftdeploy.core.platform.PlatformWorld;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.kubernetes.Cluster;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * On a real API server and its controllers. The route's contract is that of every platform; of the
 * rest, what is asked here is what a Deployment can do: it always starts again what ended.
 */
class KubernetesPlatformOnCluster extends PlatformRouteContract {
  private static final String NAME = "{range .items[*]}{.metadata.name} {end}";

  @Override
  protected PlatformWorld newWorld() {
    return new KubernetesWorld();
  }

  private KubernetesWorld kubernetes() {
    return (KubernetesWorld) world;
  }

  private String kubectl(String... arguments) {
    return kubernetes().cluster.kubectl(arguments).output();
  }

  @Test
  void whereNothingWasStartedNothingIsThere() {
    assertThat(platform.observe()).isEqualTo(Observation.NOTHING);
  }

  @Test
  void aStartedWorkloadIsThereAtOnceAndGetsHealthy() {
    Workload workload = stable(world.healthy("1"));

    apply(new Effect.StartWorkload(workload, 2));

    assertThat(platform.observe().find(workload)).isPresent();
    assertThat(instances(workload)).hasSize(2);
    awaitHealthy(workload, 2);
    assertThat(instances(workload))
        .extracting(Instance::address)
        .doesNotHaveDuplicates()
        .allSatisfy(a -> assertThat(a).get().asString().matches("10\\.200\\.0\\.\\d+:3000"));
    assertThat(kubectl("get", "pdb", "-o", "jsonpath=" + NAME)).isEqualTo("demo-workloads ");
  }

  @Test
  void whatRunsIsWhatWasAdmittedAndSaysWhatItRestsOn() {
    Workload workload = serve(stable(world.healthy("1")), 1);

    assertThat(kubectl("get", "pods", "-o", "jsonpath={.items[0].spec.containers[0].image}"))
        .isEqualTo("app:1@sha256:" + "12".repeat(32));
    String deployment =
        kubectl("get", "deploy", "demo-" + workload, "-o", "yaml", "--show-managed-fields");
    assertThat(deployment)
        .contains("swiftdeploy.dev/decision: decision-1")
        .contains("manager: swiftdeploy")
        .contains("operation: Apply");
  }

  @Test
  void startingAgainWritesNothing() {
    Workload workload = serve(stable(world.healthy("1")), 2);
    Observation before = platform.observe();
    List<String> versions = kubernetes().cluster.versions();

    apply(new Effect.StartWorkload(workload, 2));
    apply(new Effect.StartWorkload(workload, 1));

    assertThat(platform.observe()).isEqualTo(before);
    assertThat(kubernetes().cluster.versions()).isEqualTo(versions);
  }

  @Test
  void aReleaseThatNobodyKeptIsNotStarted() {
    Workload workload = new Workload(world.unknown(), Mode.STABLE);

    assertThatThrownBy(() -> apply(new Effect.StartWorkload(workload, 1)))
        .isInstanceOfSatisfying(PlatformException.class, e -> assertThat(e.fix()).isNotBlank());
    assertThat(platform.observe().nothing()).isTrue();
  }

  @Test
  void scalingDownIsAnEffectOfItsOwn() {
    Workload workload = serve(stable(world.healthy("1")), 3);

    bring(
        new Effect.ScaleDown(workload, 1),
        o -> o.find(workload).orElseThrow().instances().size() == 1);

    apply(new Effect.ScaleDown(workload, 5));
    assertThat(instances(workload)).hasSize(1);
    assertThat(instance(workload, 0).healthy()).isTrue();
  }

  @Test
  void removedIsGoneAndCanBeStartedAnew() {
    Workload workload = serve(stable(world.healthy("1")), 2);

    bring(new Effect.RemoveWorkload(workload), Observation::nothing);
    apply(new Effect.RemoveWorkload(workload));
    apply(new Effect.ScaleDown(workload, 0));
    apply(new Effect.RestartInstance(workload, 0));
    apply(new Effect.RemoveRoute());
    kubernetes().cluster.awaitCollected();
    assertThat(kubernetes().cluster.names()).isEmpty();

    serve(workload, 1);
    assertThat(instance(workload, 0).restarts()).isZero();
  }

  @Test
  void whatNeverGetsHealthyTellsSinceWhenAndWhy() {
    Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    Workload workload = stable(world.neverHealthy());

    apply(new Effect.StartWorkload(workload, 1));

    awaitSeen(
        "a failed check",
        o ->
            instance(workload, 0)
                .detail()
                .filter(d -> d.contains("connection refused"))
                .isPresent());
    assertThat(instance(workload, 0).unhealthySince())
        .get()
        .satisfies(t -> assertThat(t).isBetween(before, Instant.now()));
  }

  @Test
  void aSilentInstanceIsReplacedOnRequest() {
    Workload workload = serve(stable(world.healthy("1")), 1);
    world.hang(workload, 0);
    awaitSeen("its silence", in(workload, 0, Instance.State.UNHEALTHY));
    String pod = kubectl("get", "pods", "-o", "jsonpath=" + NAME);

    apply(new Effect.RestartInstance(workload, 0));

    awaitHealthy(workload, 1);
    assertThat(kubectl("get", "pods", "-o", "jsonpath=" + NAME)).isNotEqualTo(pod);
  }

  @Test
  void aQuotaThatLetsNoPodInIsTold() {
    kubectl("create", "quota", "none", "--hard=pods=0");
    kubernetes().cluster.awaitFull(Cluster.POD);
    Workload workload = stable(world.healthy("1"));

    apply(new Effect.StartWorkload(workload, 1));

    awaitSeen(
        "why",
        o -> instance(workload, 0).detail().filter(d -> d.contains("exceeded quota")).isPresent());
    assertThat(instance(workload, 0).unhealthySince()).isPresent();
  }

  @Test
  void whatSomebodyElseChangedInTheProxyIsSeenAndPutRight() {
    Workload workload = serve(stable(world.healthy("1")), 1);
    Route route = new Route(world.settings(), List.of(new Backend(workload, 100, 1)));
    apply(new Effect.SetRoute(route));
    awaitSeen("the route", routing(route));

    kubectl("delete", "cm", "-l", "app.kubernetes.io/component=proxy");
    awaitSeen("that it is gone", o -> !o.route().orElseThrow().current());
    bring(new Effect.SetRoute(route), routing(route));

    kubectl("delete", "svc", "demo");
    awaitSeen("that nothing leads to it", o -> !o.route().orElseThrow().running());
    bring(new Effect.SetRoute(route), routing(route));
  }

  @Test
  void oldConfigMapsGo() {
    Workload a = serve(stable(world.healthy("1")), 1);
    Workload b = serve(canary(world.healthy("2")), 1);
    for (int weight : List.of(10, 50, 90)) {
      Route route =
          new Route(
              world.settings(),
              List.of(new Backend(a, 100 - weight, 1), new Backend(b, weight, 1)));
      apply(new Effect.SetRoute(route));
      awaitSeen("the route", routing(route));
    }
    assertThat(configMaps()).hasSize(3);
    Route last = new Route(world.settings(), List.of(new Backend(a, 100, 1)));
    bring(new Effect.SetRoute(last), routing(last));

    apply(new Effect.RemoveWorkload(b));

    world.await("those that lead to it to go", () -> configMaps().size() == 1);
    assertThat(platform.observe().route())
        .hasValueSatisfying(r -> assertThat(r.current()).isTrue());
  }

  @Test
  void norDoRoutesThatWereSetWhileNoWorkloadWentPileUp() {
    Workload a = serve(stable(world.healthy("1")), 1);
    Workload b = serve(canary(world.healthy("2")), 1);
    for (int weight = 1; weight <= 12; weight++) {
      apply(
          new Effect.SetRoute(
              new Route(
                  world.settings(),
                  List.of(new Backend(a, 100 - weight, 1), new Backend(b, weight, 1)))));
    }

    assertThat(configMaps()).hasSizeLessThanOrEqualTo(10);
  }

  private List<String> configMaps() {
    return List.of(
        kubectl("get", "cm", "-l", "swiftdeploy.dev/resource=demo", "-o", "jsonpath=" + NAME)
            .trim()
            .split(" "));
  }
}
