package dev.swiftdeploy.local.proxy.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogTest {
  private static final OffsetDateTime TIME = OffsetDateTime.parse("2026-11-24T08:00:00Z");

  @TempDir Path temporary;

  @Test
  void aLineIsThatOfNginx() {
    assertThat(AccessLog.line(TIME, 200, 4, List.of("127.0.0.1:3000"), "GET / HTTP/1.1"))
        .isEqualTo("2026-11-24T08:00:00+00:00 | 200 | 0.004 | 127.0.0.1:3000 | GET / HTTP/1.1\n");
    assertThat(
            AccessLog.line(
                OffsetDateTime.parse("2026-11-24T08:00:00+05:30"),
                502,
                61_045,
                List.of("127.0.0.1:3000", "127.0.0.1:3001"),
                "GET / HTTP/1.1"))
        .isEqualTo(
            "2026-11-24T08:00:00+05:30 | 502 | 61.045 | 127.0.0.1:3000, 127.0.0.1:3001 | GET / HTTP/1.1\n");
    assertThat(AccessLog.line(TIME, 405, 0, List.of(), "TRACE / HTTP/1.1"))
        .isEqualTo("2026-11-24T08:00:00+00:00 | 405 | 0.000 | - | TRACE / HTTP/1.1\n");
  }

  @Test
  void whatCouldForgeALineIsEscaped() {
    assertThat(
            AccessLog.line(TIME, 200, 0, List.of(), "GET /\n\r\"\\\u0000\u007f\u00e9|~ HTTP/1.1"))
        .endsWith(" | - | GET /\\x0A\\x0D\\x22\\x5C\\x00\\x7F\\xE9|~ HTTP/1.1\n");
  }

  @Test
  void aLongLogIsTurnedOver() throws IOException {
    Path file = temporary.resolve("access.log");
    try (AccessLog log = new AccessLog(file, 100)) {
      for (String path : List.of("/1", "/2", "/3", "/4", "/5")) {
        log.write(TIME, 200, 0, List.of(), "GET " + path + " HTTP/1.1");
      }
    }

    assertThat(file).content().contains("/5").doesNotContain("/4");
    assertThat(temporary.resolve("access.log.1")).content().contains("/3", "/4");
  }

  @Test
  void goesOnAfterWhatIsThere() throws IOException {
    Path file = temporary.resolve("access.log");
    for (String path : List.of("/1", "/2")) {
      try (AccessLog log = new AccessLog(file, 1000)) {
        log.write(TIME, 200, 0, List.of(), "GET " + path + " HTTP/1.1");
      }
    }

    assertThat(file).content().hasLineCount(2);
  }
}
