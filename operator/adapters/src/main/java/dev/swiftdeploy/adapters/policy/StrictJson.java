package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * JSON as policy takes it: UTF-8, one value and nothing after it, no key twice, nested at most
 * {@value #DEEPEST} deep; numbers keep every digit that was written.
 */
final class StrictJson {
  static final int DEEPEST = 200;

  static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
          .build();

  private StrictJson() {}

  /** Throws with a message that names line and column. */
  static JsonNode read(byte[] utf8) throws JsonProcessingException {
    return read(decode(utf8));
  }

  static JsonNode read(String text) throws JsonProcessingException {
    JsonNode node = MAPPER.readTree(text);
    if (node == null || node.isMissingNode()) {
      throw new NotJson("it is empty");
    }
    return node;
  }

  /**
   * The same for the same value, however it was formatted: keys sorted, no white space; a number as
   * it was written (1.0 is not 1: policy can tell them apart when it prints them).
   */
  static byte[] canonical(JsonNode node) throws JsonProcessingException {
    return MAPPER.writeValueAsBytes(node);
  }

  /**
   * A tree that other code built, as bytes that are JSON for certain: whatever a node wrote is read
   * back once. Half of a surrogate pair is no text: one engine would refuse it, another replace it.
   */
  static byte[] validated(JsonNode node) throws JsonProcessingException {
    byte[] bytes = MAPPER.writeValueAsBytes(node);
    requireText(read(bytes), StandardCharsets.UTF_8.newEncoder());
    return bytes;
  }

  private static void requireText(JsonNode node, CharsetEncoder utf8) throws NotJson {
    if (node.isTextual() && !utf8.canEncode(node.textValue())) {
      throw new NotJson("it holds half of a surrogate pair");
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!utf8.canEncode(field.getKey())) {
        throw new NotJson("a name holds half of a surrogate pair");
      }
    }
    for (JsonNode child : node) {
      requireText(child, utf8);
    }
  }

  /** One line, without Jackson's excerpt of the source. */
  static String why(JsonProcessingException e) {
    String place =
        e.getLocation() == null || e.getLocation().getLineNr() < 1
            ? ""
            : " (line "
                + e.getLocation().getLineNr()
                + ", column "
                + e.getLocation().getColumnNr()
                + ")";
    return e.getOriginalMessage() + place;
  }

  private static String decode(byte[] utf8) throws NotJson {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(utf8))
          .toString();
    } catch (CharacterCodingException e) {
      throw new NotJson("it is not UTF-8");
    }
  }

  private static final class NotJson extends JsonProcessingException {
    private static final long serialVersionUID = 1L;

    NotJson(String why) {
      super(why);
    }
  }
}
