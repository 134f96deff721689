package dev.swiftdeploy.core.plan;

import dev.swiftdeploy.core.release.ReleaseId;

/**
 * Why a release is the target of no deploy or canary until its id changes or a request names it.
 *
 * @param reason CamelCase, for machines
 * @param message one sentence, for people
 */
public record Refusal(ReleaseId release, String reason, String message) {}
