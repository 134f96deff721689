package dev.swiftdeploy.adapters.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.swiftdeploy.core.spec.ResourceName;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestFileTest {
  private static final String FLAT = "services: {image: 'demo:1', version: '1'}\n";

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("manifest.yaml");
  }

  private static String read(Path file) {
    return Rendered.text(ManifestFile.read(file));
  }

  @Test
  void aFileThatIsNotThere() {
    assertThat(read(file()))
        .isEqualTo("manifest.yaml:1:1: the file is not there. Fix: swiftdeploy init writes one\n");
  }

  @Test
  void aFolder() {
    assertThat(read(folder)).endsWith(":1:1: this is no file. Fix: name a manifest's file\n");
  }

  @Test
  void aHugeFileIsRefusedByItsSize() throws IOException {
    try (RandomAccessFile sparse = new RandomAccessFile(file().toFile(), "rw")) {
      sparse.setLength(50L << 30); // 50 GiB that were never written
    }
    assertTimeoutPreemptively(
        Duration.ofMinutes(1),
        () ->
            assertThat(read(file()))
                .isEqualTo(
                    "manifest.yaml:1:1: the file has 53687091200 bytes. Fix: a manifest has at most 1 MiB\n"));
  }

  @Test
  void anEndlessDeviceIsNotRead() {
    assertTimeoutPreemptively(
        Duration.ofMinutes(1),
        () -> assertThat(read(Path.of("/dev/zero"))).startsWith("zero:1:1: this is no file."));
  }

  @Test
  void aFlatManifestWithoutANameIsNamedAfterItsFolder() throws IOException {
    Path shop = Files.createDirectories(folder.resolve("My Shop_2"));
    Path manifest = Files.writeString(shop.resolve("manifest.yaml"), FLAT);
    Path copy = Files.writeString(folder.resolve("last-good.yaml"), FLAT);
    assertThat(name(ManifestFile.read(manifest))).isEqualTo(ResourceName.of("my-shop-2"));
    assertThat(name(ManifestFile.readCopy(copy, manifest))).isEqualTo(ResourceName.of("my-shop-2"));
  }

  private static ResourceName name(ManifestResult result) {
    return ((ManifestResult.Manifest) result).resources().get(0).name();
  }

  @Test
  void anEditOfAFileThatIsNotThereIsRefused() throws IOException {
    assertThat(ManifestFile.set(file(), ResourceName.of("demo"), "services.mode", "canary"))
        .isInstanceOf(ManifestEdit.Result.Refused.class);
  }

  @Test
  void anEditThatChangesNothingWritesNothing() throws IOException {
    Files.writeString(file(), "name: demo\nservices: {image: demo, mode: canary}\n");
    Object before = Files.getAttribute(file(), "unix:ino");
    ManifestFile.set(file(), ResourceName.of("demo"), "services.mode", "canary");
    assertThat(Files.getAttribute(file(), "unix:ino")).isEqualTo(before);
  }
}
