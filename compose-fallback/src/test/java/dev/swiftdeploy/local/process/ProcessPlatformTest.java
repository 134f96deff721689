package dev.swiftdeploy.local.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Instance.State;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedRoute;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.local.files.Folders;
import dev.swiftdeploy.local.process.DetachedProcess.Signal;
import dev.swiftdeploy.local.proxy.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is this platform's own, beyond its contract. */
class ProcessPlatformTest {
  private static final Permission PERMISSION = new Permission("decision-1", 1);

  @TempDir Path temp;
  private final InMemoryProxy proxy = new InMemoryProxy();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private ProcessWorld world;
  private ProcessPlatform platform;

  /** Thrown where a crash is wanted; nothing of this platform catches it. */
  private static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @BeforeEach
  void openWorld() throws IOException {
    world = new ProcessWorld(temp, "demo", proxy, Port.of(28080));
    platform = world.open();
  }

  @AfterEach
  void closeWorld() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    world.close();
  }

  private static Workload stable(Release release) {
    return new Workload(release.id(), Mode.STABLE);
  }

  private void apply(Effect effect) {
    platform.apply(effect, PERMISSION);
  }

  private Workload serve(Release release, int replicas) {
    Workload workload = stable(release);
    apply(new Effect.StartWorkload(workload, replicas));
    until(
        "healthy",
        () ->
            platform.observe().find(workload).map(w -> w.healthy(replicas)).orElse(0) == replicas);
    return workload;
  }

  private void until(String what, BooleanSupplier condition) {
    world.await(what, condition);
  }

  private Instance instance(Workload workload, int slot) {
    return instance(platform.observe(), workload, slot);
  }

  private static Instance instance(Observation observation, Workload workload, int slot) {
    return observation.find(workload).orElseThrow().instances().stream()
        .filter(i -> i.slot() == slot)
        .findFirst()
        .orElseThrow();
  }

  private void awaitState(Workload workload, int slot, State state) {
    until(workload + " to be " + state, () -> instance(workload, slot).state() == state);
  }

  private void removed(Workload workload) {
    until(
        "the removal",
        () -> {
          apply(new Effect.RemoveWorkload(workload));
          return platform.observe().find(workload).isEmpty();
        });
  }

  private static int port(Instance instance) {
    return Integer.parseInt(instance.address().orElseThrow().split(":", -1)[1]);
  }

  private String get(Workload workload, int slot, String path) throws Exception {
    URI uri = URI.create("http://" + instance(workload, slot).address().orElseThrow() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private SlotFiles files(Workload workload, int slot) {
    return SlotFiles.of(world.site, workload, slot);
  }

  private ServerSocket listen(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    opened.add(socket);
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return socket;
  }

  // ---- environment ----

  @Test
  void anInstanceIsToldWhoItIsAndWhatItsReleaseSays() throws Exception {
    Release release =
        world.release(
            "2.0.0",
            RestartPolicy.UNLESS_STOPPED,
            Map.of(
                EnvName.of("COLOUR"), "a \"b\" $c\nd",
                EnvName.of("LANG"), "tlh"),
            "serve");
    Workload workload = serve(release, 1);

    List<String> env = get(workload, 0, "/env").lines().toList();

    assertThat(env)
        .contains(
            "MODE=stable",
            "APP_VERSION=2.0.0",
            "APP_HOST=127.0.0.1",
            "APP_PORT=" + port(instance(workload, 0)),
            "SWIFTDEPLOY_INSTANCE=demo/" + workload + "/0",
            "LANG=tlh",
            "COLOUR=a \"b\" $c",
            "d");
    assertThat(env).noneMatch(line -> line.startsWith("MAVEN") || line.startsWith("OLDPWD=/work"));
    assertThat(get(workload, 0, "/cwd")).isEqualTo(world.site.folder().toString());
  }

  @Test
  void aReleaseCannotOverrideWhatSwiftDeploySays() {
    Release plain = world.healthy("1");
    java.util.SortedMap<EnvName, String> env = new java.util.TreeMap<>();
    for (String name :
        List.of("MODE", "APP_VERSION", "APP_PORT", "APP_HOST", "SWIFTDEPLOY_STATE")) {
      env.put(EnvName.of(name), "mine");
    }
    Release release =
        new Release(
            plain.image(),
            plain.imageDigest(),
            plain.version(),
            plain.command(),
            plain.artifacts(),
            plain.port(),
            env,
            plain.resources(),
            plain.health(),
            plain.restartPolicy());

    assertThat(InstanceEnvironment.of(world.site, release, stable(release), 3, 4000))
        .containsEntry("MODE", "stable")
        .containsEntry("APP_VERSION", "1")
        .containsEntry("APP_PORT", "4000")
        .containsEntry("APP_HOST", "127.0.0.1")
        .containsEntry("SWIFTDEPLOY_STATE", world.site.state().toString());
  }

  // ---- ports ----

  @Test
  void portsAreFoundUpwardPastThoseThatAreTakenOrReserved() throws Exception {
    int first = FreePort.from(23000, java.util.Set.of()).orElseThrow();
    listen(first);
    world.reserved.add(Port.of(first + 1));

    Workload workload = serve(world.healthy("1"), 2);

    assertThat(port(instance(workload, 0))).isGreaterThan(first + 1);
    assertThat(port(instance(workload, 1))).isGreaterThan(port(instance(workload, 0)));
  }

  @Test
  void aSecondResourceTakesOtherPortsEvenThoseOfInstancesThatAreDown() throws Exception {
    Workload mine = serve(world.healthy("1"), 1);
    world.process(mine, 0).signal(Signal.KILL);
    ProcessWorld other = new ProcessWorld(temp, "other", new InMemoryProxy(), Port.of(28081));
    try {
      ProcessPlatform otherPlatform = other.open();
      Workload theirs = stable(other.healthy("1"));
      otherPlatform.apply(new Effect.StartWorkload(theirs, 1), PERMISSION);

      assertThat(port(instance(otherPlatform.observe(), theirs, 0)))
          .isNotEqualTo(port(instance(mine, 0)));
      assertThat(platform.observe().workloads()).as("each sees its own").hasSize(1);
    } finally {
      other.close();
    }
  }

  @Test
  void anInstanceKeepsItsPortUnlessSomebodyTookIt() throws Exception {
    Workload workload = serve(world.healthy("1"), 1);
    Route route = new Route(world.settings(), List.of(new Backend(workload, 100, 1)));
    apply(new Effect.SetRoute(route));
    int first = port(instance(workload, 0));

    world.kill(workload, 0);
    awaitState(workload, 0, State.EXITED);
    serve(world.healthy("1"), 1);
    assertThat(port(instance(workload, 0))).isEqualTo(first);
    assertThat(platform.observe().route()).get().matches(ObservedRoute::current);

    world.kill(workload, 0);
    listen(first);
    awaitState(workload, 0, State.EXITED);
    serve(world.healthy("1"), 1);
    assertThat(port(instance(workload, 0))).isNotEqualTo(first);
    assertThat(platform.observe().route()).get().matches(r -> !r.current());
    apply(new Effect.SetRoute(route));
    assertThat(platform.observe().route()).get().matches(ObservedRoute::current);
  }

  @Test
  void theHealthOfAnotherProcessOnThePortIsNotTheInstances() throws Exception {
    Workload workload =
        stable(world.release("1", RestartPolicy.UNLESS_STOPPED, Map.of(), "silent"));
    apply(new Effect.StartWorkload(workload, 1));
    int port = port(instance(workload, 0));
    HttpServer foreign =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    opened.add(() -> foreign.stop(0));
    foreign.createContext("/", e -> e.sendResponseHeaders(200, -1));
    foreign.start();

    until(
        "to be found out",
        () ->
            instance(workload, 0).detail().orElse("").contains("another process answers on port"));
    assertThat(instance(workload, 0).healthy()).isFalse();
  }

  // ---- routing ----

  @Test
  void onlyHealthyInstancesAreRoutedToUnlessNoneIs() {
    Workload workload = serve(world.healthy("1"), 2);
    Route route = new Route(world.settings(), List.of(new Backend(workload, 100, 2)));
    apply(new Effect.SetRoute(route));
    assertThat(endpoints(workload)).hasSize(2);

    world.kill(workload, 0);
    assertThat(platform.observe().route()).get().matches(r -> !r.current());
    apply(new Effect.SetRoute(route));
    assertThat(endpoints(workload)).containsExactly(instance(workload, 1).address().orElseThrow());

    world.kill(workload, 1);
    apply(new Effect.SetRoute(route));
    assertThat(endpoints(workload)).hasSize(2);
  }

  private List<String> endpoints(Workload workload) {
    return proxy.observe().config().orElseThrow().endpointsOf(workload).stream()
        .map(Object::toString)
        .toList();
  }

  @Test
  void aTakeoverChangesNothingAtTheProxy() {
    Workload workload = serve(world.healthy("1"), 3);
    Route route = new Route(world.settings(), List.of(new Backend(workload, 100, 3)));
    apply(new Effect.SetRoute(route));
    Observation before = platform.observe();

    for (int i = 0; i < 5; i++) {
      platform = world.open();
      assertThat(platform.observe()).as("at its very first look").isEqualTo(before);
    }
    assertThat(proxy.changes()).isEqualTo(1);
  }

  // ---- ending ----

  @Test
  void whatIgnoresTermIsObservedUntilItsGraceIsOverAndThenKilled() {
    Workload workload =
        serve(world.release("1", RestartPolicy.UNLESS_STOPPED, Map.of(), "stubborn"), 1);
    Instant start = Instant.now();

    apply(new Effect.RemoveWorkload(workload));

    assertThat(Duration.between(start, Instant.now())).isLessThan(ProcessWorld.GRACE);
    assertThat(instance(workload, 0).state()).isEqualTo(State.UNHEALTHY);
    assertThat(instance(workload, 0).detail()).contains("was asked to end");
    removed(workload);
    assertThat(Duration.between(start, Instant.now())).isGreaterThan(ProcessWorld.GRACE);
  }

  @Test
  void whatIsAskedToEndIsNotRoutedToAndNotStartedBesideItself() {
    Workload workload =
        serve(world.release("1", RestartPolicy.UNLESS_STOPPED, Map.of(), "stubborn"), 2);
    long pid = world.process(workload, 1).pid();
    apply(new Effect.ScaleDown(workload, 1));

    Route route = new Route(world.settings(), List.of(new Backend(workload, 100, 2)));
    apply(new Effect.SetRoute(route));
    apply(new Effect.StartWorkload(workload, 2));

    assertThat(endpoints(workload)).containsExactly(instance(workload, 0).address().orElseThrow());
    assertThat(world.process(workload, 1).pid()).isEqualTo(pid);
  }

  @Test
  void theGraceGoesOnUnderAnotherDaemon() {
    Workload workload =
        serve(world.release("1", RestartPolicy.UNLESS_STOPPED, Map.of(), "stubborn"), 1);
    apply(new Effect.RemoveWorkload(workload));
    Instant asked = instance(workload, 0).unhealthySince().orElseThrow();

    platform = world.open();

    assertThat(instance(workload, 0).unhealthySince()).contains(asked);
    removed(workload);
  }

  @Test
  void aClockThatGoesBackKeepsNobodyAlive() {
    Workload workload =
        serve(world.release("1", RestartPolicy.UNLESS_STOPPED, Map.of(), "stubborn"), 1);
    apply(new Effect.RemoveWorkload(workload));

    world.clock = Clock.offset(Clock.systemUTC(), Duration.ofHours(-2));
    platform = world.open();

    removed(workload);
  }

  @Test
  void aClockThatGoesBackKeepsNobodyDown() {
    Workload workload = serve(world.healthy("1"), 1);
    world.kill(workload, 0);

    world.clock = Clock.offset(Clock.systemUTC(), Duration.ofHours(-2));
    platform = world.open();

    awaitState(workload, 0, State.EXITED);
  }

  @Test
  void whatAnInstanceLeftBehindIsRemovedWithIt() throws IOException {
    // the program ends at once; its child ignores TERM
    Workload workload =
        stable(
            world.release(
                "1",
                RestartPolicy.NO,
                Map.of(),
                List.of(
                    "sh",
                    "-c",
                    "sh -c 'trap \"\" TERM; echo $$ >child; while :; do sleep 1; done' &"
                        + " while [ ! -s child ]; do sleep 0.1; done; exit 0")));
    apply(new Effect.StartWorkload(workload, 1));
    awaitState(workload, 0, State.COMPLETED);
    Path child = world.site.folder().resolve("child");
    until("the child", () -> Files.exists(child) && child.toFile().length() > 1);
    long pid = Long.parseLong(Files.readString(child).trim());
    assertThat(ProcessHandle.of(pid)).isPresent();

    removed(workload);

    assertThat(DetachedProcess.ProcStat.of(pid).filter(s -> !s.dead())).isEmpty();
  }

  // ---- finding again ----

  @Test
  void processesWhoseFilesWereDeletedAreFoundServeOnAndCanBeRemoved() throws IOException {
    Workload workload = serve(world.healthy("1"), 2);
    Observation before = platform.observe();
    Folders.delete(world.site.workloads());

    platform = world.open();

    until("the same", () -> platform.observe().workloads().equals(before.workloads()));
    apply(new Effect.StartWorkload(workload, 2));
    assertThat(platform.observe().workloads()).isEqualTo(before.workloads());
    assertThat(files(workload, 0).pidFile()).as("it has its files again").exists();
    assertThat(files(workload, 0).entry()).isPresent();
    removed(workload);
  }

  @Test
  void aSlotWhoseFileIsDamagedIsFoundByItsProcess() throws IOException {
    Workload workload = serve(world.healthy("1"), 1);
    Instance before = instance(workload, 0);
    Path json = world.site.workloads().resolve(workload + "/0.json");
    for (String text : List.of("", "{", "null", "{\"port\":0}", "\0\0\0\0")) {
      Files.writeString(json, text);
      platform = world.open();
      until("the same from: " + text, () -> instance(workload, 0).equals(before));
    }
    apply(new Effect.StartWorkload(workload, 1));
    assertThat(world.process(workload, 0).running()).isTrue();
    removed(workload);
  }

  @Test
  void aSecondProcessOfOneSlotIsRemovedWithIt() throws Exception {
    Workload workload = serve(world.healthy("1"), 1);
    long first = world.process(workload, 0).pid();
    Files.delete(files(workload, 0).pidFile());
    Files.delete(world.site.workloads().resolve(workload + "/0.json"));
    // a daemon that knows nothing of the first, as one that could not look at all processes
    DetachedProcess second =
        DetachedProcess.start(
            List.of("sleep", "60"),
            InstanceEnvironment.of(
                world.site, world.releases.get(workload.release()).orElseThrow(), workload, 0, 1),
            temp,
            files(workload, 0).log(),
            files(workload, 0).pidFile());

    removed(workload);

    assertThat(second.running()).isFalse();
    assertThat(DetachedProcess.ProcStat.of(first).filter(s -> !s.dead())).isEmpty();
  }

  @Test
  void aPidThatWasReusedIsNeitherTakenForTheInstanceNorSignalled() throws Exception {
    Workload workload = serve(world.healthy("1"), 1);
    world.process(workload, 0).signal(Signal.KILL);
    until("the end", () -> DetachedProcess.find(files(workload, 0).pidFile()).isEmpty());
    Process bystander = new ProcessBuilder("sleep", "60").start();
    opened.add(() -> bystander.destroyForcibly().waitFor());
    String[] words = Files.readString(files(workload, 0).pidFile()).trim().split(" ");
    words[0] = Long.toString(bystander.pid());
    words[2] = words[0];
    Files.writeString(files(workload, 0).pidFile(), String.join(" ", words) + "\n");
    platform = world.open();

    assertThat(instance(workload, 0).state()).isIn(State.BACKING_OFF, State.EXITED);
    removed(workload);

    assertThat(bystander.isAlive()).isTrue();
  }

  @Test
  void foldersThatAreNotOursAreLeftAlone() throws IOException {
    Path other = Files.createDirectories(world.site.workloads().resolve("notes"));
    Files.writeString(world.site.workloads().resolve("README"), "x");

    assertThat(platform.observe().nothing()).isTrue();
    assertThat(other).exists();
  }

  // ---- crashes ----

  @Test
  void aCrashRightAfterASpawnStartsNothingTwice() {
    platform =
        world.open(
            point -> {
              if (point == CrashPoint.PROCESS_AFTER_SPAWN) {
                throw new Crash();
              }
            });
    Workload workload = stable(world.healthy("1"));
    assertThatThrownBy(() -> apply(new Effect.StartWorkload(workload, 2)))
        .isInstanceOf(Crash.class);

    platform = world.open();
    assertThat(platform.observe().find(workload).orElseThrow().instances()).hasSize(1);
    serve(world.healthy("1"), 2);

    assertThat(ProcessScan.groups(world.site)).hasSize(2);
    assertThat(instance(workload, 0).restarts()).isZero();
    assertThat(instance(workload, 1).restarts()).isZero();
  }

  @Test
  void aCrashRightAfterAskingToEndIsGoneOnFrom() {
    Workload workload = serve(world.healthy("1"), 2);
    platform =
        world.open(
            point -> {
              if (point == CrashPoint.PROCESS_AFTER_SIGTERM) {
                throw new Crash();
              }
            });
    assertThatThrownBy(() -> apply(new Effect.RemoveWorkload(workload))).isInstanceOf(Crash.class);

    platform = world.open();
    removed(workload);

    assertThat(ProcessScan.groups(world.site)).isEmpty();
  }

  @Test
  void anEndThatWasAskedForIsNoFailure() {
    Workload workload = serve(world.healthy("1"), 1);
    apply(new Effect.RestartInstance(workload, 0));
    platform = world.open();

    until(
        "the end",
        () -> {
          State state = instance(workload, 0).state();
          assertThat(state).isNotEqualTo(State.BACKING_OFF);
          return state == State.EXITED;
        });
  }

  // ---- what a person is told ----

  @Test
  void anExitIsToldWithItsCodeAndLastWords() {
    Workload workload = stable(world.ending(3, RestartPolicy.NO));
    apply(new Effect.StartWorkload(workload, 1));

    awaitState(workload, 0, State.COMPLETED);

    assertThat(instance(workload, 0).detail()).contains("exited with 3: starting as exit 3");
  }

  @Test
  void aFailingCheckIsToldWithThePlaceOfTheLog() {
    Workload workload = stable(world.neverHealthy());
    apply(new Effect.StartWorkload(workload, 1));

    until(
        "the detail",
        () -> instance(workload, 0).detail().orElse("").contains("GET /healthz: answers 503"));

    assertThat(instance(workload, 0).detail())
        .contains(
            "GET /healthz: answers 503 (log: .swiftdeploy/manifest/resources/demo/logs/"
                + workload
                + "-0.log)");
    assertThat(files(workload, 0).log()).content().contains("starting as unhealthy");
  }

  @Test
  void aCopyThatIsNotWhatWasAdmittedIsNotStarted() throws IOException {
    Release release = world.healthy("1");
    Path copy = world.artifacts.path(release.artifacts().get(0));
    Files.delete(copy);

    assertThatThrownBy(() -> apply(new Effect.StartWorkload(stable(release), 1)))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("app/service.jar");

    assertThat(ProcessScan.groups(world.site)).isEmpty();
  }

  @Test
  void whatRunsIsTheCopyWhateverBecomesOfTheFile() throws Exception {
    Release release = world.healthy("1");
    Files.writeString(world.site.folder().resolve("app/service.jar"), "rebuilding");

    Workload workload = serve(release, 1);

    assertThat(get(workload, 0, "/healthz")).isEqualTo("{}");
  }
}
