package dev.swiftdeploy.cli;

import java.io.PrintWriter;
import java.util.Map;

/**
 * Where commands write: data to {@code out}, talk to {@code err}. Colour only on a terminal, and
 * not with {@code NO_COLOR} (no-color.org) or {@code TERM=dumb}.
 */
final class Terminal {
  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean colour;

  Terminal(PrintWriter out, PrintWriter err, boolean colour) {
    this.out = out;
    this.err = err;
    this.colour = colour;
  }

  /**
   * Whether to colour.
   *
   * @param terminal whether stdout and stderr are terminals, as the launcher says: the JDK can't be
   *     asked of both
   */
  static boolean colourWanted(Map<String, String> environment, boolean terminal) {
    return terminal
        && environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !"dumb".equals(environment.get("TERM"));
  }

  PrintWriter out() {
    return out;
  }

  PrintWriter err() {
    return err;
  }

  boolean colour() {
    return colour;
  }

  void data(String text) {
    out.print(text);
    out.flush();
  }

  /** Whether there is a person at a terminal that can show more than lines. */
  static boolean live() {
    return Boolean.getBoolean("swiftdeploy.tty")
        && Boolean.getBoolean("swiftdeploy.keyboard")
        && !"dumb".equals(System.getenv("TERM"));
  }

  /** Whether nobody takes data any more: a pipe whose reader has gone. */
  boolean closed() {
    return out.checkError();
  }

  void talk(String line) {
    err.println(line);
    err.flush();
  }

  /** SGR styles (ECMA-48). */
  enum Style {
    BOLD("1"),
    DIM("2"),
    RED("31"),
    GREEN("32"),
    YELLOW("33");

    private final String code;

    Style(String code) {
      this.code = code;
    }
  }

  String styled(Style style, String text) {
    return colour ? "\u001b[" + style.code + "m" + text + "\u001b[0m" : text;
  }
}
