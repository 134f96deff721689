package dev.swiftdeploy.cli.view;

import java.util.List;
import org.jline.utils.AttributedString;

/**
 * How lines get onto a terminal (ECMA-48). A frame is one write: from the home position each line
 * is written over the old one and the rest of it erased, so nothing is blank in between.
 */
public final class Frame {
  private static final String CSI = "\u001b[";

  /** The alternate screen, without cursor: what was on the terminal before comes back after it. */
  public static final String ENTER = CSI + "?1049h" + CSI + "?25l" + CSI + "2J";

  public static final String LEAVE = CSI + "0m" + CSI + "?25h" + CSI + "?1049l";

  private Frame() {}

  /** Over what was there; the lines fit into {@code width}. */
  public static String over(List<AttributedString> lines, int width, boolean colour) {
    StringBuilder out = new StringBuilder(CSI + "H");
    for (int i = 0; i < lines.size(); i++) {
      out.append(i == 0 ? "" : "\r\n").append(text(lines.get(i), colour));
      // In the last column the cursor stays on the character, which would be erased.
      out.append(lines.get(i).columnLength() < width ? CSI + "K" : "");
    }
    return out.append(CSI).append("J").toString();
  }

  /** Line after line. */
  public static String plain(List<AttributedString> lines, boolean colour) {
    StringBuilder out = new StringBuilder();
    lines.forEach(line -> out.append(text(line, colour).stripTrailing()).append('\n'));
    return out.toString();
  }

  private static String text(AttributedString line, boolean colour) {
    return colour ? line.toAnsi() : line.toString();
  }
}
