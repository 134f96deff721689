package dev.swiftdeploy.local.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NginxErrorsTest {
  @TempDir Path temporary;

  @Test
  void saysWhatNginxSaidWithoutItsPrefixes() {
    assertThat(
            NginxErrors.refusal(
                """
                nginx: [warn] the "user" directive makes sense only for root
                nginx: [emerg] host not found in upstream "gone:80" in /a b/nginx.conf:44
                nginx: configuration file /a b/nginx.conf test failed
                """))
        .contains("host not found in upstream \"gone:80\" in /a b/nginx.conf:44");
    assertThat(
            NginxErrors.refusal(
                """
                2026/11/24 08:00:00 [emerg] 12#12: bind() to 127.0.0.1:80 failed (13: Permission denied)
                2026/11/24 08:00:01 [emerg] 12#12: still could not bind()
                """))
        .contains("bind() to 127.0.0.1:80 failed (13: Permission denied); still could not bind()");
    assertThat(
            NginxErrors.refusal(
                "2026/11/24 08:00:00 [emerg] 12#12: unlink() /tmp/a.sock failed (2: No such file or directory)\n"))
        .isEmpty();
    assertThat(NginxErrors.refusal("2026/11/24 08:00:00 [error] 13#13: *1 connect() failed\n"))
        .isEmpty();
  }

  @Test
  void whatWasSaidBeforeDoesNotCount() throws IOException {
    Path log = temporary.resolve("error.log");
    assertThat(NginxErrors.fromNowOn(log).refusal()).isEmpty();
    Files.writeString(log, "2026/11/24 08:00:00 [emerg] 1#1: old\n");
    NginxErrors errors = NginxErrors.fromNowOn(log);
    assertThat(errors.refusal()).isEmpty();

    Files.writeString(log, "2026/11/24 08:00:00 [emerg] 1#1: new\n", StandardOpenOption.APPEND);

    assertThat(errors.refusal()).contains("new");
  }
}
