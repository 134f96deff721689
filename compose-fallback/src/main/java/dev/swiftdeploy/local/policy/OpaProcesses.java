package dev.swiftdeploy.local.policy;

import dev.swiftdeploy.adapters.policy.OpaBundle;
import dev.swiftdeploy.adapters.policy.OpaConnection;
import dev.swiftdeploy.adapters.policy.OpaHost;
import dev.swiftdeploy.adapters.policy.OpaProgram;
import dev.swiftdeploy.local.process.DetachedProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * OPA servers as processes of this machine, each in a folder of its own by the revision of its
 * bundle: they outlive the daemon and are found again by their pid files. They listen on loopback
 * only, and let whoever holds the folder's token read health and the decision, nothing more.
 */
public final class OpaProcesses implements OpaHost {
  private static final Set<String> INHERITED = Set.of("PATH", "HOME", "TMPDIR");
  private static final int NAME_LENGTH = 12;
  private static final long END_MILLIS = 3000;
  private static final long KILLED_MILLIS = 2000;
  private static final int LONGEST_LINE = 300;

  private final Path folder;
  private final Map<String, String> environment;

  /**
   * @param folder holds one folder for each server; made for its owner only
   * @param environment of SwiftDeploy: where the program is found
   */
  public OpaProcesses(Path folder, Map<String, String> environment) {
    this.folder = folder.toAbsolutePath();
    this.environment = environment;
  }

  @Override
  public Server serve(String revision, OpaBundle bundle) throws IOException {
    Place place = place(revision);
    Optional<DetachedProcess> running = DetachedProcess.find(place.pid());
    if (running.isPresent() && Files.exists(place.port()) && Files.exists(place.token())) {
      return new Started(running.get(), place, Integer.parseInt(Files.readString(place.port())));
    }
    end(place);
    return start(place, bundle);
  }

  private Server start(Place place, OpaBundle bundle) throws IOException {
    Path program = OpaProgram.find(environment).path();
    Files.createDirectories(
        place.folder(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    String token = OpaAccess.newToken();
    Files.writeString(place.token(), token);
    Files.setPosixFilePermissions(place.token(), PosixFilePermissions.fromString("rw-------"));
    Files.write(place.bundle(), OpaAccess.guarded(bundle, token).tarGz());
    int port = freePort();
    Files.writeString(place.port(), Integer.toString(port));
    Map<String, String> own = new TreeMap<>(environment);
    own.keySet().retainAll(INHERITED);
    DetachedProcess started =
        DetachedProcess.start(
            command(program, port, place.bundle()), own, place.folder(), place.log(), place.pid());
    return new Started(started, place, port);
  }

  private static List<String> command(Path program, int port, Path bundle) {
    return List.of(
        program.toString(),
        "run",
        "--server",
        "--addr=127.0.0.1:" + port,
        "--authentication=token",
        "--authorization=basic",
        "--skip-version-check",
        "--log-level=error",
        "--shutdown-grace-period=1",
        "--bundle",
        "file://" + bundle);
  }

  /** It may be taken before OPA listens there; then OPA ends and the next start takes another. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void end(String revision) {
    try {
      end(place(revision));
    } catch (IOException e) {
      // it is asked whether it runs
    }
  }

  @Override
  public void keepOnly(String revision) {
    Path kept = place(revision).folder();
    try (Stream<Path> all = Files.exists(folder) ? Files.list(folder) : Stream.of()) {
      for (Path each : all.filter(p -> !p.equals(kept)).toList()) {
        end(new Place(each));
        delete(each);
      }
    } catch (IOException e) {
      // what is left is ended by the next call
    }
  }

  @Override
  public void close() {
    keepOnly("");
    try {
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // not empty: the next call ends what is left
    }
  }

  private static void end(Place place) throws IOException {
    Optional<DetachedProcess> running = DetachedProcess.find(place.pid());
    if (running.isEmpty()) {
      return;
    }
    running.get().signal(DetachedProcess.Signal.TERM);
    if (!within(END_MILLIS, () -> !running.get().running())) {
      running.get().signal(DetachedProcess.Signal.KILL);
      within(KILLED_MILLIS, () -> !running.get().running());
    }
    within(KILLED_MILLIS / 2, () -> DetachedProcess.exitCode(place.pid()).isPresent());
  }

  private static boolean within(long millis, BooleanSupplier condition) {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - until > 0) {
        return false;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return condition.getAsBoolean();
      }
    }
    return true;
  }

  private static void delete(Path top) throws IOException {
    try (Stream<Path> all = Files.walk(top)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private Place place(String revision) {
    String name =
        revision.isEmpty()
            ? "none"
            : revision.substring(0, Math.min(NAME_LENGTH, revision.length()));
    return new Place(folder.resolve(name));
  }

  /** One server's files. */
  private record Place(Path folder) {
    Path pid() {
      return folder.resolve("opa.pid");
    }

    Path port() {
      return folder.resolve("port");
    }

    Path token() {
      return folder.resolve("token");
    }

    Path bundle() {
      return folder.resolve("bundle.tar.gz");
    }

    Path log() {
      return folder.resolve("opa.log");
    }
  }

  private record Started(DetachedProcess process, Place place, int port) implements Server {
    @Override
    public boolean running() {
      return process.running();
    }

    @Override
    public OptionalInt exitCode() {
      return DetachedProcess.exitCode(place.pid());
    }

    @Override
    public OpaConnection connection() {
      return OpaConnection.to("http://127.0.0.1:" + port).withTokenFile(place.token());
    }

    @Override
    public String lastWords() {
      try {
        String all = Files.readString(place.log(), StandardCharsets.UTF_8);
        String last = all.lines().filter(l -> !l.isBlank()).reduce("", (a, b) -> b).strip();
        return last.length() > LONGEST_LINE ? last.substring(0, LONGEST_LINE) + "…" : last;
      } catch (IOException e) {
        return "";
      }
    }
  }
}
