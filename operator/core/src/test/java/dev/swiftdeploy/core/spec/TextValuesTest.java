package dev.swiftdeploy.core.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What each text type takes, by trying: which characters first, between and last, how long, and
 * that nothing else gets in.
 */
class TextValuesTest {
  private static final String LOWER = "abcdefghijklmnopqrstuvwxyz";
  private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + LOWER;
  private static final String DIGITS = "0123456789";

  /** All of ASCII, and what is likely to be confused with it or to change what is shown. */
  private static final List<String> CHARACTERS =
      Stream.concat(
              IntStream.range(0, 128).mapToObj(Character::toString),
              Stream.of(
                  "\u0080",
                  "\u0085",
                  "\u00a0",
                  "\u00e9",
                  "\u0130",
                  "\u0131",
                  "\u0430",
                  "\u0660",
                  "\u200b",
                  "\u200d",
                  "\u2028",
                  "\u202e",
                  "\u2066",
                  "\ufeff",
                  "\uff11",
                  "\uff41",
                  "\ud800",
                  "\udc00",
                  "\ud83d\ude80"))
          .toList();

  /**
   * A type.
   *
   * @param before and {@code after}: what to try a character between
   * @param first the characters that a value may start with
   * @param between those that may stand in it
   * @param last those that it may end with
   * @param most its greatest length
   */
  private record Type(
      String name,
      Function<String, ?> of,
      String before,
      String after,
      String first,
      String between,
      String last,
      int most) {
    @Override
    public String toString() {
      return name;
    }

    boolean takes(String text) {
      try {
        of.apply(text);
        return true;
      } catch (InvalidValue e) {
        assertThat(e.getMessage()).matches("[ -~…]+").contains("not a");
        return false;
      }
    }

    String taken(Function<String, String> place) {
      return CHARACTERS.stream().filter(c -> takes(place.apply(c))).collect(Collectors.joining());
    }
  }

  static List<Type> types() {
    String word = LETTERS + DIGITS;
    return List.of(
        new Type("Contact", Contact::of, "a", "b", word, word + " #+,-./:@_", word + "/", 120),
        new Type("EnvName", EnvName::of, "a", "b", LETTERS + "_", word + "_", word + "_", 255),
        new Type("HeaderName", HeaderName::of, "a", "b", LETTERS, word + "-", word, 63),
        new Type("HttpPath", HttpPath::of, "/a", "b", "/", word + "-./_~", word + "-./_~", 255),
        new Type(
            "ImageReference",
            ImageReference::of,
            "a",
            "b",
            LOWER + DIGITS,
            LOWER + DIGITS + "-./:_",
            LOWER + DIGITS,
            255),
        new Type(
            "ResourceName",
            ResourceName::of,
            "a",
            "b",
            LOWER + DIGITS,
            LOWER + DIGITS + "-",
            LOWER + DIGITS,
            63),
        new Type("Version", Version::of, "a", "b", word, word + "+-._", word, 63),
        new Type("label key", Resource::checkedLabelKey, "a", "b", word, word + "-./_", word, 63),
        new Type(
            "label value", Resource::checkedLabelValue, "a", "b", word, word + "-._", word, 63),
        new Type(
            "policy directory",
            Spec.Policy::checkedDirectory,
            "a",
            "b",
            word + "./_",
            word + " +-./_",
            word + " +-./_",
            255));
  }

  private static String sorted(String characters) {
    return characters
        .codePoints()
        .sorted()
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  @ParameterizedTest
  @MethodSource("types")
  void theseCharactersAndNoOthers(Type type) {
    assertThat(type.taken(c -> c + type.after())).isEqualTo(sorted(type.first()));
    assertThat(type.taken(c -> type.before() + c + type.after())).isEqualTo(sorted(type.between()));
    assertThat(type.taken(c -> type.before() + c)).isEqualTo(sorted(type.last()));
  }

  @ParameterizedTest
  @MethodSource("types")
  void upToItsGreatestLength(Type type) {
    String longest = type.before() + "b".repeat(type.most() - type.before().length());
    assertThat(type.takes(longest)).isTrue();
    assertThat(type.takes(longest + "b")).isFalse();
    assertThat(type.takes(longest + "b".repeat(100_000))).isFalse();
  }

  @ParameterizedTest
  @MethodSource("types")
  void nothingAndBlanksAreNoValue(Type type) {
    assertThat(type.takes("")).isEqualTo(type.name().equals("label value"));
    assertThat(type.takes(" ")).isFalse();
    assertThat(type.takes(type.before() + "\n")).isFalse();
    assertThat(type.takes("\n" + type.before())).isFalse();
  }

  static Stream<Arguments> special() {
    return Stream.of(
        Arguments.of(
            "ImageReference",
            List.of(
                "localhost:5000/a",
                "a.b-c.example:65535/a/b/c:T_1.2-3",
                "a__b/c---d",
                "a:" + "t".repeat(128),
                "a:_x",
                "a@sha256:" + "0f".repeat(32),
                "a:1@sha256:" + "0f".repeat(32)),
            List.of(
                "a:" + "t".repeat(129),
                "a:.x",
                "a:-x",
                "a___b",
                "a..b",
                "a//b",
                "/a",
                "a/",
                "a:b:c",
                "a@sha256:" + "0F".repeat(32),
                "a@md5:" + "0f".repeat(16),
                "http://a/b",
                "-a.example/b",
                "a.example:123456/b")),
        Arguments.of(
            "HttpPath",
            List.of("/", "/a/b/", "/.well-known/x", "/a..b", "/...", "/~me"),
            List.of(
                "a", "//", "//host/a", "/a//b", "/.", "/..", "/a/../b", "/a/.", "/a?b", "/%2e")),
        Arguments.of(
            "ResourceName", List.of("a", "0", "a--b"), List.of("-a", "a-", "A", "a_b", "a.b")),
        Arguments.of("Version", List.of("1", "1.0.0-rc.1+b5", "v1"), List.of(".1", "1.", "1 0")),
        Arguments.of(
            "Contact",
            List.of("ops@example.com", "https://example.com/on-call/", "Ada, room 7 #42"),
            List.of("a.", "@a", "a (b)", "<a@b>", "a%b", "a=b", "a?b")),
        Arguments.of(
            "label key",
            List.of("example.com/team", "a.b.c/D_e", "p".repeat(253) + "/k"),
            List.of("a/b/c", "/a", "a/", "Example.com/a", "p".repeat(254) + "/k", "a..b/c")),
        Arguments.of(
            "policy directory",
            List.of("policies", "/etc/policies/", "a/b c/d+e", "..a", "a..", "."),
            List.of("..", "../a", "a/..", "a/../b", "/..", "a//b", "~/a", "-a", "a/-b")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("special")
  void itsOwnRules(String name, List<String> good, List<String> bad) {
    Type type = types().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
    assertThat(good).allMatch(type::takes);
    assertThat(bad).noneMatch(type::takes);
  }

  @ParameterizedTest
  @MethodSource("types")
  void aValueIsItsText(Type type) {
    String text = type.before() + "b";
    assertThat(type.of().apply(text)).hasToString(text);
    assertThat(type.of().apply(text)).isEqualTo(type.of().apply(text));
    assertThatThrownBy(() -> type.of().apply("\u202e"))
        .isInstanceOf(InvalidValue.class)
        .hasMessageContaining("\"\\u202e\"");
  }
}
