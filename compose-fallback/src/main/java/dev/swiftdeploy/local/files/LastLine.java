package dev.swiftdeploy.local.files;

import java.util.List;
import java.util.Optional;

/** What somebody printed last, fit for a message. */
public final class LastLine {
  private static final int LONGEST = 200;

  private LastLine() {}

  /** The last line that says something, made printable, of at most 200 characters. */
  public static Optional<String> of(String text) {
    List<String> lines = text.lines().map(LastLine::clean).filter(l -> !l.isBlank()).toList();
    return lines.isEmpty() ? Optional.empty() : Optional.of(lines.get(lines.size() - 1));
  }

  /** Terminal colours and control characters out, so that a service can't draw on a terminal. */
  private static String clean(String line) {
    String plain =
        line.replaceAll("\u001b\\[[0-9;?]*[ -/]*[@-~]", "")
            .replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ")
            .strip();
    return plain.length() > LONGEST ? plain.substring(0, LONGEST) + "…" : plain;
  }
}
