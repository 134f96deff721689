package dev.swiftdeploy.core.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.audit.AuditLog.Damage.Kind;
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
 * ,"hash"}; {@code prev} is the hash of the line before, so each hash is over all history. A
 * checkpoint has {@code "signature":"…"} between the two, over the bytes before {@code
 * ,"signature"}, by the Ed25519 key that it names. {@code docs/audit-chain.md} tells it in full.
 */
public final class Chain {
  /** The {@code prev} of the first record. */
  public static final String GENESIS = "0".repeat(64);

  private static final Pattern TAIL = Pattern.compile(",\"hash\":\"([0-9a-f]{64})\"}\\z");
  private static final Pattern SIGNATURE = Pattern.compile(",\"signature\":\"([0-9a-f]{128})\"\\z");
  private static final Pattern HEAD = Pattern.compile("([0-9]{1,18}):([0-9a-f]{64})");

  private Chain() {}

  /** Where a chain ends: what the next record continues. */
  public record Head(long seq, String hash) {
    public static final Head START = new Head(0, GENESIS);

    /** Of a record. */
    public static Head of(AuditRecord record) {
      return new Head(record.seq(), record.hash());
    }

    /** Reads {@code 84:d59194…}, as {@link #text} writes it. */
    public static Optional<Head> parse(String text) {
      Matcher matcher = HEAD.matcher(text);
      return matcher.matches()
          ? Optional.of(new Head(Long.parseLong(matcher.group(1)), matcher.group(2)))
          : Optional.empty();
    }

    /** {@code 84:d59194…}: what to keep elsewhere, for {@code audit verify --head}. */
    public String text() {
      return seq + ":" + hash;
    }
  }

  /** What reading a line comes to. */
  public sealed interface Read {
    record Good(AuditRecord record) implements Read {}

    /** Not the line that belongs here, and why; {@link Damages} tells more of it. */
    record Bad(Kind kind, String why) implements Read {}
  }

  /**
   * What a line says of itself; its hash is that of its bytes.
   *
   * @param seq −1 where it says none
   */
  record Place(JsonNode node, long seq, String prev, String hash) {
    boolean follows(Head head) {
      return seq == head.seq() + 1 && prev.equals(head.hash());
    }
  }

  /** Makes the record that follows {@code head}; a checkpoint is made by {@link #checkpoint}. */
  public static AuditRecord seal(
      Head head, Instant now, Optional<ResourceName> resource, Entry entry) {
    Instant ts = now.truncatedTo(ChronoUnit.MILLIS);
    return sealed(head, ts, resource, entry, covered(head, ts, resource, entry));
  }

  /** Makes the signed checkpoint that follows {@code head}. */
  public static AuditRecord checkpoint(
      Head head, Instant now, Entry.Checkpoint entry, Signatures.Signer signer) {
    Instant ts = now.truncatedTo(ChronoUnit.MILLIS);
    String covered = covered(head, ts, Optional.empty(), entry);
    String signed = covered + ",\"signature\":\"" + signer.sign(covered) + "\"";
    return sealed(head, ts, Optional.empty(), entry, signed);
  }

  private static String covered(
      Head head, Instant ts, Optional<ResourceName> resource, Entry entry) {
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
    return json.substring(0, json.length() - 1);
  }

  private static AuditRecord sealed(
      Head head, Instant ts, Optional<ResourceName> resource, Entry entry, String covered) {
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
      return new Read.Bad(Kind.EDITED, "it does not end with a hash");
    }
    try {
      Optional<Place> there = place(bytes, tail);
      if (there.isEmpty()) {
        return new Read.Bad(Kind.EDITED, "it was changed: its hash is not that of its bytes");
      }
      Place place = there.get();
      if (place.seq() != head.seq() + 1) {
        return new Read.Bad(
            Kind.MISSING,
            "record " + (head.seq() + 1) + " is expected here, this is " + place.seq());
      }
      if (!place.prev().equals(head.hash())) {
        return new Read.Bad(
            Kind.ANOTHER_HISTORY, "it follows another history: its prev is not the hash before it");
      }
      return record(place, bytes, ascii.substring(0, tail.start()));
    } catch (JsonProcessingException | DateTimeException | IllegalArgumentException e) {
      return unknown(firstLine(e));
    }
  }

  /**
   * Reads a line with which a file begins. One that is a checkpoint, whole and signed, carries what
   * was before it; any other has to be the chain's first.
   */
  public static Read readFirst(byte[] bytes) {
    return read(before(bytes).orElse(Head.START), bytes);
  }

  /** What a checkpoint's line continues; empty where it isn't one. */
  public static Optional<Head> before(byte[] bytes) {
    return place(bytes)
        .filter(place -> place.node().path("type").asText().equals("checkpoint"))
        .filter(place -> place.seq() > 0)
        .map(place -> new Head(place.seq() - 1, place.prev()));
  }

  /** What a line says that it continues; empty where its hash isn't that of its bytes. */
  public static Optional<Head> claim(byte[] bytes) {
    return place(bytes)
        .filter(place -> place.seq() > 0)
        .map(place -> new Head(place.seq() - 1, place.prev()));
  }

  private static Read record(Place place, byte[] bytes, String covered)
      throws JsonProcessingException {
    JsonNode node = place.node();
    Optional<ResourceName> resource =
        node.has("resource")
            ? Optional.of(ResourceName.of(node.get("resource").asText()))
            : Optional.empty();
    Instant ts = Instant.parse(node.path("ts").asText());
    Entry entry = Json.MAPPER.treeToValue(node, Entry.class);
    if (entry instanceof Entry.Checkpoint checkpoint && !signed(checkpoint, covered)) {
      return new Read.Bad(Kind.EDITED, "the checkpoint's signature is not that of its bytes");
    }
    return new Read.Good(
        new AuditRecord(
            place.seq(),
            ts,
            resource,
            entry,
            place.prev(),
            place.hash(),
            new String(bytes, StandardCharsets.UTF_8)));
  }

  /** {@code covered} holds a byte in each char. */
  private static boolean signed(Entry.Checkpoint checkpoint, String covered) {
    Matcher signature = SIGNATURE.matcher(covered);
    return signature.find()
        && Signatures.valid(
            checkpoint.key(),
            covered.substring(0, signature.start()).getBytes(StandardCharsets.ISO_8859_1),
            signature.group(1));
  }

  /** What a line says of itself; empty where its hash isn't that of its bytes. */
  static Optional<Place> place(byte[] bytes) {
    Matcher tail = TAIL.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
    try {
      return tail.find() ? place(bytes, tail) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static Optional<Place> place(byte[] bytes, Matcher tail) throws JsonProcessingException {
    String hash = tail.group(1);
    if (!hash.equals(Digests.sha256(Arrays.copyOf(bytes, tail.start())))) {
      return Optional.empty();
    }
    JsonNode node = Json.MAPPER.readTree(new String(bytes, StandardCharsets.UTF_8));
    return Optional.of(
        new Place(node, node.path("seq").asLong(-1), node.path("prev").asText(), hash));
  }

  private static Read unknown(String why) {
    return new Read.Bad(Kind.UNKNOWN, "it is not a record that this version knows: " + why);
  }

  private static String firstLine(Exception e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
