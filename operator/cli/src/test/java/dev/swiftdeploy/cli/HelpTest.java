package dev.swiftdeploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Every command explains itself: what it does, how it is called, with examples that work. */
class HelpTest {
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private static CommandLine line() {
    return Main.line(
        new Terminal(
            new PrintWriter(Writer.nullWriter()), new PrintWriter(Writer.nullWriter()), false));
  }

  /** The words that lead to each command; none for {@code swiftdeploy} itself. */
  static List<List<String>> commands() {
    List<List<String>> all = new ArrayList<>();
    collect(line(), List.of(), all);
    return all;
  }

  private static void collect(CommandLine line, List<String> words, List<List<String>> all) {
    all.add(words);
    line.getSubcommands()
        .forEach(
            (name, command) -> {
              if (!name.equals("help")) {
                collect(command, Stream.concat(words.stream(), Stream.of(name)).toList(), all);
              }
            });
  }

  private static Ran help(List<String> command, String... more) {
    return Ran.of(Stream.concat(command.stream(), Arrays.stream(more)).toArray(String[]::new));
  }

  @Test
  void theCommandsOfTheReadmeAreThere() {
    assertThat(commands())
        .contains(
            List.of("init"),
            List.of("validate"),
            List.of("plan"),
            List.of("run"),
            List.of("deploy"),
            List.of("rollback"),
            List.of("status"),
            List.of("explain"),
            List.of("audit"),
            List.of("audit", "verify"),
            List.of("teardown"),
            List.of("version"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpIsData(List<String> command) {
    Ran ran = help(command, "--help");
    assertThat(ran.exit()).isEqualTo(Exit.DONE);
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .contains(
            "Usage: "
                + String.join(
                    " ", Stream.concat(Stream.of("swiftdeploy"), command.stream()).toList()));
    assertThat(help(command, "-h")).isEqualTo(ran);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpFitsAnOrdinaryTerminal(List<String> command) {
    assertThat(help(command, "--help").out().lines().filter(line -> line.length() > 80)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyExampleIsACommandThatCanBeGiven(List<String> command) {
    String help = help(command, "--help").out();
    assertThat(help).contains("\nExamples:\n");
    List<String> examples =
        help.substring(help.indexOf("\nExamples:\n"))
            .lines()
            .filter(line -> line.startsWith("  swiftdeploy"))
            .toList();
    assertThat(examples).isNotEmpty();
    for (String example : examples) {
      line().parseArgs(words(example));
      assertThat(example)
          .startsWith(
              "  "
                  + String.join(
                      " ", Stream.concat(Stream.of("swiftdeploy"), command.stream()).toList()));
    }
  }

  /** The example's words, without the program, a pipe, and what explains it behind blanks. */
  private static String[] words(String example) {
    String command = example.strip().split(" {2,}| \\| ", 2)[0];
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(command.substring("swiftdeploy".length()));
    while (matcher.find()) {
      words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    }
    return words.toArray(String[]::new);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyOptionIsDescribed(List<String> command) {
    CommandLine line = line();
    for (String word : command) {
      line = line.getSubcommands().get(word);
    }
    for (OptionSpec option : line.getCommandSpec().options()) {
      assertThat(option.hidden() || String.join("", option.description()).length() > 5)
          .as(option.longestName())
          .isTrue();
    }
  }

  @Test
  void theExitCodesAreInTheHelp() {
    assertThat(Ran.of("--help").out())
        .contains(
            "Exit codes: 0 done, 1 failed, 2 usage, 3 blocked by policy, 4 policy",
            "unavailable, 5 locked.");
    assertThat(
            List.of(
                Exit.DONE, Exit.FAILED, Exit.USAGE, Exit.BLOCKED, Exit.UNAVAILABLE, Exit.LOCKED))
        .containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void helpOfACommandByName() {
    assertThat(Ran.of("help", "validate").out()).isEqualTo(Ran.of("validate", "--help").out());
  }

  @Test
  void colourOnlyOnATerminal() {
    assertThat(Ran.of("--help").out()).doesNotContain("\u001b[");
    assertThat(Ran.colourful("--help").out()).contains("\u001b[");
  }
}
