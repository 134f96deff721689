package dev.swiftdeploy.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.status.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;

/** Statuses as a daemon wrote them, and the goldens of how they are shown. */
final class Statuses {
  static final Instant NOW = Instant.parse("2026-11-24T12:51:45Z");
  static final ZoneId ZONE = ZoneOffset.UTC;

  /** What a service's log, a label or a person may hold. */
  static final String HOSTILE =
      "\u001b[2J\u001b]0;title\u0007\r\n\t日本語の長い説明文 e\u0301 👩\u200d👩\u200d👧 ☃\ufe0f \u202egnp.exe 🇩🇪 \ud800 | `x`";

  private Statuses() {}

  static StatusScreen.Seen seen(String... names) {
    return new StatusScreen.Seen(
        List.of(names).stream().map(Statuses::read).toList(),
        List.of(),
        "daemon: process 7493, started by kim at 2026-11-24T12:50:16Z with run");
  }

  static StatusScreen.Seen hostile() {
    String json = text("blocked.json");
    try {
      String quoted = Json.MAPPER.writeValueAsString(HOSTILE);
      String evil = quoted.substring(1, quoted.length() - 1);
      String all =
          json.replace("Latency too high: p99 2990 ms, at most 500 ms", evil)
              .replace("\"restarts\": 0\n", "\"restarts\": 3, \"detail\": \"" + evil + "\"\n")
              .replace("the hold of step 1 is over", evil);
      return new StatusScreen.Seen(
          List.of(Json.MAPPER.readValue(all, Status.class)),
          List.of("manifest: " + HOSTILE),
          "daemon: " + HOSTILE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Status read(String name) {
    try {
      return Json.MAPPER.readValue(text(name + ".json"), Status.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Compares; what differs is kept below {@code target/golden} to be read. */
  static void golden(String name, String actual) {
    Path kept = Path.of("target", "golden", name);
    try {
      Files.createDirectories(Objects.requireNonNull(kept.getParent()));
      Files.writeString(kept, actual);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(actual).as("golden %s, now in %s", name, kept).isEqualTo(text(name));
  }

  private static String text(String name) {
    try (InputStream in = Statuses.class.getResourceAsStream(name)) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
