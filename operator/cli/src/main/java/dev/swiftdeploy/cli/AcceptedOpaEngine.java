package dev.swiftdeploy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.adapters.policy.ForeignOpaEngine;
import dev.swiftdeploy.adapters.policy.OwnOpaEngine;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyRevision;
import dev.swiftdeploy.core.admission.Unavailability;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The foreign OPA that a manifest names: asked only while whoever runs SwiftDeploy accepts it. */
final class AcceptedOpaEngine implements PolicyEngine {
  private final String url;
  private final Supplier<Optional<PolicyServer>> accepted;
  private @Nullable PolicyServer server;
  private @Nullable ForeignOpaEngine engine;

  /**
   * @param url as the manifest names it
   * @param accepted how it is reached, if it is accepted now
   */
  AcceptedOpaEngine(String url, Supplier<Optional<PolicyServer>> accepted) {
    this.url = url;
    this.accepted = accepted;
  }

  @Override
  public String name() {
    return OwnOpaEngine.NAME;
  }

  @Override
  public PolicyRevision revision() {
    return engine()
        .map(ForeignOpaEngine::revision)
        .orElseGet(
            () ->
                new PolicyRevision(
                    Optional.empty(), false, Optional.of(unaccepted() + ": " + nextStep())));
  }

  @Override
  public Answer evaluate(String decisionId, ObjectNode input) {
    Optional<ForeignOpaEngine> now = engine();
    return now.isPresent()
        ? now.get().evaluate(decisionId, input)
        : new Answer.NoAnswer(
            new Unavailability(Unavailability.Kind.NO_POLICY, unaccepted(), nextStep()));
  }

  private synchronized Optional<ForeignOpaEngine> engine() {
    Optional<PolicyServer> now = accepted.get();
    if (!now.equals(Optional.ofNullable(server))) {
      close();
      server = now.orElse(null);
      engine = now.map(s -> new ForeignOpaEngine(s.connection())).orElse(null);
    }
    return Optional.ofNullable(engine);
  }

  private String unaccepted() {
    return "the manifest names the policy server " + url + ", which nobody accepted here";
  }

  private String nextStep() {
    return "if it may decide: swiftdeploy deploy --accept-policy-server " + url;
  }

  @Override
  public synchronized void close() {
    if (engine != null) {
      engine.close();
    }
  }
}
