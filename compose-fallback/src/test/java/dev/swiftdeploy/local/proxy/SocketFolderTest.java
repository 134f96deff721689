package dev.swiftdeploy.local.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.core.platform.PlatformException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketFolderTest {
  @TempDir Path temporary;
  private Path state;
  private Path runtime;
  private SocketFolder sockets;

  @BeforeEach
  void make() throws IOException {
    state = Files.createDirectory(temporary.resolve("state"));
    runtime = Files.createDirectory(temporary.resolve("run"));
    sockets = new SocketFolder(state, Map.of("XDG_RUNTIME_DIR", runtime.toString()));
  }

  @Test
  void onlyThisUserEntersItsFolder() throws IOException {
    Path socket = sockets.next();

    assertThat(socket).startsWithRaw(runtime).doesNotExist();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())))
        .isEqualTo("rwx------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(socket.getParent().getParent())))
        .isEqualTo("rwx------");
  }

  @Test
  void eachStartGetsAnotherAndTheLastIsFoundInAnyEnvironment() throws IOException {
    Path first = sockets.next();
    Path second = sockets.next();

    assertThat(second).isNotEqualTo(first);
    assertThat(new SocketFolder(state, Map.of()).current()).contains(second);
  }

  @Test
  void aLongRuntimeFolderIsNotUsed() throws IOException {
    Path longer = Files.createDirectory(temporary.resolve("r".repeat(90)));
    Path socket = new SocketFolder(state, Map.of("XDG_RUNTIME_DIR", longer.toString())).next();

    assertThat(socket.toString().length()).isLessThan(104);
    sockets.clear();
  }

  @Test
  void aFolderThatOthersCouldEnterIsRefused() throws IOException {
    Path user = sockets.next().getParent().getParent();
    Files.setPosixFilePermissions(user, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThatThrownBy(sockets::next)
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining(user.toString());
  }

  @Test
  void aLinkIsRefused() throws IOException {
    Path user = sockets.next().getParent().getParent();
    StateFolder.delete(user);
    Files.createSymbolicLink(user, Files.createDirectory(temporary.resolve("elsewhere")));

    assertThatThrownBy(sockets::next).isInstanceOf(PlatformException.class);
  }

  @Test
  void clearsWhatItMade() throws IOException {
    Path socket = Files.createFile(sockets.next());

    sockets.clear();

    assertThat(socket.getParent()).doesNotExist();
    assertThat(sockets.current()).isEmpty();
    sockets.clear();
  }
}
