package dev.swiftdeploy.core.status;

/**
 * A status condition by the conventions of Kubernetes (kstatus reads {@code Ready, Reconciling,
 * Stalled}).
 *
 * @param type {@code Ready, Reconciling, Stalled, Admitted}
 * @param reason CamelCase, for machines
 * @param message for people
 */
public record Condition(String type, Status status, String reason, String message) {

  /** By the API conventions of Kubernetes. */
  public enum Status {
    TRUE,
    FALSE,
    UNKNOWN
  }
}
