package dev.swiftdeploy.core.report;

import java.util.List;
import java.util.function.Consumer;

/**
 * GitHub-flavoured Markdown in which text from outside is only ever text: every character that
 * could begin markup, a mention, a reference or a new cell is written as a numeric character
 * reference (CommonMark 0.31, section 2.5).
 */
final class Markdown {
  private static final String MARKUP = "\\`*_{}[]<>#!|&~$@";

  private static final int MOST = 500;

  private final StringBuilder out = new StringBuilder();

  Markdown heading(int level, String text) {
    out.append("#".repeat(level)).append(' ').append(text).append("\n\n");
    return this;
  }

  Markdown paragraph(String text) {
    out.append(text).append("\n\n");
    return this;
  }

  Markdown table(List<String> head, List<List<String>> rows) {
    row(head);
    row(head.stream().map(h -> "---").toList());
    rows.forEach(this::row);
    out.append('\n');
    return this;
  }

  private void row(List<String> cells) {
    out.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  /** A section that opens on a click, as GitHub renders it. */
  Markdown folded(String summary, Consumer<Markdown> section) {
    out.append("<details>\n<summary>").append(summary).append("</summary>\n\n");
    section.accept(this);
    out.append("</details>\n\n");
    return this;
  }

  Markdown fenced(String language, String text) {
    out.append("```").append(language).append('\n').append(text).append("```\n\n");
    return this;
  }

  /** Text from outside, on one line. */
  static String text(String outside) {
    StringBuilder safe = new StringBuilder();
    int[] given = outside.codePoints().limit(MOST).toArray();
    boolean cut = outside.codePointCount(0, outside.length()) > MOST;
    for (int i = 0; i < given.length; i++) {
      int c = given[i];
      boolean glued = i + 1 < given.length && !Character.isWhitespace(given[i + 1]);
      boolean link = glued && (c == ':' || (c == '.' && after(given, i, "www")));
      if (Character.isISOControl(c) || c == 0x2028 || c == 0x2029) {
        safe.append(' ');
      } else if (Character.getType(c) == Character.FORMAT
          || Character.getType(c) == Character.SURROGATE) {
        safe.append('?'); // bidirectional overrides and the like
      } else if (MARKUP.indexOf(c) >= 0 || link) { // links, emoji
        safe.append("&#").append(c).append(';');
      } else {
        safe.appendCodePoint(c);
      }
    }
    return cut ? safe.append('…').toString() : safe.toString();
  }

  private static boolean after(int[] text, int at, String word) {
    return at >= word.length()
        && new String(text, at - word.length(), word.length()).equalsIgnoreCase(word);
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
