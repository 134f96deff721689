package dev.swiftdeploy.core.spec;

import java.util.Locale;

/**
 * A value that a typed field cannot hold. The message says what was given and what is accepted; the
 * reader of the manifest adds the place.
 */
public final class InvalidValue extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;
  private static final int MOST_SHOWN = 60;

  public InvalidValue(String message) {
    super(message);
  }

  /**
   * Shortens and quotes what was given, so that a hostile value cannot flood or forge a message.
   * All but printable ASCII is shown as its code point: a look-alike letter, a zero-width space or
   * a change of direction is often the very reason why a value was refused.
   */
  public static String quote(String given) {
    StringBuilder out = new StringBuilder("\"");
    given.codePoints().limit(MOST_SHOWN).forEach(c -> appendVisible(out, c));
    boolean cut = given.codePointCount(0, given.length()) > MOST_SHOWN;
    return out.append(cut ? "…\"" : "\"").toString();
  }

  private static void appendVisible(StringBuilder out, int c) {
    if (c == '"' || c == '\\') {
      out.append('\\').append((char) c);
    } else if (c < 0x20 || c > 0x7e) {
      out.append(String.format(Locale.ROOT, c > 0xffff ? "\\U%08x" : "\\u%04x", c));
    } else {
      out.append((char) c);
    }
  }
}
