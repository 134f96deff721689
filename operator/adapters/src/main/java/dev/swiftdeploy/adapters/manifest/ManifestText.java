package dev.swiftdeploy.adapters.manifest;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * A file's bytes as text: UTF-8, without its byte order mark, nothing that YAML forbids.
 *
 * @param bom the length of the byte order mark, in bytes
 */
record ManifestText(String text, int bom) {
  /** The largest file that is read, in bytes. */
  static final int MOST_BYTES = 1 << 20;

  private static final char BOM = '\uFEFF';

  /** Decodes; tells {@code problems} why, where that can't be done. */
  static Optional<ManifestText> of(byte[] content, Problems problems) {
    if (content.length > MOST_BYTES) {
      problems.error(Spot.START, "", tooLarge(content.length), "a manifest has at most 1 MiB");
      return Optional.empty();
    }
    if (isUtf16(content)) {
      problems.error(Spot.START, "", "the file is UTF-16", "save it as UTF-8");
      return Optional.empty();
    }
    Optional<String> decoded = decode(content, problems);
    return decoded.flatMap(text -> checked(text, problems));
  }

  static String tooLarge(long bytes) {
    return "the file has " + bytes + " bytes";
  }

  private static Optional<ManifestText> checked(String decoded, Problems problems) {
    boolean marked = !decoded.isEmpty() && decoded.charAt(0) == BOM;
    String text = marked ? decoded.substring(1) : decoded;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (!StreamReader.isPrintable(c)) {
        problems.error(
            spotAt(text, i),
            "",
            String.format("the character U+%04X can't stand in YAML", c),
            "remove it; in a quoted string it can be written \\u" + String.format("%04x", c));
        return Optional.empty();
      }
    }
    return Optional.of(new ManifestText(text, marked ? 3 : 0));
  }

  private static boolean isUtf16(byte[] content) {
    return content.length >= 2
        && ((content[0] == (byte) 0xFE && content[1] == (byte) 0xFF)
            || (content[0] == (byte) 0xFF && content[1] == (byte) 0xFE)
            || (content[0] == 0) != (content[1] == 0)); // a Latin letter, without a mark
  }

  private static Optional<String> decode(byte[] content, Problems problems) {
    ByteBuffer in = ByteBuffer.wrap(content);
    CharBuffer out = CharBuffer.allocate(content.length);
    CoderResult result =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(in, out, true);
    out.flip();
    try {
      if (result.isError()) {
        result.throwException();
      }
      return Optional.of(out.toString());
    } catch (CharacterCodingException e) {
      problems.error(
          spotAt(out.toString(), out.length()), "", "the file is not UTF-8", "save it as UTF-8");
      return Optional.empty();
    }
  }

  /** The place of a character, counting lines as snakeyaml does. */
  private static Spot spotAt(String text, int end) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < end; i += Character.charCount(text.codePointAt(i))) {
      char c = text.charAt(i);
      boolean lineBreak =
          c == '\n' || c == '\u0085' || c == '\u2028' || c == '\u2029' || isLoneReturn(text, i);
      if (lineBreak) {
        line++;
        column = 1;
      } else if (c != BOM && c != '\r') {
        column++;
      }
    }
    return new Spot(line, column);
  }

  private static boolean isLoneReturn(String text, int i) {
    return text.charAt(i) == '\r' && (i + 1 == text.length() || text.charAt(i + 1) != '\n');
  }

  /** Where a character of the text starts in the file, in bytes. */
  int byteOffset(int codePoints) {
    int chars = text.offsetByCodePoints(0, codePoints);
    return bom + text.substring(0, chars).getBytes(StandardCharsets.UTF_8).length;
  }
}
