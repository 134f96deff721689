package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyRevision;
import dev.swiftdeploy.core.admission.Unavailability;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The policy that a directory holds, for those who only look: says which one it is without loading
 * it, which would take a second of work, and decides nothing.
 */
public final class UnaskedPolicy implements PolicyEngine {
  private final Path directory;
  private final String name;
  private final Optional<PolicyBundle> last;

  /**
   * Of a policies directory.
   *
   * @param name of the engine that would decide
   * @param last the policy that decided last: it goes on where the directory's can't be used
   */
  public UnaskedPolicy(Path directory, String name, Optional<PolicyBundle> last) {
    this.directory = directory;
    this.name = name;
    this.last = last;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public PolicyRevision revision() {
    PolicyBundle.Read read = PolicyBundle.read(directory);
    if (read instanceof PolicyBundle.Refused stale && stale.buildable()) {
      read = last.flatMap(known -> PolicyBundle.compiledLike(known, directory)).orElse(stale);
    }
    if (read instanceof PolicyBundle.Refused refused) {
      return new PolicyRevision(
          last.map(PolicyBundle::digest), true, Optional.of(refused.problem().text()));
    }
    return new PolicyRevision(
        Optional.of(((PolicyBundle.Good) read).bundle().digest()), true, Optional.empty());
  }

  @Override
  public Answer evaluate(String decisionId, ObjectNode input) {
    return new Answer.NoAnswer(
        new Unavailability(
            Unavailability.Kind.NO_POLICY,
            "policy is not asked by a command that only looks",
            "swiftdeploy plan asks it"));
  }
}
