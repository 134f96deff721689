package dev.swiftdeploy.local.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FreePortTest {
  @Test
  void theOneThatWasHadIsKeptUnlessItIsTaken() throws IOException {
    int had = FreePort.from(24000, Set.of()).orElseThrow();
    int first = FreePort.from(25000, Set.of()).orElseThrow();

    assertThat(FreePort.keeping(OptionalInt.of(had), first, Set.of())).hasValue(had);
    assertThat(FreePort.keeping(OptionalInt.of(had), first, Set.of(had))).hasValue(first);
    assertThat(FreePort.keeping(OptionalInt.empty(), first, Set.of())).hasValue(first);
    try (ServerSocket taken = new ServerSocket(had, 1, InetAddress.getLoopbackAddress())) {
      assertThat(FreePort.keeping(OptionalInt.of(taken.getLocalPort()), first, Set.of()))
          .hasValue(first);
    }
  }
}
