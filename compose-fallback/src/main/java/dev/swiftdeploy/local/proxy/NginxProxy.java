package dev.swiftdeploy.local.proxy;

import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.adapters.proxy.NginxConf;
import dev.swiftdeploy.adapters.proxy.NginxPath;
import dev.swiftdeploy.adapters.proxy.NginxSite;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.local.process.DetachedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * nginx as a process of its own. nginx.conf is the state: what is routed is read back from it, and
 * the digest that the running nginx tells on its admin socket says whether that is what it runs.
 *
 * <p>A configuration is active when nginx tells its digest and every worker of an earlier one has
 * stopped taking connections: nginx starts the new ones before it tells the old ones to end, so for
 * a moment both answer.
 */
public final class NginxProxy implements Proxy {
  public static final String NAME = "nginx";

  private static final Duration ANSWER = Duration.ofSeconds(1);
  private static final Duration CHANGE = Duration.ofSeconds(20);
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final Duration UNKNOWN_DRAIN = Duration.ofSeconds(30);

  private final Path nginx;
  private final Path directory;
  private final ListenAddress listen;
  private final Map<String, String> environment;
  private final CrashPoints crashPoints;
  private final SocketFolder sockets;
  private final Ending ending;
  private final NginxPath directoryForNginx;

  /**
   * @param nginx the program
   * @param directory for everything it writes; made if need be, for this user only
   * @param environment of this process: PATH and TZ are handed on, XDG_RUNTIME_DIR is where the
   *     admin socket goes
   * @throws PlatformException if the folder's path can't stand in an nginx.conf
   */
  public NginxProxy(
      Path nginx,
      Path directory,
      ListenAddress listen,
      Map<String, String> environment,
      CrashPoints crashPoints) {
    this.nginx = nginx;
    this.directory = directory.toAbsolutePath().normalize();
    this.listen = listen;
    this.environment = Map.copyOf(environment);
    this.crashPoints = crashPoints;
    this.sockets = new SocketFolder(this.directory, environment);
    this.ending = new Ending(this.directory);
    try {
      this.directoryForNginx = new NginxPath(this.directory.toString());
    } catch (InvalidValue e) {
      throw new PlatformException(
          "nginx can't run in " + this.directory + ": the path has quotes, \\ or $ in it",
          "move it to a folder with a plainer name",
          e);
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Observed observe() {
    return master().map(this::observe).orElseGet(ending::observe);
  }

  private Observed observe(NginxMaster master) {
    boolean draining = !master.draining().isEmpty();
    Optional<String> active = activeDigest();
    if (active.isEmpty()) {
      return Observed.trouble(false, draining, master + " does not answer");
    }
    Optional<ProxyConfig> config = config();
    if (config.isEmpty()) {
      return Observed.trouble(true, draining, file() + " is not what was rendered");
    }
    if (!config.map(c -> render(c).digest()).equals(active)) {
      return Observed.trouble(
          true, draining, master + " runs another configuration than " + file());
    }
    return new Observed(true, config, draining, Optional.empty());
  }

  @Override
  public void apply(ProxyConfig config) {
    try {
      StateFolder.make(directory);
      Optional<NginxMaster> master = master();
      if (master.isPresent() && takesConnections(master.get())) {
        reload(master.get(), config);
      } else {
        start(config);
      }
    } catch (IOException e) {
      throw trouble("set up", e);
    }
  }

  /** In a folder of its own: a configuration names places that must exist for the check. */
  @Override
  public void check(ProxyConfig config) {
    try {
      Path folder = Files.createTempDirectory("swiftdeploy-check");
      try {
        NginxProxy elsewhere = new NginxProxy(nginx, folder, listen, environment, CrashPoints.NONE);
        elsewhere.check(Files.writeString(elsewhere.file(), elsewhere.render(config).text()));
      } finally {
        StateFolder.delete(folder);
      }
    } catch (IOException e) {
      throw trouble("asked", e);
    }
  }

  @Override
  public void requireFree(Port port) {
    Optional<NginxMaster> master = master();
    if (master.isPresent() && config().filter(c -> c.settings().port().equals(port)).isPresent()) {
      return;
    }
    Set<Long> ours = master.map(NginxMaster::all).orElse(Set.of());
    ListeningPort.requireFree(listen, port, ours);
  }

  @Override
  public void remove() {
    try {
      Optional<NginxMaster> master = master();
      if (master.isPresent() && !ended(master.get())) {
        return;
      }
      if (Files.isDirectory(directory)) {
        NginxOrphans.end(directory);
        Files.deleteIfExists(file());
        sockets.clear();
        ending.over();
      }
    } catch (IOException e) {
      throw trouble("removed", e);
    }
  }

  private boolean ended(NginxMaster master) throws IOException {
    Duration drain = config().map(c -> c.settings().drainTimeout()).orElse(UNKNOWN_DRAIN);
    return ending.goOn(master.process(), drain.plus(GRACE), master::quit);
  }

  private void start(ProxyConfig config) throws IOException {
    NginxOrphans.end(directory);
    ListeningPort.requireFree(listen, config.settings().port(), Set.of());
    sockets.next();
    NginxConf conf = render(config);
    activate(conf);
    // An nginx that was told to quit may still drain; it ends by itself.
    ending.over();
    Files.deleteIfExists(pidFile());
    Files.deleteIfExists(startLog());
    NginxErrors errors = NginxErrors.fromNowOn(errorLog());
    NginxMaster master = new NginxMaster(spawn());
    crashPoints.at(CrashPoint.PROXY_AFTER_SPAWN);
    boolean serves =
        Waiting.answer(
                () -> Optional.of(conf).filter(this::serves), () -> !master.running(), CHANGE)
            .isPresent();
    if (!serves) {
      throw new PlatformException(
          master.running()
              ? master + " does not answer"
              : "nginx ended: " + errors.refusal().orElse(StateFolder.lastWords(startLog())),
          "look at " + errorLog());
    }
  }

  private void reload(NginxMaster master, ProxyConfig config) throws IOException {
    boolean silent = activeDigest().isEmpty();
    if (silent) {
      sockets.next(); // maybe its socket was deleted; with another one it can be asked again
    }
    NginxConf conf = render(config);
    String previous = StateFolder.read(file());
    if (previous.equals(conf.text()) && serves(conf)) {
      return;
    }
    requireFree(config.settings().port());
    activate(conf);
    NginxErrors errors = NginxErrors.fromNowOn(errorLog());
    Set<Long> before = master.serving();
    master.reload();
    crashPoints.at(CrashPoint.PROXY_AFTER_RELOAD);
    boolean settled =
        Waiting.until(
            () -> (serves(conf) && noneServes(master, before)) || errors.refusal().isPresent(),
            silent ? GRACE : CHANGE);
    Optional<String> refusal = errors.refusal();
    if (refusal.isEmpty() && silent && !settled) {
      replace(master, config);
    } else if (refusal.isPresent() || !settled) {
      if (!serves(conf)) {
        Files.writeString(StateFolder.candidate(file()), previous);
        StateFolder.swap(file());
      }
      throw new PlatformException(
          refusal
              .map(why -> "nginx goes on with its last configuration: " + why)
              .orElse(master + " did not take a new configuration"),
          "look at " + errorLog());
    }
  }

  /** One that answers nobody, before and after it was told to reload, hangs. */
  private void replace(NginxMaster hanging, ProxyConfig config) throws IOException {
    hanging.kill();
    Waiting.until(() -> !hanging.running(), GRACE);
    start(config);
  }

  private static boolean noneServes(NginxMaster master, Set<Long> before) {
    Set<Long> now = master.serving();
    return !now.isEmpty() && now.stream().noneMatch(before::contains);
  }

  /** One that was told to quit, and only drains, is as good as gone: its port is free. */
  private boolean takesConnections(NginxMaster master) {
    Waiting.until(() -> activeDigest().isPresent() || quits(master) || !master.running(), GRACE);
    return master.running() && !quits(master);
  }

  private static boolean quits(NginxMaster master) {
    return master.serving().isEmpty() && !master.draining().isEmpty();
  }

  /** Writes it beside the active one, has nginx check it, and puts it in its place. */
  private void activate(NginxConf conf) throws IOException {
    Path candidate = Files.writeString(StateFolder.candidate(file()), conf.text());
    crashPoints.at(CrashPoint.PROXY_AFTER_WRITE);
    check(candidate);
    StateFolder.swap(file());
    crashPoints.at(CrashPoint.PROXY_AFTER_CHECK);
    StateFolder.turnOver(directory.resolve("access.log")); // nginx opens it anew
    StateFolder.turnOver(errorLog());
  }

  private void check(Path candidate) throws IOException {
    Path said = directory.resolve("check.log");
    ProcessBuilder builder =
        new ProcessBuilder(
                nginx.toString(), "-p", directory + "/", "-t", "-c", candidate.toString())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    builder.environment().clear();
    builder.environment().putAll(childEnvironment());
    Process process = builder.start();
    try {
      if (!process.waitFor(CHANGE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new PlatformException(
            "nginx did not check its configuration within " + CHANGE.toSeconds() + " s",
            "try: nginx -t -c '" + candidate + "'");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new PlatformException("interrupted while nginx checked its configuration", "try again");
    }
    if (process.exitValue() != 0) {
      String why = NginxErrors.refusal(StateFolder.read(said)).orElse(StateFolder.lastWords(said));
      throw new PlatformException(
          "nginx refuses its new configuration: " + why, "look at " + candidate);
    }
  }

  private DetachedProcess spawn() throws IOException {
    return DetachedProcess.start(
        List.of(
            nginx.toString(), "-p", directory + "/", "-c", file().toString(), "-g", "daemon off;"),
        childEnvironment(),
        directory,
        startLog(),
        pidFile());
  }

  private Map<String, String> childEnvironment() {
    Map<String, String> handedOn = new TreeMap<>(environment);
    handedOn.keySet().retainAll(Set.of("PATH", "TZ"));
    return handedOn;
  }

  private boolean serves(NginxConf conf) {
    return activeDigest().filter(conf.digest()::equals).isPresent();
  }

  private Optional<String> activeDigest() {
    return sockets
        .current()
        .flatMap(socket -> AdminSocket.ask(socket, "GET / HTTP/1.0\r\n\r\n", ANSWER))
        .map(response -> response.substring(response.indexOf("\r\n\r\n") + 4));
  }

  private Optional<NginxMaster> master() {
    return DetachedProcess.find(pidFile()).map(NginxMaster::new);
  }

  /** What nginx.conf was rendered from, if it is what was rendered. */
  private Optional<ProxyConfig> config() {
    try {
      return NginxConf.configOf(StateFolder.read(file()), site());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private NginxConf render(ProxyConfig config) {
    return NginxConf.render(config, site());
  }

  private NginxSite site() {
    try {
      return new NginxSite(
          listen,
          directoryForNginx,
          Optional.of(directoryForNginx),
          sockets.current().map(socket -> new NginxPath(socket.toString())),
          Accounts.workers());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PlatformException trouble(String what, IOException e) {
    return new PlatformException(
        "nginx could not be " + what + ": " + e.getMessage(), "correct that, it is tried again", e);
  }

  private Path file() {
    return directory.resolve("nginx.conf");
  }

  private Path pidFile() {
    return directory.resolve(StateFolder.PID_FILE);
  }

  private Path startLog() {
    return directory.resolve("start.log");
  }

  private Path errorLog() {
    return directory.resolve("error.log");
  }
}
