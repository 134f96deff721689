package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.status.Status;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code kubectl get sd} shows of the traffic is the declared version's. */
class StatusObjectsTest {
  private static Optional<Status.Track> track(@Nullable String of) {
    return Optional.ofNullable(of)
        .map(text -> text.split(" "))
        .map(
            parts ->
                new Status.Track(
                    "r",
                    parts[0],
                    "w",
                    1,
                    1,
                    Integer.parseInt(parts[1]),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()));
  }

  @ParameterizedTest(name = "{0} declared, candidate {1}, stable {2}: {3}")
  @CsvSource({
    "1.0.0,          , 1.0.0 100, 100",
    "1.1.0, 1.1.0 20 , 1.0.0 80 , 20",
    // In mode canary without steps it is its own canary.
    "1.0.0, 1.0.0 50 , 1.0.0 50 , 50",
    // Kept out, or refused.
    "1.1.0,          , 1.0.0 100, 0",
    // Declared while another one is under way.
    "1.2.0, 1.1.0 20 , 1.0.0 80 , 0",
    // Back to what serves while the candidate goes.
    "1.0.0, 1.1.0 20 , 1.0.0 80 , 80",
    // Nothing was admitted yet.
    "1.0.0,          ,          ,",
  })
  void aShareIsThatOfTheDeclaredVersion(
      String declared,
      @Nullable String candidate,
      @Nullable String stable,
      @Nullable Integer share) {
    assertThat(StatusObjects.weight(declared, track(candidate), track(stable)))
        .isEqualTo(Optional.ofNullable(share));
  }
}
