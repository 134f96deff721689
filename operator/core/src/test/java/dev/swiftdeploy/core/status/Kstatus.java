package dev.swiftdeploy.core.status;

import java.util.Map;

/**
 * What kstatus makes of a resource of a kind that it does not know (sigs.k8s.io/cli-utils,
 * pkg/kstatus/status: {@code Compute}, {@code checkGenericProperties}, {@code
 * checkReadyCondition}): one that is deleted is Terminating; an older observedGeneration is
 * InProgress; Reconciling and Stalled say so themselves; Ready that is not True is InProgress; all
 * else is Current. Helm 4 waits by it.
 */
public enum Kstatus {
  CURRENT,
  IN_PROGRESS,
  FAILED,
  TERMINATING;

  /**
   * Computes.
   *
   * @param conditions {@code True}, {@code False} or {@code Unknown} by type
   */
  public static Kstatus of(
      long generation, long observedGeneration, boolean deleted, Map<String, String> conditions) {
    if (deleted) {
      return TERMINATING;
    }
    if (observedGeneration != generation || is(conditions, "Reconciling")) {
      return IN_PROGRESS;
    }
    if (is(conditions, "Stalled")) {
      return FAILED;
    }
    return conditions.containsKey("Ready") && !is(conditions, "Ready") ? IN_PROGRESS : CURRENT;
  }

  private static boolean is(Map<String, String> conditions, String type) {
    return "True".equals(conditions.get(type));
  }
}
