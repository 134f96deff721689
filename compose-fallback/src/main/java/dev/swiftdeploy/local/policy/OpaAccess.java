package dev.swiftdeploy.local.policy;

import dev.swiftdeploy.adapters.policy.OpaBundle;
import dev.swiftdeploy.core.release.Digests;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Who may ask an OPA of our own, and what: a token's holder, for health and decisions only. */
public final class OpaAccess {
  private static final int TOKEN_BYTES = 32;

  /** {@code %s}: SHA-256 hex of the only token that is let in. */
  private static final String AUTHORIZATION =
      """
      package system.authz

      default allow := false

      known if crypto.sha256(input.identity) == "%s"

      allow if {
      	known
      	input.method == "GET"
      	input.path == ["health"]
      }

      allow if {
      	known
      	input.method == "POST"
      	input.path == ["v1", "data", "swiftdeploy", "admission", "decision"]
      }
      """;

  private OpaAccess() {}

  /** A token that nobody guesses. */
  public static String newToken() {
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /** The bundle, with the rule that lets only this token in. */
  public static OpaBundle guarded(OpaBundle bundle, String token) {
    return bundle.with("system/authz/authz.rego", AUTHORIZATION.formatted(Digests.sha256(token)));
  }
}
