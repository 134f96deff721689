package dev.swiftdeploy.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jline.utils.AttributedString;
import org.junit.jupiter.api.Test;

/** A frame on a screen that knows what a terminal does with it. */
class FrameTest {
  private static final Pattern TOKEN =
      Pattern.compile("\u001b\\[([0-9;?]*)([A-Za-z])|\r\n|[^\u001b\r\n]", Pattern.DOTALL);

  /** As much of a terminal as frames need; width 1 characters only. */
  private static final class Screen {
    private final char[][] cells;
    private int row;
    private int column;

    Screen(int width, int height) {
      cells = new char[height][width];
      for (char[] line : cells) {
        Arrays.fill(line, '#');
      }
    }

    Screen take(String text) {
      Matcher token = TOKEN.matcher(text);
      while (token.find()) {
        take(token);
      }
      return this;
    }

    private void take(Matcher token) {
      if (token.group().equals("\r\n")) {
        row++;
        column = 0;
      } else if (token.group(2) == null) {
        cells[row][Math.min(column, cells[row].length - 1)] = token.group().charAt(0);
        column++;
      } else if (token.group(2).equals("H")) {
        row = 0;
        column = 0;
      } else if (token.group(2).equals("K")) {
        erase(row, Math.min(column, cells[row].length - 1));
      } else if (token.group(2).equals("J")) {
        if (column < cells[row].length) {
          erase(row, column);
        }
        for (int below = row + 1; below < cells.length; below++) {
          erase(below, 0);
        }
      }
    }

    private void erase(int line, int from) {
      Arrays.fill(cells[line], from, cells[line].length, ' ');
    }

    List<String> lines() {
      return Arrays.stream(cells).map(c -> new String(c).stripTrailing()).toList();
    }
  }

  private static List<AttributedString> lines(String... lines) {
    return Arrays.stream(lines).map(l -> Text.of(Text.RED, l)).toList();
  }

  @Test
  void itLeavesItsLinesAndNothingElse() {
    assertThat(new Screen(6, 4).take(Frame.over(lines("abc", "", "abcdef"), 6, true)).lines())
        .containsExactly("abc", "", "abcdef", "");
  }

  @Test
  void aSmallerOneLeavesNothingOfTheOneBefore() {
    Screen screen = new Screen(6, 4).take(Frame.over(lines("abcdef", "abcdef", "abc"), 6, false));

    assertThat(screen.take(Frame.over(lines("xy", "abcdef"), 6, false)).lines())
        .containsExactly("xy", "abcdef", "", "");
  }

  @Test
  void withoutColourThereIsNone() {
    String frame = Frame.over(lines("abc"), 80, false);

    assertThat(frame).isEqualTo("\u001b[Habc\u001b[K\u001b[J");
  }

  @Test
  void itNeverErasesTheScreenFirst() {
    assertThat(Frame.over(lines("abc"), 80, true)).startsWith("\u001b[H").doesNotContain("[2J");
  }

  @Test
  void plainLinesHaveNoBlanksAtTheirEnds() {
    assertThat(Frame.plain(lines("abc  ", ""), false)).isEqualTo("abc\n\n");
  }
}
