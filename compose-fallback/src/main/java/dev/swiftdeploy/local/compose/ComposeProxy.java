package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.adapters.proxy.NginxConf;
import dev.swiftdeploy.adapters.proxy.NginxPath;
import dev.swiftdeploy.adapters.proxy.NginxSite;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.local.proxy.ListeningPort;
import dev.swiftdeploy.local.proxy.Proxy;
import dev.swiftdeploy.local.proxy.StateFolder;
import dev.swiftdeploy.local.proxy.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * nginx in a container. nginx.conf in its folder is the state, as with an nginx that is a process:
 * what is routed is read back from it, and the digest that the running nginx tells, inside the
 * network only, says whether that is what it runs. It looks names up when it reads its
 * configuration, so the addresses that they stood for are part of what it was told.
 */
public final class ComposeProxy implements Proxy {
  private static final Duration CHANGE = Duration.ofSeconds(20);
  private static final Port ADMIN = Port.of(8079);
  private static final Port OTHER_ADMIN = Port.of(8078);
  private static final String FILE = NginxControl.FILE;
  private static final String CANDIDATE = "nginx.conf.new";

  private final ProjectFiles files;
  private final ComposeSite site;
  private final Engine engine;
  private final EvidenceContainer evidence;
  private final NginxControl control;
  private final LookedUp lookedUp;
  private final Digests digests;
  private final Endings endings;
  private boolean maybeDraining = true;

  /** Of a resource's project. */
  ComposeProxy(ProjectFiles files, EvidenceContainer evidence, Endings endings) {
    this.files = files;
    this.site = files.site();
    this.engine = files.engine();
    this.evidence = evidence;
    this.control = new NginxControl(engine);
    this.lookedUp = new LookedUp(site);
    this.digests = new Digests(evidence.way());
    this.endings = endings;
  }

  @Override
  public String name() {
    return "nginx";
  }

  /** nginx.conf for a route, as it is written. */
  public static NginxConf render(ProxyConfig config) {
    return NginxConf.render(config, nginxSite(config.settings().port()));
  }

  private static NginxSite nginxSite(Port published) {
    return new NginxSite(
        ListenAddress.EVERYWHERE,
        new NginxPath("/tmp"),
        Optional.of(new NginxPath(ComposeSite.LOG_FOLDER)),
        Optional.empty(),
        Optional.of(admin(published)),
        Optional.empty());
  }

  private static Port admin(Port published) {
    return published.equals(ADMIN) ? OTHER_ADMIN : ADMIN;
  }

  // ---- observing ----

  @Override
  public Observed observe() {
    return observe(engine.containers(site.project()));
  }

  Observed observe(List<Container> all) {
    Optional<Container> nginx = Seen.find(all, Container.NGINX);
    if (nginx.isEmpty() || notYetOurs(nginx.get())) {
      return Observed.NOTHING;
    }
    if (endings.under(nginx.get())) {
      return new Observed(false, Optional.empty(), true, Optional.of("nginx ends"));
    }
    if (!nginx.get().running()) {
      return Observed.trouble(false, false, "nginx is " + nginx.get().status() + said(nginx.get()));
    }
    boolean draining = draining(nginx.get());
    Optional<ProxyConfig> config = config();
    if (config.isEmpty()) {
      return Observed.trouble(true, draining, "nginx.conf is not what was rendered");
    }
    return trouble(nginx.get(), config.get(), all)
        .map(why -> Observed.trouble(true, draining, why))
        .orElseGet(() -> new Observed(true, config, draining, Optional.empty()));
  }

  /** Whether a person started it from the generated file, and it was never told anything. */
  private boolean notYetOurs(Container nginx) {
    return nginx.byHand(site.file()) && !lookedUp.any();
  }

  private String said(Container container) {
    return engine.lastLine(container).map(line -> ": " + line).orElse("");
  }

  private Optional<String> trouble(Container nginx, ProxyConfig config, List<Container> all) {
    String network = config.settings().network().name().value();
    if (!nginx.addresses().containsKey(network)) {
      return Optional.of("nginx is not in the network " + network);
    }
    if (Seen.find(all, Container.EVIDENCE).filter(c -> c.reachable(network)).isEmpty()) {
      return Optional.of("the container evidence is gone, through which instances are asked");
    }
    NginxConf conf = render(config);
    if (!serves(config.settings().port(), conf)) {
      return Optional.of("nginx does not run what nginx.conf says");
    }
    if (!LookedUp.now(config, all).equals(lookedUp.then())) {
      return Optional.of("instances have other addresses");
    }
    return files.trouble(conf.text());
  }

  private boolean draining(Container nginx) {
    if (maybeDraining) {
      maybeDraining = control.draining(nginx);
    }
    return maybeDraining;
  }

  private Optional<ProxyConfig> config() {
    try {
      return configOf(StateFolder.read(site.nginx().resolve(FILE)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Optional<ProxyConfig> configOf(String text) {
    return files
        .project()
        .proxy()
        .flatMap(settings -> NginxConf.configOf(text, nginxSite(settings.port())));
  }

  private boolean serves(Port published, NginxConf conf) {
    String host = site.container(Container.NGINX) + ":" + admin(published);
    return digests.of(host).filter(conf.digest()::equals).isPresent();
  }

  // ---- changing ----

  @Override
  public void apply(ProxyConfig config) {
    try {
      List<Container> all = engine.containers(site.project());
      NginxConf conf = render(config);
      Optional<Container> nginx = Seen.find(all, Container.NGINX).filter(c -> fits(c, config));
      files.prepare();
      if (nginx.isPresent()
          && !evidence.open(all)) { // without it nobody could tell what nginx does
        evidence.start(all);
        Waiting.until(() -> evidence.open(engine.containers(site.project())), CHANGE);
      }
      Map<String, String> addresses = LookedUp.now(config, all);
      if (nginx.isPresent()) {
        reload(nginx.get(), config, conf, addresses);
      } else {
        start(Seen.find(all, Container.NGINX), config, conf);
      }
      lookedUp.write(addresses);
    } catch (IOException e) {
      throw new PlatformException(
          "nginx could not be set up: " + e.getMessage(), "correct that, it is tried again", e);
    }
  }

  /** Whether the container that is there can take this configuration, or another one must. */
  private boolean fits(Container nginx, ProxyConfig config) {
    Optional<Engine.Image> image = engine.image(config.settings().image().value());
    return nginx.running()
        && !endings.under(nginx)
        && nginx.addresses().containsKey(config.settings().network().name().value())
        && nginx.ports().containsKey(config.settings().port() + "/tcp")
        && image.map(i -> i.id().equals(nginx.image())).orElse(true);
  }

  private void reload(
      Container nginx, ProxyConfig config, NginxConf conf, Map<String, String> addresses)
      throws IOException {
    boolean same =
        StateFolder.read(site.nginx().resolve(FILE)).equals(conf.text())
            && addresses.equals(lookedUp.then())
            && serves(config.settings().port(), conf);
    if (!same) {
      write(CANDIDATE, conf);
      files.crashPoints().at(CrashPoint.PROXY_AFTER_WRITE);
      control.check(nginx, CANDIDATE);
      Files.deleteIfExists(site.nginx().resolve(CANDIDATE));
      write(FILE, conf);
      files.crashPoints().at(CrashPoint.PROXY_AFTER_CHECK);
      turnLogsOver();
      Set<String> before =
          control
              .serving(nginx)
              .orElseThrow(
                  () ->
                      new PlatformException(
                          "the workers of nginx can't be seen",
                          "look at: docker top " + nginx.name()));
      control.reload(nginx);
      files.crashPoints().at(CrashPoint.PROXY_AFTER_RELOAD);
      maybeDraining = true;
      awaitServing(
          config,
          conf,
          () -> control.serving(nginx).filter(now -> Collections.disjoint(now, before)).isPresent(),
          nginx);
    }
    settle(config, conf);
  }

  private void start(Optional<Container> other, ProxyConfig config, NginxConf conf)
      throws IOException {
    write(FILE, conf);
    control.checkAside(
        config.settings().image(),
        conf,
        List.of("--network", config.settings().network().name().value()));
    settle(config, conf);
    if (other.isPresent()) {
      files.upAnew("start nginx", List.of(Container.NGINX));
    }
    evidence.start(engine.containers(site.project()));
    files.up("start nginx", List.of(Container.NGINX));
    maybeDraining = false;
    Waiting.until(() -> evidence.open(engine.containers(site.project())), CHANGE);
    Container nginx =
        Seen.find(engine.containers(site.project()), Container.NGINX)
            .orElseThrow(
                () -> new PlatformException("nginx was not started", "look at: docker ps -a"));
    awaitServing(config, conf, () -> true, nginx);
  }

  /** Project, Compose file and the copies beside the manifest say what nginx now does. */
  private void settle(ProxyConfig config, NginxConf conf) throws IOException {
    files.change(project -> project.routed(config.settings()));
    ProjectFiles.publish(site.publishedConfiguration(), conf.text());
  }

  private void awaitServing(
      ProxyConfig config,
      NginxConf conf,
      java.util.function.BooleanSupplier settled,
      Container nginx) {
    boolean serves =
        Waiting.until(
            () -> serves(config.settings().port(), conf) && settled.getAsBoolean(), CHANGE);
    if (!serves) {
      throw new PlatformException(
          "nginx does not take its new configuration" + said(nginx),
          "look at: docker logs " + nginx.name());
    }
  }

  private void write(String name, NginxConf conf) throws IOException {
    ProjectFiles.writeReadable(site.nginx().resolve(name), conf.text());
  }

  private void turnLogsOver() throws IOException {
    StateFolder.turnOver(site.logs().resolve("access.log"));
    StateFolder.turnOver(site.logs().resolve("error.log"));
  }

  @Override
  public void check(ProxyConfig config) {
    try {
      control.checkAside(config.settings().image(), render(config), List.of("--network", "none"));
    } catch (IOException e) {
      throw new PlatformException(
          "nginx could not be asked: " + e.getMessage(), "correct that, then ask again", e);
    }
  }

  @Override
  public void requireFree(Port port) {
    boolean ours =
        Seen.find(engine.containers(site.project()), Container.NGINX)
            .filter(c -> c.ports().containsKey(port + "/tcp"))
            .isPresent();
    if (!ours) {
      ListeningPort.requireFree(ListenAddress.EVERYWHERE, port, Set.of());
    }
  }

  @Override
  public void remove() {
    Optional<Container> nginx = Seen.find(engine.containers(site.project()), Container.NGINX);
    Duration drain =
        files
            .project()
            .proxy()
            .map(settings -> settings.drainTimeout().plusSeconds(5))
            .orElse(ComposePlatform.GRACE);
    nginx.ifPresent(c -> endings.end(c, drain, true, lookedUp::forget));
    if (files.project().proxy().isPresent()) {
      files.change(ComposeProject::unrouted);
    }
  }
}
