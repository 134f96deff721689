package dev.swiftdeploy.core.spec;

/**
 * A value that a typed field cannot hold. The message says what was given and what is accepted; the
 * reader of the manifest adds the place.
 */
public final class InvalidValue extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public InvalidValue(String message) {
    super(message);
  }

  /**
   * Shortens and quotes what was given, so that a hostile value cannot flood or forge a message.
   */
  static String quote(String given) {
    StringBuilder out = new StringBuilder("\"");
    given.codePoints().limit(60).forEach(c -> appendVisible(out, c));
    return out.append(given.codePointCount(0, given.length()) > 60 ? "…\"" : "\"").toString();
  }

  private static void appendVisible(StringBuilder out, int c) {
    if (c == '"' || c == '\\') {
      out.append('\\').appendCodePoint(c);
    } else if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
      out.append(String.format(java.util.Locale.ROOT, "\\u%04x", c));
    } else {
      out.appendCodePoint(c);
    }
  }
}
