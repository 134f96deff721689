package dev.swiftdeploy.adapters.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class TarGzTest {
  private final PolicyBundle policy =
      ((PolicyBundle.Good) PolicyBundle.read(TestEngines.PROBES)).bundle();
  private final byte[] archive =
      OpaBundle.of(policy).with("block.txt", "x".repeat(512)).with("empty.txt", "").tarGz();

  @Test
  void each_file_is_read_whole() throws IOException {
    for (String name : new String[] {"admission.rego", "lib/probes.rego"}) {
      assertThat(TarGz.file(archive, name, 1 << 20)).contains(policy.files().get(name));
    }
    assertThat(TarGz.file(archive, "block.txt", 512)).contains("x".repeat(512).getBytes("UTF-8"));
    assertThat(TarGz.file(archive, "empty.txt", 0)).contains(new byte[0]);
    assertThat(TarGz.file(archive, "probes.rego", 1 << 20)).isEmpty();
  }

  @Test
  void what_is_too_large_or_no_archive_is_told() throws IOException {
    assertThatThrownBy(() -> TarGz.file(archive, "block.txt", 511)).hasMessageContaining("larger");
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(text)) {
      out.write("x".repeat(600).getBytes(StandardCharsets.UTF_8));
    }
    assertThatThrownBy(() -> TarGz.file(text.toByteArray(), "x", 9))
        .hasMessageContaining("not an archive");
  }
}
