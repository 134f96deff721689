package dev.swiftdeploy.core.audit;

import java.util.Optional;

/**
 * Which policy answered.
 *
 * @param engine {@code embedded} or {@code opa}
 * @param digest SHA-256 hex over compiled policy and data; its archive is named so
 * @param verified false for a foreign OPA whose policies can't be known
 */
public record PolicyRef(String engine, Optional<String> digest, boolean verified) {}
