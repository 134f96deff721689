package dev.swiftdeploy.adapters.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Good manifests, broken at random: whatever comes, reading answers, soon, and each problem points
 * into the file. {@code -Dseed=N} tries another series, {@code -Drounds=N} a longer one.
 */
class ManifestFuzzTest {
  private static final Path FLAT =
      Path.of("src/test/resources/dev/swiftdeploy/adapters/manifest/flat");
  private static final Pattern LINE_BREAK = Pattern.compile("\r\n|[\r\n\u0085\u2028\u2029]");
  private static final Duration SOON = Duration.ofMinutes(2);

  /** What means something to YAML, or to those who read it carelessly. */
  private static final List<String> TOKENS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ": ",
          ":",
          "- ",
          "? ",
          ", ",
          "#",
          " #",
          "&a ",
          "*a",
          "*a ",
          "!!str ",
          "!!binary ",
          "!x ",
          "!<tag:x> ",
          "|\n",
          ">-\n",
          "|9\n",
          "\"",
          "'",
          "\\",
          "\\u00",
          "\\x",
          "\\U00110000",
          "---\n",
          "...\n",
          "%YAML 1.2\n",
          "%TAG ! x\n",
          "\t",
          "\r",
          "\n",
          "\n\n",
          "\0",
          "\uFEFF",
          "\u2028",
          "\u0085",
          "\u202E",
          "\uD83D\uDE80",
          "<<: ",
          "~",
          "null",
          "=",
          "0x1F",
          "1e999",
          "-1",
          "99999999999",
          ".nan",
          "22:22",
          "2020-01-01",
          "yes",
          "@",
          "`");

  private final Random random = new Random(Long.getLong("seed", 20260101));

  @Test
  void readingAlwaysAnswers() throws IOException {
    List<byte[]> good = goodOnes();
    int rounds = Integer.getInteger("rounds", 1500);
    int invalid = 0;
    for (int round = 0; round < rounds; round++) {
      byte[] content = good.get(random.nextInt(good.size()));
      for (int times = 1 + random.nextInt(3); times > 0; times--) {
        content = mutated(content, good);
      }
      byte[] broken = content;
      ManifestResult result =
          assertTimeoutPreemptively(
              SOON,
              () -> ManifestReader.read(broken, "manifest.yaml", "folder"),
              () -> "too slow: " + shown(broken));
      check(result, broken);
      invalid += result instanceof ManifestResult.Invalid ? 1 : 0;
    }
    assertThat(invalid).isBetween(rounds / 5, rounds * 19 / 20);
  }

  private static List<byte[]> goodOnes() throws IOException {
    List<byte[]> good = new ArrayList<>();
    good.add(ManifestTemplate.TEXT.getBytes(StandardCharsets.UTF_8));
    good.add(Files.readAllBytes(Path.of("../../manifest.yaml")));
    try (Stream<Path> files = Files.list(FLAT)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        good.add(Files.readAllBytes(file));
      }
    }
    return good;
  }

  private static void check(ManifestResult result, byte[] content) {
    String shown = shown(content);
    boolean errors = result.problems().stream().anyMatch(p -> p.severity() == Severity.ERROR);
    assertThat(errors).as(shown).isEqualTo(result instanceof ManifestResult.Invalid);
    String text = new String(content, StandardCharsets.UTF_8);
    String[] lines = LINE_BREAK.split(text, -1);
    for (Problem problem : result.problems()) {
      assertThat(problem.line()).as("%s in %s", problem, shown).isBetween(1, lines.length);
      String line = lines[problem.line() - 1];
      assertThat(problem.column())
          .as("%s in %s", problem, shown)
          .isBetween(1, line.codePointCount(0, line.length()) + 1);
      assertThat(problem.text()).as(shown).hasSizeLessThan(3000).matches("[ -~…]+");
    }
  }

  private static String shown(byte[] content) {
    return new String(content, StandardCharsets.UTF_8);
  }

  // mutations

  private byte[] mutated(byte[] content, List<byte[]> good) {
    if (content.length == 0) {
      return token();
    }
    int at = random.nextInt(content.length);
    return switch (random.nextInt(8)) {
      case 0 -> flipped(content, at);
      case 1 -> spliced(content, at, at, new byte[] {(byte) random.nextInt(256)});
      case 2 -> spliced(content, at, Math.min(content.length, at + 1 + random.nextInt(12)));
      case 3 -> spliced(content, at, at, token());
      case 4 -> spliced(content, at, Math.min(content.length, at + random.nextInt(6)), token());
      case 5 -> lineMoved(content);
      case 6 -> crossed(content, good.get(random.nextInt(good.size())));
      default -> swapped(content);
    };
  }

  private byte[] token() {
    return TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.UTF_8);
  }

  private byte[] flipped(byte[] content, int at) {
    byte[] out = content.clone();
    out[at] ^= (byte) (1 << random.nextInt(8));
    return out;
  }

  /** A line dropped, doubled, or put elsewhere. */
  private byte[] lineMoved(byte[] content) {
    List<String> lines =
        new ArrayList<>(
            List.of(new String(content, StandardCharsets.ISO_8859_1).split("(?<=\n)", -1)));
    String line = lines.get(random.nextInt(lines.size()));
    switch (random.nextInt(3)) {
      case 0 -> lines.remove(line);
      case 1 -> lines.add(random.nextInt(lines.size() + 1), line);
      default -> {
        lines.remove(line);
        lines.add(random.nextInt(lines.size() + 1), line);
      }
    }
    return String.join("", lines).getBytes(StandardCharsets.ISO_8859_1);
  }

  private byte[] crossed(byte[] one, byte[] other) {
    int end = random.nextInt(one.length);
    int from = random.nextInt(other.length);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(one, 0, end);
    out.write(other, from, other.length - from);
    return out.toByteArray();
  }

  /** Two words change places. */
  private byte[] swapped(byte[] content) {
    String[] words =
        new String(content, StandardCharsets.ISO_8859_1).split("(?<=[ \n:])|(?=[ \n:])", -1);
    int one = random.nextInt(words.length);
    int other = random.nextInt(words.length);
    String word = words[one];
    words[one] = words[other];
    words[other] = word;
    return String.join("", words).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] spliced(byte[] content, int from, int to, byte... by) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(content, 0, from);
    out.write(by, 0, by.length);
    out.write(content, to, content.length - to);
    return out.toByteArray();
  }
}
