package dev.swiftdeploy.core.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.release.Digests;
import dev.swiftdeploy.core.spec.ResourceName;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The chain's format. A record is one line of JSON:
 *
 * <pre>
 * {"seq":7,"ts":"2026-01-02T03:04:05.678Z","type":"applied","resource":"demo",…,"prev":"…","hash":"…"}
 * </pre>
 *
 * {@code hash} is last and is the SHA-256, in hex, over the line's own bytes (UTF-8) before {@code
 * ,"hash"}; {@code prev} is the hash of the line before, so each hash is over all history.
 */
public final class Chain {
  /** The {@code prev} of the first record. */
  public static final String GENESIS = "0".repeat(64);

  private static final Pattern TAIL = Pattern.compile(",\"hash\":\"([0-9a-f]{64})\"}\\z");

  private Chain() {}

  /** Where a chain ends: what the next record continues. */
  public record Head(long seq, String hash) {
    public static final Head START = new Head(0, GENESIS);
  }

  /** What reading a line comes to. */
  public sealed interface Read {
    record Good(AuditRecord record) implements Read {}

    /** Not the line that belongs here, and why. */
    record Bad(String why) implements Read {}
  }

  /** Makes the record that follows {@code head}. */
  public static AuditRecord seal(
      Head head, Instant now, Optional<ResourceName> resource, Entry entry) {
    Instant ts = now.truncatedTo(ChronoUnit.MILLIS);
    ObjectNode fields = Json.MAPPER.valueToTree(entry);
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("seq", head.seq() + 1);
    node.put("ts", ts.toString());
    node.set("type", fields.remove("type"));
    resource.ifPresent(name -> node.put("resource", name.value()));
    for (Map.Entry<String, JsonNode> field : fields.properties()) {
      node.set(field.getKey(), field.getValue());
    }
    node.put("prev", head.hash());
    String json = node.toString();
    String covered = json.substring(0, json.length() - 1);
    String hash = Digests.sha256(covered);
    String line = covered + ",\"hash\":\"" + hash + "\"}";
    return new AuditRecord(head.seq() + 1, ts, resource, entry, head.hash(), hash, line);
  }

  /** Reads a line, as text, and checks that it is the one that follows {@code head}. */
  public static Read read(Head head, String line) {
    return read(head, line.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads a line and checks that it is the one that follows {@code head}.
   *
   * @param bytes of the line, without its line end, as they are kept
   */
  public static Read read(Head head, byte[] bytes) {
    String ascii = new String(bytes, StandardCharsets.ISO_8859_1);
    Matcher tail = TAIL.matcher(ascii);
    if (!tail.find()) {
      return new Read.Bad("it does not end with a hash");
    }
    String hash = tail.group(1);
    String actual = Digests.sha256(Arrays.copyOf(bytes, tail.start()));
    if (!hash.equals(actual)) {
      return new Read.Bad("it was changed: its hash is not that of its bytes");
    }
    try {
      String line = new String(bytes, StandardCharsets.UTF_8);
      JsonNode node = Json.MAPPER.readTree(line);
      long seq = node.path("seq").asLong(-1);
      String prev = node.path("prev").asText();
      if (seq != head.seq() + 1) {
        return new Read.Bad("record " + (head.seq() + 1) + " is expected here, this is " + seq);
      }
      if (!prev.equals(head.hash())) {
        return new Read.Bad("it follows another history: its prev is not the hash before it");
      }
      Optional<ResourceName> resource =
          node.has("resource")
              ? Optional.of(ResourceName.of(node.get("resource").asText()))
              : Optional.empty();
      Instant ts = Instant.parse(node.path("ts").asText());
      Entry entry = Json.MAPPER.treeToValue(node, Entry.class);
      return new Read.Good(new AuditRecord(seq, ts, resource, entry, prev, hash, line));
    } catch (JsonProcessingException | DateTimeException | IllegalArgumentException e) {
      return new Read.Bad("it is not a record that this version knows: " + firstLine(e));
    }
  }

  private static String firstLine(Exception e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
