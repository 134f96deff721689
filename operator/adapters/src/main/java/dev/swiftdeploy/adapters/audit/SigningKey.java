package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.Signatures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Ed25519 key that signs checkpoints: a PEM file, the private key (PKCS #8) and the public one,
 * readable and writable by its owner only.
 */
final class SigningKey implements Signatures.Signer {
  private static final String ALGORITHM = "Ed25519";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final Base64.Encoder LINES =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private final KeyPair pair;

  private SigningKey(KeyPair pair) {
    this.pair = pair;
  }

  /**
   * The key of that file, made if there is none.
   *
   * @throws IOException if it can't be read or made, is no key, or others may read or change it
   */
  static SigningKey of(Path file) throws IOException {
    Optional<SigningKey> there = read(file);
    return there.isPresent() ? there.get() : make(file);
  }

  /** The key of that file; empty if there is no file. */
  static Optional<SigningKey> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    requireOwnersOnly(file);
    String pem = Files.readString(file);
    try {
      KeyFactory keys = KeyFactory.getInstance(ALGORITHM);
      PrivateKey mine = keys.generatePrivate(new PKCS8EncodedKeySpec(part(pem, "PRIVATE KEY")));
      PublicKey known = keys.generatePublic(new X509EncodedKeySpec(part(pem, "PUBLIC KEY")));
      return Optional.of(new SigningKey(new KeyPair(known, mine)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(file + " holds no Ed25519 key: " + e.getMessage(), e);
    }
  }

  private static void requireOwnersOnly(Path file) throws IOException {
    if (!Files.getFileStore(file).supportsFileAttributeView("posix")) {
      return;
    }
    Set<PosixFilePermission> granted = EnumSet.copyOf(Files.getPosixFilePermissions(file));
    granted.removeAll(OWNER_ONLY);
    if (!granted.isEmpty()) {
      throw new IOException(
          file + " is open to others than its owner: chmod 600 it, if nobody else had it");
    }
  }

  private static byte[] part(String pem, String label) {
    Matcher found =
        Pattern.compile("-----BEGIN " + label + "-----\\s([^-]+)-----END " + label + "-----")
            .matcher(pem);
    if (!found.find()) {
      throw new IllegalArgumentException("it has no " + label);
    }
    return Base64.getMimeDecoder().decode(found.group(1));
  }

  private static SigningKey make(Path file) throws IOException {
    KeyPair pair;
    try {
      pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IOException("this JDK makes no Ed25519 keys: " + e.getMessage(), e);
    }
    String pem =
        pem("PRIVATE KEY", pair.getPrivate().getEncoded())
            + pem("PUBLIC KEY", pair.getPublic().getEncoded());
    Path unfinished = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(unfinished);
    if (Files.getFileStore(unfinished.toAbsolutePath().getParent())
        .supportsFileAttributeView("posix")) {
      Files.createFile(unfinished, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }
    Forced.replace(file, unfinished, out -> out.write(pem.getBytes(StandardCharsets.US_ASCII)));
    return new SigningKey(pair);
  }

  private static String pem(String label, byte[] encoded) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + LINES.encodeToString(encoded)
        + "\n-----END "
        + label
        + "-----\n";
  }

  /** The public key, as checkpoints name it. */
  String hex() {
    return Signatures.hex(pair.getPublic());
  }

  @Override
  public String sign(byte[] covered) {
    try {
      Signature ed25519 = Signature.getInstance(ALGORITHM);
      ed25519.initSign(pair.getPrivate());
      ed25519.update(covered);
      return HexFormat.of().formatHex(ed25519.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("an Ed25519 key that was read signs", e);
    }
  }
}
