package dev.swiftdeploy.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.app.AppConfig.InvalidEnvironmentException;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppConfigTest {

  @Test
  void anEmptyEnvironmentMeansStableOnPort3000OfAllAddresses() throws Exception {
    assertThat(AppConfig.from(Map.of("APP_VERSION", "")))
        .isEqualTo(new AppConfig(Mode.STABLE, "dev", new InetSocketAddress("0.0.0.0", 3000)));
  }

  @Test
  void everyVariableIsTaken() throws Exception {
    assertThat(
            AppConfig.from(
                Map.of(
                    "MODE", "canary",
                    "APP_VERSION", "1.2.3",
                    "APP_PORT", "8081",
                    "APP_HOST", "127.0.0.1")))
        .isEqualTo(new AppConfig(Mode.CANARY, "1.2.3", new InetSocketAddress("127.0.0.1", 8081)));
  }

  @ParameterizedTest
  @CsvSource({
    "MODE,        Canary, 'MODE must be stable or canary, not \"Canary\"'",
    "APP_PORT,    65536,  'APP_PORT must be a number from 1 to 65535, or 0 for any free port, not \"65536\"'",
    "APP_PORT,    -1,     'APP_PORT must be a number from 1 to 65535, or 0 for any free port, not \"-1\"'",
    "APP_PORT,    30 00,  'APP_PORT must be a number from 1 to 65535, or 0 for any free port, not \"30 00\"'",
    "APP_HOST,    a b,    'APP_HOST must be an address to listen on, such as 0.0.0.0, not \"a b\"'",
    "APP_VERSION, '1\n2', 'APP_VERSION must be at most 128 characters, none of them a control character, not \"1?2\"'"
  })
  void aBadValueIsNamedWithWhatIsWanted(String name, String value, String message) {
    assertThatThrownBy(() -> AppConfig.from(Map.of(name, value)))
        .isInstanceOf(InvalidEnvironmentException.class)
        .hasMessage(message);
  }

  @Test
  void allFaultsAreToldAtOnce() {
    assertThatThrownBy(() -> AppConfig.from(Map.of("MODE", "blue", "APP_PORT", "http")))
        .hasMessageContainingAll("MODE", "\"blue\"", "APP_PORT", "\"http\"");
  }
}
