package dev.swiftdeploy.core.release;

/**
 * A file that a command names below the manifest's folder, as it was when the release was resolved.
 *
 * @param path relative to the manifest's folder, with {@code /}
 * @param sha256 of its bytes, 64 hex digits
 */
public record Artifact(String path, String sha256) {}
