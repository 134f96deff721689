package dev.swiftdeploy.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.release.Digests;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A checkpoint counts by its signature: all that was before it is believed for it. */
class CheckpointTest {
  private static final Chain.Head BEFORE = new Chain.Head(41, "7".repeat(64));
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

  private static final Entry STARTED =
      new Entry.Started(7, "0.1.0", new Actor("kim", "command", false));

  private final KeyPair mine = keys();
  private final KeyPair others = keys();
  private final String line = checkpoint(mine, mine).line();

  private static KeyPair keys() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static AuditRecord checkpoint(KeyPair named, KeyPair signs) {
    return Chain.checkpoint(
        BEFORE,
        NOW,
        new Entry.Checkpoint(Entry.Checkpoint.FORMAT, Signatures.hex(named.getPublic()), Map.of()),
        covered -> {
          try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initSign(signs.getPrivate());
            ed25519.update(covered);
            return HexFormat.of().formatHex(ed25519.sign());
          } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** Changed by somebody who can compute hashes, and does. */
  private static byte[] hashedAnew(String line, UnaryOperator<String> change) {
    String covered = change.apply(line.substring(0, line.lastIndexOf(",\"hash\"")));
    return (covered + ",\"hash\":\"" + Digests.sha256(covered) + "\"}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void refused(byte[] bytes) {
    assertThat(Chain.readFirst(bytes))
        .isEqualTo(
            new Chain.Read.Bad(
                AuditLog.Damage.Kind.EDITED,
                "the checkpoint's signature is not that of its bytes"));
  }

  @Test
  void aFileMayBeginWithOne() {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    assertThat(Chain.before(bytes)).isEqualTo(Optional.of(BEFORE));
    assertThat(Chain.readFirst(bytes)).isInstanceOf(Chain.Read.Good.class);
    assertThat(hashedAnew(line, same -> same)).isEqualTo(bytes);
  }

  @Test
  void whatItCarriesIsNotChangedBehindItsSignature() {
    refused(hashedAnew(line, s -> s.replace("\"folds\":{}", "\"folds\":{ }")));
    refused(hashedAnew(line, s -> s.replace("05.678Z", "05.679Z")));
  }

  @Test
  void anotherKeyDoesNotSignForIt() {
    refused(checkpoint(mine, others).line().getBytes(StandardCharsets.UTF_8));
    refused(
        hashedAnew(
            line,
            s -> s.replace(Signatures.hex(mine.getPublic()), Signatures.hex(others.getPublic()))));
  }

  @Test
  void withoutASignatureOrWithNoneThatCanBeReadItIsNotBelieved() {
    refused(hashedAnew(line, s -> s.replaceFirst(",\"signature\":\"[0-9a-f]+\"", "")));
    refused(
        hashedAnew(
            line, s -> s.replaceFirst("(\"signature\":\")[0-9a-f]+", "$1" + "0".repeat(128))));
    refused(hashedAnew(line, s -> s.replaceFirst("(\"signature\":\")[0-9a-f]{2}", "$1")));
    refused(hashedAnew(line, s -> s.replace(Signatures.hex(mine.getPublic()), "no key")));
  }

  @Test
  void onlyACheckpointCarriesWhatWasBefore() {
    AuditRecord first = Chain.seal(Chain.Head.START, NOW, Optional.empty(), STARTED);
    AuditRecord later = Chain.seal(BEFORE, NOW, Optional.empty(), STARTED);
    byte[] bytes = later.line().getBytes(StandardCharsets.UTF_8);

    assertThat(Chain.before(bytes)).isEmpty();
    assertThat(Chain.claim(bytes)).isEqualTo(Optional.of(BEFORE));
    assertThat(Chain.readFirst(bytes)).isInstanceOf(Chain.Read.Bad.class);
    assertThat(Chain.claim(first.line().getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(Optional.of(Chain.Head.START));
  }
}
