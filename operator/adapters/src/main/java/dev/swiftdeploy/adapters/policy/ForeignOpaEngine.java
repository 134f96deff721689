package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyRevision;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.release.Digests;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An OPA server that somebody else runs, with policies that are known by name only: {@link
 * PolicyRevision#verified()} is false, whatever it says of itself.
 *
 * <p>The digest in records is what the server says its bundle's revision is, where it has one
 * bundle with a SHA-256 for a revision. Else it is a SHA-256 over the names and revisions of its
 * bundles: it tells that they changed, not what they are. It is known from the first answer on;
 * {@link #revision} asks once for that, in the background, with an empty input.
 */
public final class ForeignOpaEngine implements PolicyEngine {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private final OpaClient client;
  private volatile @Nullable String digest;
  private volatile @Nullable String problem;

  private final AtomicBoolean probed = new AtomicBoolean();

  /** Asks the server of this connection. */
  public ForeignOpaEngine(OpaConnection connection) {
    this.client = new OpaClient(connection);
  }

  @Override
  public String name() {
    return OwnOpaEngine.NAME;
  }

  @Override
  public PolicyRevision revision() {
    if (digest == null && probed.compareAndSet(false, true)) {
      Thread probe =
          new Thread(
              () -> evaluate("", StrictJson.MAPPER.createObjectNode()), "swiftdeploy-policy-probe");
      probe.setDaemon(true);
      probe.start();
    }
    Optional<String> known = Optional.ofNullable(digest);
    // A question that failed may tell so after another one was answered.
    Optional<String> untold = known.isPresent() ? Optional.empty() : Optional.ofNullable(problem);
    return new PolicyRevision(known, false, untold);
  }

  @Override
  public Answer evaluate(String decisionId, ObjectNode input) {
    OpaClient.Outcome outcome = client.ask(input);
    if (outcome instanceof OpaClient.Said said) {
      String of = digest(said.revisions());
      digest = of;
      problem = null;
      return new Answer.Document(said.result(), of);
    }
    Unavailability none = ((OpaClient.Failed) outcome).unavailability();
    if (digest == null) {
      problem = none.message() + ": " + none.nextStep();
    }
    return new Answer.NoAnswer(none);
  }

  private static String digest(SortedMap<String, String> revisions) {
    if (revisions.size() == 1) {
      String only = revisions.values().iterator().next();
      if (SHA256.matcher(only).matches()) {
        return only;
      }
    }
    StringBuilder text = new StringBuilder("swiftdeploy.dev/foreign-policy/v1\n");
    revisions.forEach(
        (name, revision) -> text.append(name).append(' ').append(revision).append('\n'));
    return Digests.sha256(text.toString());
  }

  @Override
  public void close() {
    client.close();
  }
}
