package dev.swiftdeploy.core.admission;

import java.util.Optional;

/**
 * Which policy judges.
 *
 * @param digest SHA-256 hex over the compiled policy and its data; empty when none could be loaded
 * @param verified the policy is known to be this one (false: a foreign OPA)
 * @param problem why a newer policy on disk, or any at all, was not taken
 */
public record PolicyRevision(Optional<String> digest, boolean verified, Optional<String> problem) {}
