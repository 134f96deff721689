package dev.swiftdeploy.core.loop;

import java.time.Instant;

/**
 * Something worth telling. Hosts print it, or make it a Kubernetes Event.
 *
 * @param reason CamelCase and specific: {@code DeployAdmitted}, {@code DeployBlocked}
 * @param message for people
 */
public record Event(Instant at, Level level, String reason, String message) {

  /** By the types of Kubernetes Events, with one more for what only a log needs. */
  public enum Level {
    DETAIL,
    NORMAL,
    WARNING
  }
}
