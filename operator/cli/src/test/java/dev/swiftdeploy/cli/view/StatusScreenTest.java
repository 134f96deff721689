package dev.swiftdeploy.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.jline.utils.AttributedString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusScreenTest {

  private static List<AttributedString> fitted(StatusScreen.Seen seen, int width, int height) {
    return StatusScreen.fitted(seen, Statuses.NOW, Statuses.ZONE, width, height);
  }

  private static String plain(List<AttributedString> lines) {
    return Frame.plain(lines, false);
  }

  @ParameterizedTest
  @CsvSource({
    "blocked, 80, 24",
    "blocked, 200, 50",
    "insufficient, 80, 24",
    "insufficient, 200, 50",
    "refused, 80, 24",
    "refused, 200, 50",
  })
  void itLooksAsItDid(String name, int width, int height) {
    Statuses.golden(
        name + "-" + width + "x" + height + ".txt",
        plain(fitted(Statuses.seen(name), width, height)));
  }

  @Test
  void coloursAreThoseThatWereRead() {
    String frame = Frame.over(fitted(Statuses.seen("blocked"), 80, 24), 80, true);

    Statuses.golden(
        "blocked-80x24.ansi", frame.replace("\u001b", "␛").replace("\r\n", "\n") + "\n");
  }

  @Test
  void wholeIsNeitherCutNorWrapped() {
    String text = plain(StatusScreen.whole(Statuses.seen("blocked"), Statuses.NOW, Statuses.ZONE));

    Statuses.golden("blocked-whole.txt", text);
    assertThat(text).doesNotContain("…").contains("d-3780bd20e6f9");
  }

  @Test
  void tooFewRequestsAreToldAsPolicyToldThem() {
    assertThat(plain(fitted(Statuses.seen("insufficient"), 80, 24)))
        .contains("8 of 20 requests")
        .contains("held for 25 s more");
  }

  @Test
  void noLineIsWiderAndNoneIsLowerThanTheTerminal() {
    for (StatusScreen.Seen seen :
        List.of(
            Statuses.seen("blocked"),
            Statuses.seen("blocked", "insufficient", "refused"),
            Statuses.hostile())) {
      for (int width = 1; width <= 210; width += width < 30 ? 1 : 9) {
        for (int height : new int[] {1, 2, 3, 5, 10, 24, 25, 50, 100}) {
          List<AttributedString> lines = fitted(seen, width, height);
          assertThat(lines).hasSizeLessThanOrEqualTo(height);
          for (AttributedString line : lines) {
            assertThat(line.columnLength())
                .as("%dx%d: %s", width, height, line)
                .isLessThanOrEqualTo(width);
          }
        }
      }
    }
  }

  @Test
  void whatIsFromOutsideSteersNoTerminal() {
    for (int width : new int[] {20, 80, 200}) {
      String text =
          fitted(Statuses.hostile(), width, 50).stream()
              .map(AttributedString::toString)
              .collect(Collectors.joining("\n"));
      assertThat(text.codePoints().filter(c -> c != '\n'))
          .noneMatch(Character::isISOControl)
          .noneMatch(c -> Character.getType(c) == Character.FORMAT);
    }
    assertThat(plain(StatusScreen.whole(Statuses.hostile(), Statuses.NOW, Statuses.ZONE)))
        .contains("日本語の長い説明文");
  }

  @Test
  void onALowTerminalTheMostUrgentIsSeen() {
    String text = plain(fitted(Statuses.seen("blocked"), 80, 6));

    assertThat(text).contains("AdvanceBlocked", "Latency too high", "more lines");
  }

  @Test
  void oneResourceAfterTheOther() {
    String text = plain(fitted(Statuses.seen("blocked", "refused"), 120, 100));

    assertThat(text.lines().filter(l -> l.startsWith("demo  "))).hasSize(2);
  }
}
