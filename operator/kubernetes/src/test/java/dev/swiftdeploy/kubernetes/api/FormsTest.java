package dev.swiftdeploy.kubernetes.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.spec.Contact;
import dev.swiftdeploy.core.spec.Durations;
import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.HeaderName;
import dev.swiftdeploy.core.spec.HttpPath;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The schema's rules accept and refuse what {@code core.spec} does, and say the same. The rules are
 * evaluated here as far as they are used; the API server itself is asked in the cluster's tests.
 */
class FormsTest {
  private static final int MANY = 10_000;
  private static final Pattern MATCHES = Pattern.compile("(!?)self\\.matches\\(r'(.*)'\\)");
  private static final List<String> PIECES =
      List.of(
          "a",
          "b1",
          "Z",
          "0",
          "9",
          "10",
          "65",
          "-",
          "--",
          "_",
          "__",
          ".",
          "..",
          "/",
          "//",
          ":",
          "@",
          "#",
          "+",
          ",",
          " ",
          "~",
          "%",
          "é",
          "\n",
          "s",
          "m",
          "ms",
          "h",
          "1s",
          "30s",
          "24h",
          "25h",
          "500ms",
          "http://",
          "https://",
          "[",
          "]",
          "[::1]",
          ":8181",
          "k",
          "Mi",
          "Gi",
          "G",
          "1.5",
          "latest",
          "bridge",
          ":1.0",
          "@sha256:",
          "a".repeat(64),
          "0123456789abcdef".repeat(4));

  private record Form(
      String name, String rule, String message, int longest, Consumer<String> core) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Form> forms() {
    return Stream.of(
        new Form("image", Forms.IMAGE, Forms.IMAGE_MESSAGE, 255, ImageReference::of),
        new Form("version", Forms.VERSION, Forms.VERSION_MESSAGE, 63, Version::of),
        new Form("name", Forms.NAME, Forms.NAME_MESSAGE, 63, ResourceName::of),
        new Form("path", Forms.PATH, Forms.PATH_MESSAGE, 255, HttpPath::of),
        new Form("contact", Forms.CONTACT, Forms.CONTACT_MESSAGE, 120, Contact::of),
        new Form("header", Forms.HEADER, Forms.HEADER_MESSAGE, 63, HeaderName::of),
        new Form("env", Forms.ENV_NAME, Forms.ENV_NAME_MESSAGE, 255, EnvName::of),
        new Form("url", Forms.URL, Forms.URL_MESSAGE, 255, Spec.Policy::checkedUrl),
        new Form("folder", Forms.FOLDER, Forms.FOLDER_MESSAGE, 255, Spec.Policy::checkedDirectory),
        new Form(
            "cpu", Forms.CPU, Forms.CPU_MESSAGE, 20, t -> Spec.Services.checkedResource("cpu", t)),
        new Form(
            "memory",
            Forms.MEMORY,
            Forms.MEMORY_MESSAGE,
            20,
            t -> Spec.Services.checkedResource("memory", t)),
        new Form("driver", Forms.DRIVER, Forms.DRIVER_MESSAGE, 63, Spec.Network::checkedDriver),
        new Form("duration", Forms.DURATION, "", 32, Durations::parse),
        new Form("positive", Forms.POSITIVE_DURATION, "", 32, FormsTest::positive));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void theRuleTakesWhatTheTypeTakes(Form form) {
    Random random = new Random(6);
    int taken = 0;
    for (int i = 0; i < MANY; i++) {
      // Few values made of pieces would be URLs by chance.
      StringBuilder text = new StringBuilder(form.name().equals("url") ? "http://" : "");
      for (int n = random.nextInt(6); n >= 0; n--) {
        text.append(PIECES.get(random.nextInt(PIECES.size())));
      }
      String value = text.toString();
      boolean byType = refused(form, value).isEmpty();
      boolean byRule = value.length() <= form.longest() && holds(form.rule(), value);
      assertThat(byRule).as("%s: <%s>", form.name(), value).isEqualTo(byType);
      taken += byType ? 1 : 0;
    }
    assertThat(taken).as("values that were taken").isGreaterThan(20);
  }

  @ParameterizedTest
  @MethodSource("forms")
  void theRuleSaysWhatTheTypeSays(Form form) {
    if (!form.message().isEmpty()) {
      assertThat(refused(form, "§").orElseThrow()).endsWith(form.message());
    }
  }

  private static Optional<String> refused(Form form, String value) {
    try {
      form.core().accept(value);
      return Optional.empty();
    } catch (InvalidValue e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static void positive(String text) {
    if (Durations.parse(text).isZero()) {
      throw new InvalidValue("zero");
    }
  }

  private static boolean holds(String rule, String value) {
    for (String term : rule.split(" && ")) {
      Matcher matches = MATCHES.matcher(term);
      boolean holds;
      if (matches.matches()) {
        // RE2's $ is the end, Java's also stands before a last line end.
        String pattern = matches.group(2).replaceAll("\\$$", "\\\\z").replace("|$)", "|\\z)");
        holds = Pattern.compile(pattern).matcher(value).find() == matches.group(1).isEmpty();
      } else if (term.equals("self != ''")) {
        holds = !value.isEmpty();
      } else if (term.equals("duration(self) > duration('0s')")) {
        holds = nanos(value) > 0;
      } else {
        assertThat(term).isEqualTo("duration(self) <= duration('24h')");
        holds = nanos(value) <= 86_400_000_000_000L;
      }
      if (!holds) {
        return false;
      }
    }
    return true;
  }

  /** As Go reads a duration of these units. */
  private static long nanos(String value) {
    Matcher part = Pattern.compile("([0-9]+)(ms|h|m|s)").matcher(value);
    long sum = 0;
    while (part.find()) {
      long unit =
          switch (part.group(2)) {
            case "h" -> 3_600_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "s" -> 1_000_000_000L;
            default -> 1_000_000L;
          };
      sum += Long.parseLong(part.group(1)) * unit;
    }
    return sum;
  }
}
