package dev.swiftdeploy.kubernetes.client;

import dev.swiftdeploy.core.status.Status;
import java.util.List;

/**
 * How the resources of a namespace stand.
 *
 * @param problems of resources that can't be read, one sentence each
 */
public record Statuses(List<Status> resources, List<String> problems) {
  public Statuses {
    resources = List.copyOf(resources);
    problems = List.copyOf(problems);
  }
}
