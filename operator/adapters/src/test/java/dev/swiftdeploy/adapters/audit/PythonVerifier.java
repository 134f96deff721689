package dev.swiftdeploy.adapters.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** {@code docs/verify_chain.py}, which knows nothing of our code. */
final class PythonVerifier {
  private PythonVerifier() {}

  /** The script, from whatever folder the tests run in. */
  static Path script() {
    for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
      Path script = up.resolve("docs/verify_chain.py");
      if (Files.exists(script)) {
        return script;
      }
    }
    throw new AssertionError("docs/verify_chain.py is not above the working directory");
  }

  /**
   * What it says of each chain.
   *
   * @param heads that have to be in each of them
   * @return the number of the first bad line, {@code 0} for none, {@code end} or a record for heads
   */
  static List<String> firstBad(List<byte[]> chains, String... heads) throws IOException {
    List<String> answers =
        answers(
            "verify_all.py",
            List.of(heads),
            in -> {
              for (byte[] chain : chains) {
                in.writeInt(chain.length);
                in.write(chain);
              }
            });
    assertThat(answers).hasSameSizeAs(chains);
    return answers;
  }

  /**
   * What it says of each history, with the segments beside it.
   *
   * @return the first bad place, {@code NAME:LINE}; the name alone of a file that can't be
   *     unpacked; {@code 0} for none, {@code end} or a record for heads
   */
  static List<String> firstBadFiles(List<Path> histories, String... heads) throws IOException {
    List<String> answers =
        answers(
            "verify_files.py",
            List.of(heads),
            in -> {
              for (Path history : histories) {
                in.write((history + "\n").getBytes(StandardCharsets.UTF_8));
              }
            });
    assertThat(answers).hasSameSizeAs(histories);
    return answers;
  }

  /** What is given to the script. */
  private interface Given {
    void to(DataOutputStream in) throws IOException;
  }

  private static List<String> answers(String name, List<String> options, Given given)
      throws IOException {
    Path script = Files.createTempFile("verify", ".py");
    try (InputStream source =
        Objects.requireNonNull(PythonVerifier.class.getResourceAsStream(name))) {
      Files.write(script, source.readAllBytes());
    }
    List<String> command =
        new ArrayList<>(List.of("python3", script.toString(), script().toString()));
    command.addAll(options);
    Process python = new ProcessBuilder(command).start();
    CompletableFuture<Void> giving =
        CompletableFuture.runAsync(
            () -> {
              try (DataOutputStream in = new DataOutputStream(python.getOutputStream())) {
                given.to(in);
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    CompletableFuture<String> errors =
        CompletableFuture.supplyAsync(() -> text(python.getErrorStream()));
    String said = text(python.getInputStream());
    assertThat(errors.join()).isEmpty();
    giving.join();
    Files.delete(script);
    return said.lines().toList();
  }

  private static String text(InputStream in) {
    try {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** As ours reads it. */
  static ChainFile.Result ours(byte[] chain) throws IOException {
    return ChainFile.read(
        () -> new ByteArrayInputStream(chain), java.util.Optional.empty(), record -> {});
  }
}
