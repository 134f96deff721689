package dev.swiftdeploy.adapters.policy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How an OPA server is reached.
 *
 * @param url http or https, without query; a path in it comes before {@code /v1/data}
 * @param tokenFile holds the bearer token, read for each question, so that it may be changed;
 *     empty: none is sent
 * @param caFile PEM certificates of those whose signature under the server's is believed; empty:
 *     the JVM's own
 * @param deadline for one question, with all tries of it
 */
public record OpaConnection(
    String url, Optional<Path> tokenFile, Optional<Path> caFile, Duration deadline) {
  /** For one question. */
  public static final Duration DEADLINE = Duration.ofSeconds(2);

  /** With neither token nor certificates of its own, and the usual deadline. */
  public static OpaConnection to(String url) {
    return new OpaConnection(url, Optional.empty(), Optional.empty(), DEADLINE);
  }

  public OpaConnection withTokenFile(Path value) {
    return new OpaConnection(url, Optional.of(value), caFile, deadline);
  }

  public OpaConnection withCaFile(Path value) {
    return new OpaConnection(url, tokenFile, Optional.of(value), deadline);
  }

  public OpaConnection withDeadline(Duration value) {
    return new OpaConnection(url, tokenFile, caFile, value);
  }
}
