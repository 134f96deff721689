package dev.swiftdeploy.cli.view;

import java.util.ArrayList;
import java.util.List;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/** Styled text whose width in columns is known, whatever it was made of. */
final class Text {
  static final AttributedStyle PLAIN = AttributedStyle.DEFAULT;
  static final AttributedStyle BOLD = AttributedStyle.BOLD;
  static final AttributedStyle DIM = AttributedStyle.DEFAULT.faint();
  static final AttributedStyle RED = AttributedStyle.DEFAULT.foreground(AttributedStyle.RED);
  static final AttributedStyle GREEN = AttributedStyle.DEFAULT.foreground(AttributedStyle.GREEN);
  static final AttributedStyle YELLOW = AttributedStyle.DEFAULT.foreground(AttributedStyle.YELLOW);

  private static final int VARIATION_SELECTORS = 0xFE00;
  private static final int LAST_VARIATION_SELECTOR = 0xFE0F;

  private Text() {}

  static AttributedString plain(String text) {
    return of(PLAIN, text);
  }

  static AttributedString of(AttributedStyle style, String text) {
    return new AttributedString(clean(text), style);
  }

  static AttributedString join(AttributedString... parts) {
    AttributedStringBuilder out = new AttributedStringBuilder();
    for (AttributedString part : parts) {
      out.append(part);
    }
    return out.toAttributedString();
  }

  /**
   * Text from outside can neither steer the terminal nor hide or turn itself: controls become
   * blanks, invisible format characters question marks. Variation selectors are left out, so that
   * no character takes more columns than is counted for it.
   */
  static String clean(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .filter(c -> c < VARIATION_SELECTORS || c > LAST_VARIATION_SELECTOR)
        .forEach(c -> out.appendCodePoint(shown(c)));
    return out.toString();
  }

  private static int shown(int c) {
    if (Character.isISOControl(c)) {
      return ' ';
    }
    return switch (Character.getType(c)) {
      case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> ' ';
      case Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED -> '?';
      default -> c;
    };
  }

  /** At most so many columns; what is cut off is marked. */
  static AttributedString clip(AttributedString text, int columns) {
    if (text.columnLength() <= columns) {
      return text;
    }
    return columns <= 0
        ? AttributedString.EMPTY
        : join(text.columnSubSequence(0, columns - 1), plain("…"));
  }

  /** Exactly so many columns. */
  static AttributedString pad(AttributedString text, int columns) {
    AttributedString clipped = clip(text, columns);
    return join(clipped, plain(" ".repeat(Math.max(0, columns - clipped.columnLength()))));
  }

  /**
   * Lines of at most so many columns, broken at blanks where there are any; the last is cut off.
   */
  static List<AttributedString> wrap(AttributedString text, int columns, int most) {
    List<AttributedString> lines = new ArrayList<>();
    AttributedString rest = text;
    while (columns > 0 && lines.size() < most - 1 && rest.columnLength() > columns) {
      AttributedString fits = rest.columnSubSequence(0, columns);
      int blank = fits.toString().lastIndexOf(' ');
      int end = blank > 0 ? blank : Math.max(1, fits.length());
      lines.add(rest.subSequence(0, end));
      rest = rest.subSequence(blank > 0 ? end + 1 : end, rest.length());
    }
    lines.add(clip(rest, columns));
    return lines;
  }
}
