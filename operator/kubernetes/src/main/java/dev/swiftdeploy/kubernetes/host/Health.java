package dev.swiftdeploy.kubernetes.host;

import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyRevision;
import io.javaoperatorsdk.operator.Operator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the process lives and is ready. Each question's answer is a list of what is wrong; an
 * empty one is good.
 */
final class Health {
  /** The lease is asked for far more often than this. */
  private static final Duration UNREACHABLE = Duration.ofSeconds(30);

  private final Operator operator;
  private final PolicyEngine policy;
  private final Fence fence;
  private final ApiRequests requests;

  Health(Operator operator, PolicyEngine policy, Fence fence, ApiRequests requests) {
    this.operator = operator;
    this.policy = policy;
    this.fence = fence;
    this.requests = requests;
  }

  /** Only what a restart mends: a process that has lost its lease. */
  List<String> dead() {
    return fence.open() ? List.of() : List.of("this process may no longer lead: restart it");
  }

  /** It could lead, or does: it sees the cluster, and a policy is loaded. */
  List<String> notReady() {
    List<String> wrong = new ArrayList<>(dead());
    if (!operator.getRuntimeInfo().isStarted()) {
      wrong.add("the watches have not shown all yet");
    } else if (!operator.getRuntimeInfo().allEventSourcesAreHealthy()) {
      wrong.add("a watch does not run: " + operator.getRuntimeInfo().unhealthyEventSources());
    }
    if (requests.secondsSinceAnswer() > UNREACHABLE.toSeconds()) {
      wrong.add("the API server has not answered for " + requests.secondsSinceAnswer() + " s");
    }
    PolicyRevision revision = policy.revision();
    if (revision.digest().isEmpty() && revision.verified()) {
      wrong.add("no policy is loaded: " + revision.problem().orElse("it is being loaded"));
    }
    return wrong;
  }
}
