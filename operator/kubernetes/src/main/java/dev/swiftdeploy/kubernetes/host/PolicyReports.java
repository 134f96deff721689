package dev.swiftdeploy.kubernetes.host;

import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyRevision;
import java.util.Optional;

/**
 * Tells log and metrics which policy decides, and why what was put in its place does not. Looked at
 * again and again, also where no resource asks for a decision; one thread.
 */
final class PolicyReports {
  private final PolicyEngine policy;
  private final OperatorMetrics metrics;
  private final OperatorLog log;
  private Optional<String> digest = Optional.empty();
  private Optional<String> problem = Optional.empty();

  PolicyReports(PolicyEngine policy, OperatorMetrics metrics, OperatorLog log) {
    this.policy = policy;
    this.metrics = metrics;
    this.log = log;
  }

  /** Tells what changed since the last look. */
  void look() {
    PolicyRevision now = policy.revision();
    if (!now.digest().equals(digest)) {
      digest = now.digest();
      metrics.decides(policy.name(), digest.orElse(""));
      digest.ifPresent(d -> log.say("PolicyChanged", policy.name() + " decides with policy " + d));
    }
    if (!now.problem().equals(problem)) {
      problem = now.problem();
      metrics.refusesPolicy(problem.isPresent());
      problem.ifPresentOrElse(
          why -> log.warn("PolicyNotTaken", why + digest.map(PolicyReports::goesOn).orElse("")),
          () -> log.say("PolicyTaken", "nothing is wrong with the policy any more"));
    }
  }

  private static String goesOn(String digest) {
    return "; policy " + digest + " goes on deciding";
  }
}
