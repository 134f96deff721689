package dev.swiftdeploy.local.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.admission.ScriptedPolicy;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.InMemoryAuditLog;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.evidence.Host;
import dev.swiftdeploy.core.evidence.MetricsSource;
import dev.swiftdeploy.core.evidence.WorkloadMetrics;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.loop.Event;
import dev.swiftdeploy.core.loop.Ports;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.platform.FakePlatform;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.release.InMemoryReleaseStore;
import dev.swiftdeploy.core.release.Resolution;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.SpecOf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon in a thread of its own, on fakes; what the fakes do and tell is done in its thread.
 */
class DaemonTest {
  private static final ResourceName DEMO = SpecOf.DEMO;
  private static final ResourceName OTHER = ResourceName.of("other");
  private static final Actor KIM = new Actor("kim", "command", true);

  @TempDir Path folder;

  private final Clock clock = new QuickClock();
  private final ScriptedPolicy policy = new ScriptedPolicy();
  private final InMemoryAuditLog audit = new InMemoryAuditLog(new ArrayList<>(), clock);
  private final Map<ResourceName, FakePlatform> platforms = new HashMap<>();
  private final List<String> lines = new ArrayList<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final Queue<ManifestSource.Seen> edits = new ArrayDeque<>();
  private final BlockingQueue<Runnable> errands = new LinkedBlockingQueue<>();
  private final CompletableFuture<Daemon.End> end = new CompletableFuture<>();

  private Workspace workspace;
  private RequestSpool spool;
  private Daemon daemon;

  /** Twenty seconds pass in one. */
  private static final class QuickClock extends Clock {
    private final Instant start = Instant.parse("2026-01-01T00:00:00Z");
    private final long from = System.nanoTime();

    @Override
    public Instant instant() {
      return start.plusNanos((System.nanoTime() - from) * 20);
    }

    @Override
    public ZoneOffset getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(java.time.ZoneId zone) {
      return this;
    }
  }

  private static final class NoMetrics implements MetricsSource {
    @Override
    public void watch(List<ObservedWorkload> workloads, Spec spec) {}

    @Override
    public Optional<WorkloadMetrics> read(Workload workload, Instant from) {
      return Optional.empty();
    }
  }

  @BeforeEach
  void start() throws IOException {
    workspace = new Workspace(folder.resolve("manifest.yaml"));
    workspace.create();
    spool = new RequestSpool(workspace);
    daemon = new Daemon(workspace, this::poll, audit, this::parts, clock, KIM, "0.1", new Lines());
    new Thread(() -> end.complete(daemon.run()), "daemon under test").start();
  }

  @AfterEach
  void stop() {
    daemon.stopAndWait();
    assertThat(end).as("it ends, by itself or when told to").succeedsWithin(Duration.ofSeconds(10));
  }

  private Optional<ManifestSource.Seen> poll() {
    for (Runnable errand = errands.poll(); errand != null; errand = errands.poll()) {
      errand.run();
    }
    return Optional.ofNullable(edits.poll());
  }

  private LocalResource parts(Resource resource, java.util.function.Consumer<Event> events) {
    InMemoryReleaseStore releases = new InMemoryReleaseStore();
    FakePlatform platform =
        platforms.computeIfAbsent(resource.name(), name -> new FakePlatform(clock, releases));
    Host host =
        new Host(
            OptionalLong.of(50_000_000_000L),
            OptionalLong.of(100_000_000_000L),
            OptionalLong.of(4),
            OptionalDouble.of(0.5),
            OptionalDouble.of(40));
    Ports ports =
        new Ports(
            audit,
            platform,
            services -> new Resolution.Resolved(SpecOf.releaseOf(services)),
            releases,
            policy,
            () -> host,
            new NoMetrics(),
            clock,
            () -> "id-" + ids.incrementAndGet(),
            events,
            CrashPoints.NONE);
    return new LocalResource() {
      @Override
      public Ports ports() {
        return ports;
      }

      @Override
      public void close() {}
    };
  }

  private final class Lines implements DaemonLog {
    @Override
    public void event(ResourceName resource, Event event) {
      lines.add(resource + ": " + event.message());
    }

    @Override
    public void line(String text) {
      lines.add(text);
    }
  }

  private <T> T inDaemon(Supplier<T> errand) {
    CompletableFuture<T> done = new CompletableFuture<>();
    errands.add(() -> done.complete(errand.get()));
    return done.join();
  }

  private void edit(ManifestSource.Seen seen) {
    inDaemon(() -> edits.add(seen));
  }

  private void declare(Resource... resources) {
    edit(new ManifestSource.Good(List.of(resources), List.of(), "declared"));
  }

  private static Resource named(ResourceName name, SpecOf spec) {
    return new Resource(name, new TreeMap<>(), spec.spec());
  }

  private boolean serves(ResourceName name) {
    return inDaemon(() -> platforms.containsKey(name) && platforms.get(name).serves());
  }

  private List<String> kinds() {
    return inDaemon(
        () ->
            audit.records().stream()
                .map(r -> r.entry())
                .filter(e -> e instanceof Entry.Decided d && d.verdict() == Verdict.ALLOWED)
                .map(e -> ((Entry.Decided) e).transition().kind().word())
                .toList());
  }

  private boolean told(String part) {
    return inDaemon(() -> lines.stream().anyMatch(l -> l.contains(part)));
  }

  private Optional<StatusFile.Document> status() {
    return new StatusFile(workspace).read();
  }

  private void deployed(Resource... resources) {
    declare(resources);
    for (Resource resource : resources) {
      await().until(() -> serves(resource.name()));
    }
    await().until(() -> converged(resources.length));
  }

  private boolean converged(int count) {
    return inDaemon(
            () -> audit.records().stream().filter(r -> r.entry() instanceof Entry.Applied).count())
        >= count;
  }

  @Test
  void what_is_declared_is_brought_up_and_kept() {
    deployed(SpecOf.release("A").resource());
    assertThat(kinds()).containsExactly("deploy");
    assertThat(workspace.lastGood()).hasContent("declared");
    await()
        .untilAsserted(
            () -> assertThat(status().orElseThrow().resources()).singleElement().isNotNull());
  }

  @Test
  void a_manifest_that_cannot_be_taken_changes_nothing_and_is_told_in_the_status() {
    deployed(SpecOf.release("A").resource());
    edit(new ManifestSource.Bad(List.of("line 3, column 5: no")));
    await().until(() -> told("is not taken; what was declared before goes on"));
    await()
        .untilAsserted(
            () ->
                assertThat(status().orElseThrow().manifestProblems())
                    .containsExactly("line 3, column 5: no"));
    assertThat(serves(DEMO)).isTrue();
    assertThat(workspace.lastGood()).hasContent("declared");

    declare(SpecOf.release("B").resource());
    await().until(() -> kinds().size() == 2);
    await().untilAsserted(() -> assertThat(status().orElseThrow().manifestProblems()).isEmpty());
  }

  @Test
  void a_manifest_that_is_gone_is_no_teardown() {
    deployed(SpecOf.release("A").resource());
    edit(new ManifestSource.Gone());
    await().until(() -> told("is gone; what was declared before goes on"));
    assertThat(serves(DEMO)).isTrue();
    assertThat(kinds()).containsExactly("deploy");
  }

  @Test
  void a_resource_that_is_no_longer_declared_goes_on_and_that_is_said_once() {
    Resource demo = SpecOf.release("A").resource();
    Resource other = named(OTHER, SpecOf.release("B").port(8081));
    deployed(demo, other);
    declare(demo);
    declare(demo);
    await().until(() -> told("other: no longer in the manifest"));
    assertThat(serves(OTHER)).isTrue();
    assertThat(inDaemon(() -> lines.stream().filter(l -> l.contains("no longer")).count()))
        .isEqualTo(1);
  }

  @Test
  void another_policy_is_asked_at_once_whatever_the_back_off() {
    inDaemon(
        () -> {
          policy.deny("disk_low");
          return true;
        });
    declare(SpecOf.release("A").resource());
    // Each denial doubles the wait, up to half a minute.
    await().until(() -> inDaemon(policy::calls) >= 5);
    Instant changed =
        inDaemon(
            () -> {
              policy.allow();
              policy.change(2);
              return clock.instant();
            });
    await().until(() -> serves(DEMO));
    assertThat(admitted()).isBefore(changed.plusSeconds(15));
  }

  /** When the last transition was admitted. */
  private Instant admitted() {
    return inDaemon(
        () ->
            audit.records().stream()
                .filter(r -> r.entry() instanceof Entry.Decided d && d.verdict() == Verdict.ALLOWED)
                .reduce((earlier, later) -> later)
                .orElseThrow()
                .ts());
  }

  @Test
  void a_policy_that_comes_back_with_the_same_digest_is_asked_when_a_person_looks()
      throws IOException {
    inDaemon(
        () -> {
          policy.down(Unavailability.Kind.TIMEOUT);
          return true;
        });
    declare(SpecOf.release("A").resource());
    await().until(() -> inDaemon(policy::calls) >= 3);
    inDaemon(
        () -> {
          policy.up();
          return true;
        });
    Path nudge = spool.nudge();
    await().until(() -> Files.notExists(nudge));
    assertThat(kinds()).containsExactly("deploy");
    assertThat(status()).isPresent();
  }

  @Test
  void a_request_is_recorded_once_and_its_file_removed() throws IOException {
    deployed(SpecOf.release("A").resource());
    declare(SpecOf.release("B").resource());
    await().until(() -> converged(2));
    Request request = request("r-1", Request.Kind.ROLLBACK);
    spool.put(new RequestSpool.Spooled(DEMO, request));
    await().until(() -> spool.waiting().isEmpty());
    await().until(() -> kinds().contains("rollback"));

    // A daemon that was killed before it removed the file finds it again.
    spool.put(new RequestSpool.Spooled(DEMO, request));
    await().until(() -> spool.waiting().isEmpty());
    assertThat(
            inDaemon(
                () ->
                    audit.records().stream()
                        .filter(r -> r.entry() instanceof Entry.Requested)
                        .count()))
        .isEqualTo(1);
  }

  @Test
  void a_request_that_cannot_be_recorded_waits_until_it_can() throws IOException {
    deployed(SpecOf.release("A").resource());
    inDaemon(
        () -> {
          audit.full(true);
          return true;
        });
    spool.put(new RequestSpool.Spooled(DEMO, request("r-1", Request.Kind.TEARDOWN)));
    await().until(() -> told("a request can't be recorded yet"));
    assertThat(spool.waiting()).hasSize(1);
    assertThat(serves(DEMO)).isTrue();
    inDaemon(
        () -> {
          audit.full(false);
          return true;
        });
    assertThat(end.join()).isEqualTo(Daemon.End.TORN_DOWN);
    assertThat(spool.waiting()).isEmpty();
  }

  @Test
  void a_request_for_what_is_not_declared_is_told_and_dropped() throws IOException {
    deployed(SpecOf.release("A").resource());
    spool.put(new RequestSpool.Spooled(OTHER, request("r-1", Request.Kind.ROLLBACK)));
    await().until(() -> told("a request for other, which is not in the manifest"));
    await().until(() -> spool.waiting().isEmpty());
  }

  @Test
  void a_file_that_is_no_request_is_put_aside() throws IOException {
    Files.writeString(workspace.requests().resolve("r-9.json"), "{\"half");
    declare(SpecOf.release("A").resource());
    await().until(() -> serves(DEMO));
    assertThat(workspace.requests().resolve("r-9.json.unreadable")).exists();
    assertThat(workspace.requests().resolve("r-9.json")).doesNotExist();
  }

  @Test
  void what_one_resource_stumbles_over_keeps_no_other_from_being_worked_on() {
    deployed(SpecOf.release("A").resource());
    inDaemon(
        () -> {
          platforms
              .get(DEMO)
              .refuse(
                  effect -> {
                    throw new IllegalStateException("a bug");
                  });
          return true;
        });
    declare(SpecOf.release("B").resource(), named(OTHER, SpecOf.release("C").port(8081)));
    await().until(() -> told("an error in SwiftDeploy itself, tried again"));
    await().until(() -> serves(OTHER));
    inDaemon(
        () -> {
          platforms.get(DEMO).refuseNothing();
          return true;
        });
    await().until(() -> converged(3));
  }

  @Test
  void told_to_stop_it_stops_the_service_and_tears_nothing_down() {
    deployed(SpecOf.release("A").resource());
    daemon.stopAndWait();
    assertThat(end).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(Daemon.End.STOPPED);
    assertThat(platforms.get(DEMO).observe().nothing()).isTrue();
    assertThat(audit.state(DEMO).admitted().stable()).isPresent();
    assertThat(audit.records().get(audit.records().size() - 1).entry())
        .isInstanceOf(Entry.Stopped.class);
  }

  private static Request request(String id, Request.Kind kind) {
    return new Request(id, kind, "kim", "", Optional.empty());
  }
}
