package dev.swiftdeploy.kubernetes.host;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyRevision;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A policy engine whose revision is looked up four times a second, however many resources ask for
 * it at each of their ticks: a look walks the policies' folder. Decisions are not affected: an
 * answer names the policy that gave it, and where that is another one a look lasts no longer.
 */
final class SharedRevision implements PolicyEngine {
  private static final long LASTS = Duration.ofMillis(250).toNanos();

  private final PolicyEngine engine;
  private final LongSupplier nanos;
  private @Nullable PolicyRevision last;
  private long looked;

  /**
   * Over an engine.
   *
   * @param nanos a clock that only goes on: {@code System::nanoTime}
   */
  SharedRevision(PolicyEngine engine, LongSupplier nanos) {
    this.engine = engine;
    this.nanos = nanos;
  }

  @Override
  public String name() {
    return engine.name();
  }

  @Override
  public synchronized PolicyRevision revision() {
    long now = nanos.getAsLong();
    PolicyRevision known = last;
    if (known == null || now - looked >= LASTS) {
      known = engine.revision();
      last = known;
      looked = now;
    }
    return known;
  }

  @Override
  public Answer evaluate(String decisionId, ObjectNode input) {
    Answer answer = engine.evaluate(decisionId, input);
    if (answer instanceof Answer.Document document) {
      forget(document.policyDigest());
    }
    return answer;
  }

  /**
   * A policy that changed since the look has answered. Who has that on record must not be told once
   * more of the one before: it would look as if that decided again.
   */
  private synchronized void forget(String answered) {
    PolicyRevision known = last;
    if (known != null && known.digest().filter(digest -> !digest.equals(answered)).isPresent()) {
      last = null;
    }
  }

  @Override
  public void close() {
    engine.close();
  }
}
