package dev.swiftdeploy.core.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Instance.State;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.HttpPath;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.SpecOf;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link MetricsSource} does. */
public abstract class MetricsSourceContract {
  protected static final Workload STABLE = Workload.of("stable-3f2a9c01b7de");
  protected static final Workload CANARY = Workload.of("canary-00aa11bb22cc");
  private static final Duration QUICK = Duration.ofMillis(8);

  protected MetricsSourceContract() {}

  protected MetricsWorld world;
  protected MetricsSource source;

  protected abstract MetricsWorld world();

  @BeforeEach
  void open() {
    world = world();
    source = world.source();
  }

  @AfterEach
  void close() {
    world.close();
  }

  // ---- helpers ----

  /** With this window, scraped each second; probed where that is wanted. */
  protected static Spec spec(Optional<Spec.Probe> probe) {
    Spec spec = SpecOf.release("A").spec();
    return new Spec(
        spec.services(),
        spec.nginx(),
        spec.network(),
        new Spec.Canary(
            List.of(Spec.Defaults.CANARY_STEP),
            Duration.ofSeconds(1),
            Duration.ofSeconds(120),
            probe,
            Optional.empty()),
        spec.policy(),
        false);
  }

  private static Spec spec() {
    return spec(Optional.empty());
  }

  private static Spec probed() {
    return spec(Optional.of(new Spec.Probe(HttpPath.of("/"), 20)));
  }

  protected static Instance instance(int slot, State state, String address) {
    return new Instance(slot, state, Optional.of(address), 0, Optional.empty(), Optional.empty());
  }

  /** A workload of healthy instances at these addresses, by slot. */
  protected static ObservedWorkload at(Workload workload, String... addresses) {
    List<Instance> instances = new ArrayList<>();
    for (int slot = 0; slot < addresses.length; slot++) {
      instances.add(instance(slot, State.HEALTHY, addresses[slot]));
    }
    return new ObservedWorkload(workload, instances);
  }

  protected void eventually(Workload workload, Instant from, Consumer<WorkloadMetrics> holds) {
    await()
        .atMost(Duration.ofSeconds(30))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(
            () -> {
              world.step();
              Optional<WorkloadMetrics> read = source.read(workload, from);
              assertThat(read).isPresent();
              holds.accept(read.get());
            });
  }

  /** A time from which on there is a baseline of that many instances. */
  protected Instant baseline(Workload workload, int instances) {
    Instant from = world.now();
    eventually(workload, from, m -> assertThat(m.instances()).isEqualTo(instances));
    return from;
  }

  /** A service that has done much before anyone looked. */
  private FakeService busy() {
    FakeService service = world.service();
    service.answer(1000, "/", 500, Duration.ofSeconds(2));
    return service;
  }

  // ---- the contract ----

  @Test
  void whatIsNotWatchedIsNotKnown() {
    assertThat(source.read(STABLE, Instant.EPOCH)).isEmpty();
    source.watch(List.of(), spec());
    assertThat(source.read(STABLE, Instant.EPOCH)).isEmpty();
  }

  @Test
  void whatWasDoneSinceIsTold() {
    FakeService service = busy();
    source.watch(List.of(at(CANARY, world.listen(service))), spec());
    Instant from = baseline(CANARY, 1);

    service.answer(95, "/", 200, QUICK);
    service.answer(5, "/", 503, Duration.ofMillis(700));

    eventually(
        CANARY,
        from,
        m -> {
          assertThat(m.requests()).isEqualTo(100);
          assertThat(m.syntheticRequests()).isZero();
          assertThat(m.errors()).isEqualTo(5);
          assertThat(m.errorRate()).isEqualTo(0.05);
          assertThat(m.errorRateUpper95()).isGreaterThan(0.05).isLessThan(0.11);
          assertThat(m.p50Ms()).isBetween(5.0, 10.0);
          assertThat(m.p99Ms()).isBetween(500.0, 1000.0);
          assertThat(m.p99InLastBucket()).isFalse();
          assertThat(m.restarts()).isZero();
          assertThat(m.resets()).isZero();
          assertThat(m.scrapeFailures()).isZero();
          assertThat(m.scrapeFailure()).isNull();
          assertThat(m.windowSeconds()).isPositive();
          assertThat(m.chaosActive()).isZero();
        });
  }

  @Test
  void healthMetricsAndChaosAreNotItsWork() {
    FakeService service = world.service();
    source.watch(List.of(at(CANARY, world.listen(service))), spec());
    Instant from = baseline(CANARY, 1);

    service.answer(50, "/healthz", 500, QUICK);
    service.answer(50, "/metrics", 200, QUICK);
    service.answer(50, "/chaos", 403, QUICK);
    service.answer(1, "/", 200, QUICK);

    eventually(CANARY, from, m -> assertThat(m.requests()).isEqualTo(1));
    eventually(CANARY, from, m -> assertThat(m.errors()).isZero());
  }

  @Test
  void aWindowOfWhichNothingWasReadYetHasNoRequests() {
    source.watch(List.of(at(CANARY, world.listen(busy()))), spec());
    baseline(CANARY, 1);

    Optional<WorkloadMetrics> read = source.read(CANARY, world.now().plusSeconds(100));

    assertThat(read).get().extracting(WorkloadMetrics::requests).isEqualTo(0.0);
    assertThat(read).get().extracting(WorkloadMetrics::errorRate).isNull();
    assertThat(read).get().extracting(WorkloadMetrics::instances).isEqualTo(0);
  }

  @Test
  void watchingAgainChangesNothing() {
    FakeService service = busy();
    List<ObservedWorkload> workloads = List.of(at(CANARY, world.listen(service)));
    source.watch(workloads, spec());
    Instant from = baseline(CANARY, 1);
    service.answer(3, "/", 200, QUICK);
    eventually(CANARY, from, m -> assertThat(m.requests()).isEqualTo(3));

    source.watch(workloads, spec());
    source.watch(workloads, probed());
    source.watch(workloads, spec());

    assertThat(source.read(CANARY, from))
        .get()
        .extracting(WorkloadMetrics::requests)
        .isEqualTo(3.0);
    service.answer(4, "/", 200, QUICK);
    eventually(CANARY, from, m -> assertThat(m.requests()).isEqualTo(7));
  }

  @Test
  void whatIsWatchedNoMoreIsForgotten() {
    FakeService service = busy();
    FakeService other = busy();
    ObservedWorkload canary = at(CANARY, world.listen(service));
    ObservedWorkload stable = at(STABLE, world.listen(other));
    source.watch(List.of(stable, canary), spec());
    Instant from = baseline(CANARY, 1);
    service.answer(3, "/", 200, QUICK);
    eventually(CANARY, from, m -> assertThat(m.requests()).isEqualTo(3));

    source.watch(List.of(stable), spec());

    assertThat(source.read(CANARY, from)).isEmpty();
    int asked = service.scrapes();
    int askedOther = other.scrapes();
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              world.step();
              return other.scrapes() > askedOther + 2;
            });
    assertThat(service.scrapes()).as("at most one was on its way").isLessThanOrEqualTo(asked + 1);

    source.watch(List.of(stable, canary), spec());
    eventually(CANARY, from, m -> assertThat(m.instances()).isEqualTo(1));
    assertThat(source.read(CANARY, from))
        .get()
        .extracting(WorkloadMetrics::requests)
        .isEqualTo(0.0);
  }

  @Test
  void anInstanceAtAnotherAddressIsTheSame() {
    FakeService service = busy();
    String first = world.listen(service);
    source.watch(List.of(at(CANARY, first)), spec());
    Instant from = baseline(CANARY, 1);
    service.answer(3, "/", 200, QUICK);
    eventually(CANARY, from, m -> assertThat(m.requests()).isEqualTo(3));

    String second = world.listen(service);
    source.watch(List.of(at(CANARY, second)), spec());
    world.stop(first);
    service.answer(4, "/", 200, QUICK);

    eventually(CANARY, from, m -> assertThat(m.requests()).isEqualTo(7));
    eventually(CANARY, from, m -> assertThat(m.instances()).isEqualTo(1));
  }

  @Test
  void aRestartedInstanceBeganAtZeroAndIsCounted() {
    FakeService service = world.service();
    service.answer(10, "/", 200, QUICK);
    source.watch(List.of(at(CANARY, world.listen(service))), spec());
    Instant from = baseline(CANARY, 1);

    service.restart();
    service.answer(40, "/", 500, QUICK); // more than before: the counters don't show it

    eventually(
        CANARY,
        from,
        m -> {
          assertThat(m.restarts()).isEqualTo(1);
          assertThat(m.requests()).isEqualTo(40);
          assertThat(m.errors()).isEqualTo(40);
        });
  }

  @Test
  void anInstanceBornInTheWindowBeganAtZero() {
    FakeService old = busy();
    ObservedWorkload one = at(CANARY, world.listen(old));
    source.watch(List.of(one), spec());
    Instant from = baseline(CANARY, 1);
    // By more than its first scrape may be late: it tells its age then.
    eventually(CANARY, from, m -> assertThat(m.windowSeconds()).isGreaterThan(3));
    FakeService young = world.service();
    young.restart(); // well after the window began
    young.answer(7, "/", 200, QUICK);

    source.watch(
        List.of(at(CANARY, one.instances().get(0).address().orElseThrow(), world.listen(young))),
        spec());

    eventually(
        CANARY,
        from,
        m -> {
          assertThat(m.instances()).isEqualTo(2);
          assertThat(m.requests()).isEqualTo(7);
          assertThat(m.restarts()).isZero();
        });
  }

  @Test
  void instancesAreAddedUpAndAVanishedOneCountsWithWhatItDid() {
    FakeService a = busy();
    FakeService b = busy();
    String addressOfA = world.listen(a);
    source.watch(List.of(at(CANARY, addressOfA, world.listen(b))), spec());
    Instant from = baseline(CANARY, 2);
    a.answer(3, "/", 200, QUICK);
    b.answer(4, "/", 500, QUICK);
    eventually(CANARY, from, m -> assertThat(m.requests()).isEqualTo(7));

    source.watch(List.of(at(CANARY, addressOfA)), spec());
    a.answer(1, "/", 200, QUICK);

    eventually(
        CANARY,
        from,
        m -> {
          assertThat(m.requests()).isEqualTo(8);
          assertThat(m.errors()).isEqualTo(4);
          assertThat(m.scrapeFailures()).isZero();
        });
  }

  @Test
  void workloadsAreToldApart() {
    FakeService stable = busy();
    FakeService canary = busy();
    source.watch(
        List.of(at(STABLE, world.listen(stable)), at(CANARY, world.listen(canary))), spec());
    Instant from = world.now();
    baseline(STABLE, 1);
    baseline(CANARY, 1);

    stable.answer(9, "/", 200, QUICK);
    canary.answer(1, "/", 500, QUICK);

    eventually(STABLE, from, m -> assertThat(m.requests()).isEqualTo(9));
    eventually(CANARY, from, m -> assertThat(m.errors()).isEqualTo(1));
    assertThat(source.read(STABLE, from)).get().extracting(WorkloadMetrics::errors).isEqualTo(0.0);
  }

  @Test
  void aSilentInstanceIsAFailureAndItsRequestsAreNotKnown() {
    FakeService service = busy();
    service.silent(true);
    source.watch(List.of(at(CANARY, world.listen(service))), spec());

    eventually(
        CANARY,
        Instant.EPOCH,
        m -> {
          assertThat(m.scrapeFailures()).isPositive();
          assertThat(m.scrapeFailure()).isNotBlank();
          assertThat(m.requests()).isNull();
          assertThat(m.syntheticRequests()).isNull();
          assertThat(m.errors()).isNull();
          assertThat(m.errorRate()).isNull();
          assertThat(m.errorRateUpper95()).isNull();
          assertThat(m.p99Ms()).isNull();
          assertThat(m.instances()).isZero();
        });

    service.silent(false);
    eventually(CANARY, Instant.EPOCH, m -> assertThat(m.instances()).isEqualTo(1));
  }

  @Test
  void whereNothingListensIsAFailure() {
    String address = world.listen(world.service());
    world.stop(address);
    source.watch(List.of(at(CANARY, address)), spec());

    eventually(CANARY, Instant.EPOCH, m -> assertThat(m.scrapeFailures()).isPositive());
  }

  @Test
  void whatMakesNoSenseIsAFailure() {
    FakeService service = world.service();
    String labels = "{method=\"GET\",path=\"/\",status_code=\"500\"} ";
    source.watch(List.of(at(CANARY, world.listen(service))), spec());
    for (String text :
        List.of(
            "http_requests_total" + labels + "NaN\n",
            "http_requests_total" + labels + "-1\n",
            "http_requests_total" + labels + "+Inf\n",
            "http_requests_total" + labels + "many\n",
            "<html>Welcome!</html>\n",
            "")) {
      service.say(text);
      Instant from = world.now();

      eventually(CANARY, from, m -> assertThat(m.scrapeFailures()).isGreaterThan(1));
    }
  }

  @Test
  void anAddressThatMakesNoSenseIsAFailureToo() {
    source.watch(
        List.of(
            at(
                CANARY,
                "",
                "no port",
                "127.0.0.1:99999",
                "user@127.0.0.1:1/x?y#z",
                "[::1",
                "a b:80")),
        spec());

    eventually(
        CANARY, Instant.EPOCH, m -> assertThat(m.scrapeFailures()).isGreaterThanOrEqualTo(6));
  }

  @Test
  void onlyWhatRunsAndHasAnAddressIsRead() {
    FakeService down = busy();
    FakeService up = busy();
    String address = world.listen(down);
    ObservedWorkload workload =
        new ObservedWorkload(
            CANARY,
            List.of(
                instance(0, State.EXITED, address),
                instance(1, State.BACKING_OFF, address),
                instance(2, State.COMPLETED, address),
                new Instance(
                    3, State.UNHEALTHY, Optional.empty(), 0, Optional.empty(), Optional.empty()),
                instance(4, State.UNHEALTHY, world.listen(up))));

    source.watch(List.of(workload), probed());

    eventually(CANARY, Instant.EPOCH, m -> assertThat(m.instances()).isEqualTo(1));
    eventually(CANARY, Instant.EPOCH, m -> assertThat(up.scrapes()).isGreaterThan(2));
    assertThat(source.read(CANARY, Instant.EPOCH).orElseThrow().scrapeFailures()).isZero();
    assertThat(down.scrapes()).isZero();
    assertThat(down.probes()).isZero();
  }

  @Test
  void probesMakeEvidenceAndAreCountedApart() {
    FakeService a = busy();
    FakeService b = busy();
    source.watch(List.of(at(CANARY, world.listen(a), world.listen(b))), probed());
    Instant from = baseline(CANARY, 2);

    eventually(
        CANARY,
        from,
        m -> {
          assertThat(m.syntheticRequests()).isGreaterThan(20);
          assertThat(m.requests()).isZero();
          assertThat(m.errorRate()).isZero();
          assertThat(m.p99Ms()).isBetween(5.0, 10.0);
        });
    eventually( // some may be on their way to one of them
        CANARY, from, m -> assertThat(a.probes()).isCloseTo(b.probes(), Offset.offset(5)));

    a.behave(500, QUICK);
    b.behave(500, QUICK);
    eventually(CANARY, from, m -> assertThat(m.errors()).isPositive());
  }

  @Test
  void probesEndWithTheWatch() {
    FakeService service = busy();
    FakeService other = busy();
    ObservedWorkload canary = at(CANARY, world.listen(service));
    ObservedWorkload stable = at(STABLE, world.listen(other));
    source.watch(List.of(canary, stable), probed());
    eventually(CANARY, Instant.EPOCH, m -> assertThat(service.probes()).isGreaterThan(3));

    source.watch(List.of(stable), probed());

    int sent = service.probes();
    int sentOther = other.probes();
    eventually(
        STABLE, Instant.EPOCH, m -> assertThat(other.probes()).isGreaterThan(sentOther + 40));
    assertThat(service.probes()).as("but for those on their way").isLessThanOrEqualTo(sent + 10);

    source.watch(List.of(stable), spec());
    int last = other.probes();
    int scraped = other.scrapes();
    eventually(STABLE, Instant.EPOCH, m -> assertThat(other.scrapes()).isGreaterThan(scraped + 2));
    assertThat(other.probes()).isLessThanOrEqualTo(last + 10);
  }
}
