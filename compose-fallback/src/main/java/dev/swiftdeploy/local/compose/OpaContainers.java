package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.adapters.policy.OpaBundle;
import dev.swiftdeploy.adapters.policy.OpaConnection;
import dev.swiftdeploy.adapters.policy.OpaHost;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.local.files.DurableFile;
import dev.swiftdeploy.local.files.Folders;
import dev.swiftdeploy.local.policy.OpaAccess;
import dev.swiftdeploy.local.proxy.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * OPA servers as containers of a resource's project, one for each policy revision, with the bundle
 * mounted read-only. They answer on this machine's loopback, and let whoever holds the token read
 * health and the decision, nothing more.
 *
 * <p>One that ended by itself the engine starts again. One that a person stopped stays stopped:
 * until it is started again, or removed, policy is unavailable.
 */
public final class OpaContainers implements OpaHost {
  static final String REVISION = "dev.swiftdeploy.policy";

  private static final int NAME_LENGTH = 12;
  private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ProjectFiles files;
  private final ComposeSite site;

  /** Of a resource's project. */
  public OpaContainers(ProjectFiles files) {
    this.files = files;
    this.site = files.site();
  }

  /** The folder that is mounted. */
  static Path bundle(ComposeSite site, String revision) {
    return site.opa().resolve(revision).resolve("bundle");
  }

  private static Path token(ComposeSite site, String revision) {
    return site.opa().resolve(revision).resolve("token");
  }

  private static Path port(ComposeSite site, String revision) {
    return site.opa().resolve(revision).resolve("port");
  }

  private static String shortened(String revision) {
    return revision.substring(0, Math.min(NAME_LENGTH, revision.length()));
  }

  @Override
  public Server serve(String whole, OpaBundle bundle) throws IOException {
    String revision = shortened(whole);
    try {
      Optional<Container> there = find(revision);
      boolean usable =
          Files.exists(token(site, revision))
              && keptPort(revision).isPresent()
              && there.filter(c -> !c.status().equals("created") && !astray(c)).isPresent();
      if (usable) {
        Container container = there.orElseThrow();
        if (!container.alive() && !container.status().equals("restarting")) {
          throw new IOException(stopped(container));
        }
        if (!files.project().policies().containsKey(revision)) { // started by a person's hand
          int port = keptPort(revision).orElseThrow();
          files.change(project -> project.judgedBy(with(project.policies(), revision, port)));
        }
        return new Started(revision, container);
      }
      // Its port was taken before it could have it, or its network is gone.
      there.ifPresent(files.engine()::remove);
      int port = prepare(revision, bundle);
      files.change(project -> project.judgedBy(with(project.policies(), revision, port)));
      files.up("start OPA", List.of(ComposeFile.opaService(revision)));
      return new Started(
          revision, find(revision).orElseThrow(() -> new IOException("OPA was not started")));
    } catch (PlatformException e) {
      throw new IOException(e.getMessage() + ". " + e.fix(), e);
    }
  }

  private boolean astray(Container container) {
    String network = files.project().network().name().value();
    return container.running() && !container.reachable(network);
  }

  private static String stopped(Container container) {
    return "its container was stopped: docker start " + container.name();
  }

  private static SortedMap<String, Integer> with(
      SortedMap<String, Integer> ports, String revision, int port) {
    SortedMap<String, Integer> all = new TreeMap<>(ports);
    all.put(revision, port);
    return all;
  }

  /**
   * Writes what a container of this revision would be given, where nothing is; returns the
   * revision's name with its port.
   */
  public SortedMap<String, Integer> prepareIfMissing(String whole, OpaBundle bundle)
      throws IOException {
    String revision = shortened(whole);
    OptionalInt kept = keptPort(revision);
    boolean prepared = kept.isPresent() && Files.exists(token(site, revision));
    return with(new TreeMap<>(), revision, prepared ? kept.getAsInt() : prepare(revision, bundle));
  }

  private OptionalInt keptPort(String revision) throws IOException {
    Path kept = port(site, revision);
    try {
      return Files.exists(kept)
          ? OptionalInt.of(Integer.parseInt(Files.readString(kept).strip()))
          : OptionalInt.empty();
    } catch (NumberFormatException e) {
      return OptionalInt.empty(); // written anew
    }
  }

  /**
   * Writes what a container of this revision is given, its token, and its port: the one that was
   * written before, which generated files tell of, if it still can be had, else a free one.
   */
  private int prepare(String revision, OpaBundle bundle) throws IOException {
    Path folder = bundle(site, revision);
    DurableFile.makeFolder(site.state());
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    String token = OpaAccess.newToken();
    DurableFile.write(token(site, revision), token);
    Path file = folder.resolve("bundle.tar.gz");
    Files.write(file, OpaAccess.guarded(bundle, token).tarGz());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    SortedMap<String, Integer> others = new TreeMap<>(files.project().policies());
    others.remove(revision);
    int port =
        FreePort.keeping(keptPort(revision), ComposeSite.OPA_PORT, Set.copyOf(others.values()))
            .orElseThrow(() -> new IOException("no port from 8181 on is free"));
    DurableFile.write(port(site, revision), Integer.toString(port));
    return port;
  }

  @Override
  public void end(String whole) {
    try {
      find(shortened(whole)).ifPresent(files.engine()::remove);
    } catch (PlatformException e) {
      // it is asked whether it runs
    }
  }

  @Override
  public void keepOnly(String whole) {
    String kept = shortened(whole);
    try {
      for (Container container : files.engine().containers(site.project())) {
        if (container.role().equals(Container.OPA) && !isOf(container, kept)) {
          files.engine().remove(container);
        }
      }
      if (!files.project().policies().keySet().stream().allMatch(kept::equals)) {
        SortedMap<String, Integer> left = new TreeMap<>(files.project().policies());
        left.keySet().retainAll(List.of(kept));
        files.change(project -> project.judgedBy(left));
      }
      for (Path each : Folders.list(site.opa())) {
        if (kept.isEmpty()) { // none serves: the next one has the port that generated files tell of
          Folders.delete(each.resolve("bundle"));
          Files.deleteIfExists(each.resolve("token"));
        } else if (!each.endsWith(kept)) {
          Folders.delete(each);
        }
      }
    } catch (PlatformException | IOException e) {
      // what is left is ended by the next call
    }
  }

  private static boolean isOf(Container container, String revision) {
    return revision.equals(container.labels().get(REVISION));
  }

  @Override
  public void close() {
    keepOnly("");
    try {
      if (files.project().empty()) {
        files.engine().removeNetwork(files.project().network().name().value());
        files.forgetIfEmpty();
      }
      Folders.delete(site.opa());
    } catch (PlatformException | IOException e) {
      // the next call ends what is left
    }
  }

  private Optional<Container> find(String revision) {
    return files.engine().containers(site.project()).stream()
        .filter(c -> c.role().equals(Container.OPA) && isOf(c, revision))
        .findFirst();
  }

  /** One that runs, or ran. It is looked at once a second. */
  private final class Started implements Server {
    private final String revision;
    private final String id;
    private Container last;
    private long looked = System.nanoTime();

    Started(String revision, Container container) {
      this.revision = revision;
      this.id = container.id();
      this.last = container;
    }

    @Override
    public boolean running() {
      Container now = look();
      return now.running() && !astray(now) && now.id().equals(id);
    }

    private synchronized Container look() {
      if (System.nanoTime() - looked > LOOK_AGAIN_NANOS) {
        looked = System.nanoTime();
        try {
          last = find(revision).orElse(gone());
        } catch (PlatformException e) {
          last = gone();
        }
      }
      return last;
    }

    private Container gone() {
      return new Container(
          "",
          last.name(),
          last.role(),
          last.labels(),
          last.image(),
          "gone",
          0,
          "",
          last.started(),
          0,
          last.addresses(),
          last.networks(),
          last.ports());
    }

    @Override
    public OptionalInt exitCode() {
      Container now = look();
      return now.status().equals("exited") ? OptionalInt.of(now.exitCode()) : OptionalInt.empty();
    }

    @Override
    public OpaConnection connection() {
      Integer port = files.project().policies().get(revision);
      return OpaConnection.to("http://127.0.0.1:" + (port == null ? ComposeSite.OPA_PORT : port))
          .withTokenFile(token(site, revision));
    }

    @Override
    public String lastWords() {
      Container now = look();
      if (now.status().equals("exited")) {
        return stopped(now);
      }
      try {
        return files.engine().lastLine(now).orElse("");
      } catch (PlatformException e) {
        return "";
      }
    }
  }
}
