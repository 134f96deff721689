package dev.swiftdeploy.local.compose;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.ReleaseStore;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.local.files.DurableFile;
import dev.swiftdeploy.local.proxy.Routing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A resource's project and its generated files: the ones that count, in the resource's own folder,
 * and their copies beside the manifest. Platform and policy engine change the project from threads
 * of their own. Thread-safe.
 */
public final class ProjectFiles {
  private final ComposeSite site;
  private final Engine engine;
  private final ComposeFile renderer;
  private final CrashPoints crashPoints;
  private final Object composing = new Object();
  private Optional<ComposeProject> known = Optional.empty();

  /** Reads nothing yet. */
  public ProjectFiles(
      ComposeSite site, Engine engine, ReleaseStore releases, CrashPoints crashPoints) {
    this.site = site;
    this.engine = engine;
    this.crashPoints = crashPoints;
    this.renderer =
        new ComposeFile(
            site, id -> releases.get(id).orElseThrow(() -> lost(id, site)), engine::runsAsRoot);
  }

  static PlatformException lost(ReleaseId id, ComposeSite site) {
    return new PlatformException(
        "release " + id + " is not kept in " + site.releases(),
        "deploy it again from its manifest");
  }

  ComposeSite site() {
    return site;
  }

  Engine engine() {
    return engine;
  }

  /** The name of the network that all of it is in. */
  String network() {
    return project().network().name().value();
  }

  CrashPoints crashPoints() {
    return crashPoints;
  }

  /** What is to be on the engine; nothing, where that was never written. */
  public synchronized ComposeProject project() {
    if (known.isEmpty()) {
      known = Optional.of(read().orElse(ComposeProject.nothing(site)));
    }
    return known.get();
  }

  private Optional<ComposeProject> read() {
    try {
      return Optional.of(
          Json.MAPPER.readValue(Files.readString(site.projectFile()), ComposeProject.class));
    } catch (NoSuchFileException | JsonProcessingException e) {
      return Optional.empty(); // lost or damaged: what is there is seen by observing
    } catch (IOException e) {
      throw trouble(e);
    }
  }

  /**
   * Changes the project, durably, with its Compose file.
   *
   * @throws PlatformException if it can't be written
   */
  synchronized ComposeProject change(UnaryOperator<ComposeProject> change) {
    ComposeProject next = change.apply(project());
    try {
      String text = renderer.render(next);
      prepare();
      DurableFile.write(site.projectFile(), Json.MAPPER.writeValueAsString(next) + "\n");
      crashPoints.at(CrashPoint.COMPOSE_AFTER_PROJECT);
      DurableFile.write(site.file(), text);
      known = Optional.of(next);
      if (next.proxy().isPresent()) {
        publish(site.publishedFile(), text);
      }
      return next;
    } catch (IOException e) {
      throw trouble(e);
    }
  }

  /** The generated files' texts. */
  public record Rendered(String compose, String nginx) {}

  /** Those of what is routed now; empty where nothing is. */
  public synchronized Optional<Rendered> rendered() throws IOException {
    Path configuration = site.nginx().resolve("nginx.conf");
    return project().proxy().isPresent() && Files.exists(configuration)
        ? Optional.of(new Rendered(renderer.render(project()), Files.readString(configuration)))
        : Optional.empty();
  }

  /**
   * Those of what would run: a kept release, with all traffic. What they mount is made, so that
   * they can be used by hand; that it should be there is not written down.
   *
   * @param policy as {@link OpaContainers#prepareIfMissing} gave it
   */
  public synchronized Rendered declare(
      Release release, int replicas, ProxySettings settings, SortedMap<String, Integer> policy)
      throws IOException {
    Workload workload = new Workload(release.id(), Mode.STABLE);
    SortedMap<Integer, Routing.Reachable> instances = new TreeMap<>();
    for (int slot = 0; slot < replicas; slot++) {
      String host = site.container(ComposeSite.service(workload, slot));
      instances.put(slot, new Routing.Reachable(new Endpoint(host, release.port()), true));
    }
    Route route = new Route(settings, List.of(new Backend(workload, 100, replicas)));
    String configuration = ComposeProxy.render(new Routing(any -> instances).config(route)).text();
    prepare();
    writeReadable(site.nginx().resolve("nginx.conf"), configuration);
    ComposeProject declared =
        ComposeProject.nothing(site).with(workload, replicas).routed(settings).judgedBy(policy);
    return new Rendered(renderer.render(declared), configuration);
  }

  /** Forgets a project of which nothing is left; the copies beside the manifest stay. */
  synchronized void forgetIfEmpty() {
    if (project().empty()) {
      try {
        Files.deleteIfExists(site.projectFile());
        Files.deleteIfExists(site.file());
      } catch (IOException e) {
        throw trouble(e);
      }
    }
  }

  /** Makes the folders that containers are given, readable (the logs: writable) for them. */
  void prepare() throws IOException {
    DurableFile.makeFolder(site.state());
    folder(site.nginx(), "rwxr-xr-x");
    folder(site.evidence(), "rwxr-xr-x");
    folder(site.logs(), "rwxrwxrwx"); // below a folder that only its owner may enter
    Path configuration = site.evidence().resolve("nginx.conf");
    String text = EvidenceConf.render(site);
    if (!Files.exists(configuration) || !Files.readString(configuration).equals(text)) {
      writeReadable(configuration, text);
    }
  }

  private static void folder(Path path, String permissions) throws IOException {
    Files.createDirectories(path);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  /** Replaces a file whole; a container's account can read it. */
  static void writeReadable(Path file, String text) throws IOException {
    Path fresh = file.resolveSibling("." + file.getFileName() + ".fresh");
    Files.writeString(fresh, text);
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Writes a copy beside the manifest; what a person wrote there is set aside, not replaced. */
  static void publish(Path copy, String text) throws IOException {
    if (Files.exists(copy)) {
      String there = Files.readString(copy);
      if (there.equals(text)) {
        return;
      }
      if (!there.startsWith(ComposeFile.GENERATED)) {
        Files.move(
            copy,
            copy.resolveSibling(copy.getFileName() + ".set-aside"),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    writeReadable(copy, text);
  }

  /** What is wrong with the generated files, of which nginx's is this; empty: nothing. */
  synchronized Optional<String> trouble(String configuration) {
    try {
      String text = renderer.render(project());
      if (!is(site.file(), text)) {
        return Optional.of("the Compose file that SwiftDeploy keeps was changed or is gone");
      }
      if (!is(site.publishedFile(), text)) {
        return Optional.of(site.publishedFile().getFileName() + " was changed or is gone");
      }
      if (!is(site.publishedConfiguration(), configuration)) {
        return Optional.of(site.publishedConfiguration().getFileName() + " was changed or is gone");
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("the generated files can't be read: " + e.getMessage());
    }
  }

  private static boolean is(Path file, String text) throws IOException {
    return Files.isRegularFile(file) && Files.readString(file).equals(text);
  }

  /** Brings services up as the file has them; those that run stay as they are. */
  void up(String doing, List<String> services) {
    up(doing, services, "--no-recreate");
  }

  /** The same; containers of these services that are there are replaced. */
  void upAnew(String doing, List<String> services) {
    up(doing, services, "--force-recreate");
  }

  /** One at a time: each makes the network where there is none, and two would make two of it. */
  private void up(String doing, List<String> services, String how) {
    if (services.isEmpty()) {
      return;
    }
    List<String> arguments =
        new ArrayList<>(List.of("up", "--detach", "--no-deps", "--no-build", how));
    arguments.addAll(services);
    synchronized (composing) {
      engine.requireUnambiguous(project().network().name().value());
      engine.compose(site, doing, arguments, () -> crashPoints.at(CrashPoint.COMPOSE_DURING_UP));
    }
    crashPoints.at(CrashPoint.COMPOSE_AFTER_UP);
  }

  private static PlatformException trouble(IOException e) {
    return new PlatformException(
        "the files of the Compose project can't be written: " + e.getMessage(),
        "make room, and make the manifest's folder writable for this user",
        e);
  }
}
