package dev.swiftdeploy.core.audit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/** Ed25519 (RFC 8032) as checkpoints use it: keys and signatures are lower-case hex. */
public final class Signatures {
  /** What stands before the 32 bytes of a key in X.509's SubjectPublicKeyInfo (RFC 8410). */
  private static final String PREFIX = "302a300506032b6570032100";

  private Signatures() {}

  /** The 32 bytes of a public key. */
  public static String hex(PublicKey key) {
    return HexFormat.of().formatHex(key.getEncoded()).substring(PREFIX.length());
  }

  /** Whether that key's owner has signed these bytes. */
  static boolean valid(String key, byte[] covered, String signature) {
    try {
      Signature ed25519 = Signature.getInstance("Ed25519");
      ed25519.initVerify(
          KeyFactory.getInstance("Ed25519")
              .generatePublic(new X509EncodedKeySpec(HexFormat.of().parseHex(PREFIX + key))));
      ed25519.update(covered);
      return ed25519.verify(HexFormat.of().parseHex(signature));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }

  /** Signs a checkpoint's line. */
  @FunctionalInterface
  public interface Signer {
    /**
     * Signs.
     *
     * @return 64 bytes in hex
     */
    String sign(byte[] covered);

    default String sign(String covered) {
      return sign(covered.getBytes(StandardCharsets.UTF_8));
    }
  }
}
