package dev.swiftdeploy.local.proxy;

import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.Digests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * Where a proxy's admin sockets are: not in the state folder, whose path may be longer than a
 * socket's may be (107 bytes on Linux, 103 on macOS), but in a short one that only this user can
 * enter. The socket in use is recorded in the state folder, so that a daemon with another
 * environment finds it again. Each start of a proxy gets a new one, so that a proxy that still
 * drains takes nothing away from its successor.
 */
final class SocketFolder {
  private static final int LONGEST = 103;
  private static final String NAME = "12345678.sock";
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  private final Path state;
  private final Map<String, String> environment;

  /**
   * @param state the proxy's state folder; it exists
   */
  SocketFolder(Path state, Map<String, String> environment) {
    this.state = state;
    this.environment = environment;
  }

  /** The socket that was recorded last; the proxy that made it may be gone. */
  Optional<Path> current() {
    try {
      return Optional.of(Path.of(Files.readString(record()).strip()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Chooses a new socket and records it; the proxy makes it. */
  Path next() throws IOException {
    String name = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()) + ".sock";
    Path socket = folder().resolve(name);
    Path written = Files.writeString(state.resolve("admin-socket.new"), socket + "\n");
    Files.move(written, record(), StandardCopyOption.ATOMIC_MOVE);
    return socket;
  }

  /** Forgets the recorded socket and deletes its folder. */
  void clear() throws IOException {
    Optional<Path> folder = current().map(Path::getParent);
    if (folder.isPresent()) {
      try (Stream<Path> sockets = Files.list(folder.get())) {
        for (Path socket : sockets.toList()) {
          Files.deleteIfExists(socket);
        }
        Files.deleteIfExists(folder.get());
      } catch (NoSuchFileException e) {
        // a reboot or a cleaner of /tmp was here before
      }
    }
    Files.deleteIfExists(record());
  }

  private Path record() {
    return state.resolve("admin-socket");
  }

  private Path folder() throws IOException {
    int uid = Accounts.uid();
    String own = Digests.sha256(state.toRealPath().toString()).substring(0, 12);
    Path user = base().resolve("swiftdeploy-" + uid);
    if (length(user.resolve(own).resolve(NAME)) > LONGEST) {
      user = Path.of("/tmp/swiftdeploy-" + uid);
    }
    makePrivate(user, uid);
    makePrivate(user.resolve(own), uid);
    return user.resolve(own);
  }

  private Path base() {
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    Path folder = Path.of(runtime).toAbsolutePath();
    return !runtime.isEmpty() && Files.isWritable(folder)
        ? folder
        : Path.of(System.getProperty("java.io.tmpdir", "/tmp")).toAbsolutePath();
  }

  private static int length(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  /** In a folder like /tmp somebody else may have been there first. */
  private static void makePrivate(Path folder, int uid) throws IOException {
    try {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
    } catch (FileAlreadyExistsException e) {
      if (!isPrivate(folder, uid)) {
        throw new PlatformException(
            folder + " is not a folder that only this user can enter",
            "delete it, or set XDG_RUNTIME_DIR to a folder of your own",
            e);
      }
    }
  }

  private static boolean isPrivate(Path folder, int uid) throws IOException {
    return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        && Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(uid)
        && Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS).equals(PRIVATE);
  }
}
