package dev.swiftdeploy.core.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "app",
        "app:1.0.0",
        "nginx:1.28",
        "team/app",
        "localhost:5000/app:1",
        "registry.example.com/team/app:1.2.3",
        "registry.example.com:5000/team/app:1.2.3",
        "Registry.Example.com/app",
        "app@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      })
  void isTaken(String text) {
    assertThat(ImageReference.of(text).value()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "App",
        "app:",
        "app:a b",
        "app;rm",
        "app\n",
        "../app",
        "a\\xb/app",
        "app:1@sha256:00",
        "-app",
      })
  void isNotTaken(String text) {
    assertThatThrownBy(() -> ImageReference.of(text)).isInstanceOf(InvalidValue.class);
  }
}
