package dev.swiftdeploy.kubernetes.api;

import io.fabric8.kubernetes.client.KubernetesClientException;

/** What the API server's code 409 means of a creation: one of two things. */
public final class Conflicts {
  private static final String ALREADY_EXISTS = "AlreadyExists";

  private Conflicts() {}

  /**
   * Whether there is an object of that name. It is not so where the creation lost against others
   * that a quota counts at the same time, which has the code of a conflict, too: then nothing is
   * there.
   */
  public static boolean alreadyExists(KubernetesClientException e) {
    return e.getStatus() != null && ALREADY_EXISTS.equals(e.getStatus().getReason());
  }
}
