package dev.swiftdeploy.local.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class NginxProxyLifeIT extends ProxyLifeContract {
  NginxProxyLifeIT() {
    super(ProxyKind.NGINX);
  }

  @Test
  void workersThatLostTheirMasterAndItsSupervisorDoNotHoldThePort() throws Exception {
    proxy.apply(allTo(stable));
    String[] pidFile = Files.readString(directory.resolve(StateFolder.PID_FILE)).split(" ");
    String supervisor = pidFile[2]; // leads the group
    new ProcessBuilder("kill", "-KILL", supervisor, pidFile[0]).start().waitFor();
    await().atMost(SOON).until(() -> !proxy.observe().running());
    assertThat(RawHttp.get(port, "/").text()).as("the orphans serve").isEqualTo("stable");

    proxy.apply(config(100));

    assertThat(RawHttp.get(port, "/").text()).isEqualTo("canary");
    assertThat(proxy.observe().config()).contains(config(100));
  }
}
