package dev.swiftdeploy.local.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.ReleaseStore;
import dev.swiftdeploy.core.release.ReleaseStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileReleaseStoreTest extends ReleaseStoreContract {
  @TempDir Path folder;

  @Override
  protected ReleaseStore open() {
    return new FileReleaseStore(folder.resolve("releases"));
  }

  private Path file() {
    return folder.resolve("releases/" + full().id() + ".json");
  }

  @Test
  void envValuesAreForTheOwnerOnly() throws IOException {
    store.put(full());

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file().getParent())))
        .isEqualTo("rwx------");
  }

  @Test
  void aReleaseThatWasChangedIsNotGotAndPutAnew() throws IOException {
    store.put(full());
    Files.writeString(file(), Files.readString(file()).replace("two\\nlines", "three"));

    assertThat(store.get(full().id())).isEmpty();
    store.put(full());
    assertThat(store.get(full().id())).contains(full());
  }

  @Test
  void aDamagedFileIsNone() throws IOException {
    store.put(full());
    for (String text : new String[] {"", "{", "[]", "null", "\0", "{\"image\":\"a b\"}", "{}"}) {
      Files.writeString(file(), text);
      assertThat(store.get(full().id())).as(text).isEmpty();
    }
  }

  @Test
  void nothingElseIsLeftBehind() throws IOException {
    store.put(full());
    store.put(plain("1"));

    try (Stream<Path> files = Files.list(file().getParent())) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(full().id() + ".json", plain("1").id() + ".json");
    }
  }

  @Test
  void whatCannotBeKeptIsAnErrorWithAFix() throws IOException {
    Files.writeString(folder.resolve("releases"), "a file is in the way");

    assertThatThrownBy(() -> store.put(full()))
        .isInstanceOfSatisfying(PlatformException.class, e -> assertThat(e.fix()).isNotBlank());
  }
}
