package dev.swiftdeploy.cli.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jline.utils.AttributedString;

/**
 * A fact with its name in front; without a name it goes on from the row before.
 *
 * @param wraps it takes more lines where it is too long for one; else it is cut off
 */
record Row(String label, AttributedString text, boolean wraps) {
  /** Columns before the text. */
  static final int INDENT = 14;

  /** What is longer is told elsewhere in full: explain, the log. */
  private static final int MOST_LINES = 3;

  static Row of(String label, String text) {
    return new Row(label, Text.plain(text), true);
  }

  static Row of(String label, AttributedString text) {
    return new Row(label, text, true);
  }

  List<AttributedString> lines(int width) {
    List<AttributedString> parts =
        wraps ? Text.wrap(text, width - INDENT, MOST_LINES) : List.of(text);
    List<AttributedString> lines = new ArrayList<>();
    for (AttributedString part : parts) {
      String name = lines.isEmpty() ? label : "";
      lines.add(
          Text.clip(
              Text.join(Text.of(Text.DIM, String.format(Locale.ROOT, "  %-11s ", name)), part),
              width));
    }
    return lines;
  }
}
