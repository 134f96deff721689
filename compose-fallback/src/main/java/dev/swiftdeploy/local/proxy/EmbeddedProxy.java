package dev.swiftdeploy.local.proxy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.local.process.DetachedProcess;
import dev.swiftdeploy.local.proxy.embedded.EmbeddedConf;
import dev.swiftdeploy.local.proxy.embedded.EmbeddedProxyMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The proxy for machines without nginx: this program once more, as a small JVM of its own. Same
 * behaviour, same log, same state: proxy.conf says what should be routed, the child's admin socket
 * tells what is.
 */
public final class EmbeddedProxy implements Proxy {
  public static final String NAME = "embedded";

  private static final Duration ANSWER = Duration.ofSeconds(1);
  private static final Duration CHANGE = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final Duration UNKNOWN_DRAIN = Duration.ofSeconds(30);
  private static final String OK = "ok";

  /** Small and quick to start: see docs for what each was measured to bring. */
  private static final List<String> JVM_OPTIONS =
      List.of(
          "-Xms8m",
          "-Xmx64m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:ReservedCodeCacheSize=16m",
          "-XX:MaxDirectMemorySize=64m",
          "-Xss256k",
          "-Xshare:auto",
          "-XX:+ExitOnOutOfMemoryError",
          "-XX:-UsePerfData",
          "-Djava.awt.headless=true",
          "-Dorg.jboss.logging.provider=jdk");

  private final Path directory;
  private final ListenAddress listen;
  private final Map<String, String> environment;
  private final CrashPoints crashPoints;
  private final SocketFolder sockets;
  private final Ending ending;

  /**
   * @param directory for everything it writes; made if need be, for this user only
   * @param environment of this process: PATH and TZ are handed on, XDG_RUNTIME_DIR is where the
   *     admin socket goes
   */
  public EmbeddedProxy(
      Path directory,
      ListenAddress listen,
      Map<String, String> environment,
      CrashPoints crashPoints) {
    this.directory = directory.toAbsolutePath().normalize();
    this.listen = listen;
    this.environment = Map.copyOf(environment);
    this.crashPoints = crashPoints;
    this.sockets = new SocketFolder(this.directory, environment);
    this.ending = new Ending(this.directory);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Observed observe() {
    return process().map(this::observe).orElseGet(ending::observe);
  }

  private Observed observe(DetachedProcess process) {
    Optional<Status> status = status();
    if (status.isEmpty()) {
      return Observed.trouble(false, false, "the proxy (" + process + ") does not answer");
    }
    boolean draining = status.get().draining() > 0;
    if (status.get().stopping()) {
      return Observed.trouble(false, draining, "the proxy (" + process + ") is ending");
    }
    EmbeddedConf conf = conf();
    Optional<ProxyConfig> config = conf.renderedFrom(listen);
    if (config.isEmpty()) {
      return Observed.trouble(true, draining, file() + " is not what was rendered");
    }
    if (!conf.digest().equals(status.get().digest())) {
      return Observed.trouble(
          true, draining, "the proxy (" + process + ") runs another configuration than " + file());
    }
    return new Observed(true, config, draining, Optional.empty());
  }

  @Override
  public void apply(ProxyConfig config) {
    try {
      StateFolder.make(directory);
      Optional<DetachedProcess> process = process();
      if (process.isPresent() && takesConnections(process.get())) {
        reload(config);
      } else {
        start(config);
      }
    } catch (IOException e) {
      throw trouble("set up", e);
    }
  }

  @Override
  public void check(ProxyConfig config) {
    try {
      EmbeddedProxyMain.check(EmbeddedConf.render(config, listen));
    } catch (IOException e) {
      throw new PlatformException(
          "the proxy refuses its new configuration: " + e.getMessage(),
          "correct the address, or wait until it is known",
          e);
    }
  }

  @Override
  public void requireFree(Port port) {
    Optional<DetachedProcess> process = process();
    if (process.isPresent()
        && conf().renderedFrom(listen).filter(c -> c.settings().port().equals(port)).isPresent()) {
      return;
    }
    Set<Long> ours = process.map(running -> Set.of(running.pid())).orElse(Set.of());
    ListeningPort.requireFree(listen, port, ours);
  }

  @Override
  public void remove() {
    try {
      Optional<DetachedProcess> process = process();
      if (process.isPresent() && !ended(process.get())) {
        return;
      }
      if (Files.isDirectory(directory)) {
        Files.deleteIfExists(file());
        sockets.clear();
        StateFolder.delete(classPath());
        ending.over();
      }
    } catch (IOException e) {
      throw trouble("removed", e);
    }
  }

  private boolean ended(DetachedProcess process) throws IOException {
    Duration drain =
        conf().renderedFrom(listen).map(c -> c.settings().drainTimeout()).orElse(UNKNOWN_DRAIN);
    return ending.goOn(process, drain.plus(GRACE), () -> stop(process));
  }

  private void stop(DetachedProcess process) throws IOException {
    if (order("stop").isEmpty()) {
      process.signal(DetachedProcess.Signal.TERM);
    }
  }

  private void start(ProxyConfig config) throws IOException {
    ListeningPort.requireFree(listen, config.settings().port(), Set.of());
    activate(config);
    Path socket = sockets.next();
    // One that was told to stop may still drain; it ends by itself.
    ending.over();
    Files.deleteIfExists(pidFile());
    Files.deleteIfExists(startLog());
    DetachedProcess process = spawn(socket);
    crashPoints.at(CrashPoint.PROXY_AFTER_SPAWN);
    if (Waiting.answer(this::status, () -> !process.running(), CHANGE).isEmpty()) {
      throw new PlatformException(
          process.running()
              ? "the proxy (" + process + ") does not answer"
              : "the proxy ended: " + StateFolder.lastWords(startLog()),
          "look at " + startLog());
    }
  }

  private void reload(ProxyConfig config) throws IOException {
    EmbeddedConf conf = EmbeddedConf.render(config, listen);
    String previous = StateFolder.read(file());
    if (previous.equals(conf.text()) && serves(conf)) {
      return;
    }
    requireFree(config.settings().port());
    activate(config);
    String answer = AdminSocket.ask(socket(), "reload\n", CHANGE).orElse("it does not answer");
    crashPoints.at(CrashPoint.PROXY_AFTER_RELOAD);
    if (!answer.equals(OK)) {
      Files.writeString(StateFolder.candidate(file()), previous);
      StateFolder.swap(file());
      throw new PlatformException(
          "the proxy goes on with its last configuration: " + answer,
          "a proxy that hangs can be killed, it is started again");
    }
  }

  /** Writes it beside the active one, checks it, and puts it in its place. */
  private void activate(ProxyConfig config) throws IOException {
    Files.writeString(StateFolder.candidate(file()), EmbeddedConf.render(config, listen).text());
    crashPoints.at(CrashPoint.PROXY_AFTER_WRITE);
    check(config);
    StateFolder.swap(file());
  }

  /** One that ends, and only drains, is as good as gone: its port is free. So is one that hangs. */
  private boolean takesConnections(DetachedProcess process) throws IOException {
    Optional<Status> status = Waiting.answer(this::status, () -> !process.running(), PATIENCE);
    if (status.isEmpty()) {
      process.signal(DetachedProcess.Signal.KILL);
      Waiting.until(() -> !process.running(), GRACE);
    }
    return status.filter(s -> !s.stopping()).isPresent();
  }

  private DetachedProcess spawn(Path socket) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_OPTIONS);
    command.addAll(List.of("-cp", OwnClassPath.copyTo(classPath())));
    command.addAll(
        List.of(EmbeddedProxyMain.class.getName(), directory.toString(), socket.toString()));
    Map<String, String> handedOn = new TreeMap<>(environment);
    // Its paths are given in the daemon's locale, and read in its own.
    handedOn.keySet().retainAll(Set.of("PATH", "TZ", "LANG", "LC_ALL", "LC_CTYPE"));
    return DetachedProcess.start(command, handedOn, directory, startLog(), pidFile());
  }

  private boolean serves(EmbeddedConf conf) {
    return status().filter(status -> status.digest().equals(conf.digest())).isPresent();
  }

  /** What the child tells of itself. */
  private record Status(String digest, int draining, boolean stopping) {}

  private Optional<Status> status() {
    return order("status").flatMap(EmbeddedProxy::parse);
  }

  private static Optional<Status> parse(String answer) {
    try {
      JsonNode status = new JsonMapper().readTree(answer);
      return Optional.of(
          new Status(
              status.path("digest").asText(),
              status.path("draining").asInt(),
              status.path("stopping").asBoolean()));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private Optional<String> order(String order) {
    return sockets.current().flatMap(socket -> AdminSocket.ask(socket, order + "\n", ANSWER));
  }

  private Path socket() {
    return sockets.current().orElseThrow();
  }

  private Optional<DetachedProcess> process() {
    return DetachedProcess.find(pidFile());
  }

  private EmbeddedConf conf() {
    try {
      return EmbeddedConf.of(StateFolder.read(file()));
    } catch (IOException e) {
      return EmbeddedConf.of("");
    }
  }

  private static PlatformException trouble(String what, IOException e) {
    return new PlatformException(
        "the proxy could not be " + what + ": " + e.getMessage(),
        "correct that, it is tried again",
        e);
  }

  private Path file() {
    return directory.resolve("proxy.conf");
  }

  private Path classPath() {
    return directory.resolve("lib");
  }

  private Path pidFile() {
    return directory.resolve(StateFolder.PID_FILE);
  }

  private Path startLog() {
    return directory.resolve("start.log");
  }
}
