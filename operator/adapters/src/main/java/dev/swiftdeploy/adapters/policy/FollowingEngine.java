package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyRevision;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.admission.Unavailability.Kind;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * An engine that follows a {@link PolicyFeed}: what is new there is prepared in the background and
 * decides once it is ready. What can't be used is told by {@link #revision}, and the last good
 * policy goes on. {@link #evaluate} waits for what is being prepared, for so long.
 *
 * @param <R> a policy that is ready to decide
 */
abstract class FollowingEngine<R extends FollowingEngine.Ready> implements PolicyEngine {
  /** A policy that is ready to decide. */
  interface Ready {
    PolicyBundle policy();
  }

  /** Guards the fields below, and those of engines; what is called under it says so. */
  final Object lock = new Object();

  /** What decides now. */
  @Nullable R ready;

  /** Why what was taken from the feed can't be used. */
  @Nullable PolicyProblem trouble;

  boolean closed;

  private final PolicyFeed feed;
  private final Duration patience;

  /** Why what the feed has is not what was taken. */
  private @Nullable PolicyProblem refused;

  /**
   * @param patience how long an evaluation waits for what is being prepared
   */
  FollowingEngine(PolicyFeed feed, Duration patience) {
    this.feed = feed;
    this.patience = patience;
  }

  // ---- what engines do, under the lock -------------------------------------------------

  /** Prepares a policy, unless it is ready or being prepared. */
  abstract void take(PolicyBundle policy);

  /** Looks after what was taken before, at each look. */
  void attend() {
    // most need nothing
  }

  /** Completes when what is being prepared is ready, or can't be; empty: nothing is. */
  abstract Optional<? extends CompletableFuture<?>> preparing();

  /** What it is, that there is trouble and nothing is ready. */
  abstract Kind troubled();

  /** What it is, that nothing was ready in time. */
  abstract String late();

  /** Lets go of what it holds. */
  abstract void end();

  // ---- and without it ------------------------------------------------------------------

  /** Asks a policy that is ready. */
  abstract Answer ask(R policy, ObjectNode input) throws InterruptedException;

  // ---- following -----------------------------------------------------------------------

  /** The first look, in the background: reading policies takes a moment. */
  final void begin() {
    Thread thread =
        new Thread(
            () -> {
              synchronized (lock) {
                refresh();
              }
            },
            "swiftdeploy-policy-look");
    thread.setDaemon(true);
    thread.start();
  }

  /** Looks at what is new. Called under the lock. */
  final void refresh() {
    if (closed) {
      return;
    }
    Optional<PolicySource.News> news = feed.look();
    if (news.isPresent()) {
      refused = news.get().problem().orElse(null);
      news.get().policy().ifPresent(this::take);
    }
    attend();
  }

  /** Empty digest and no problem: the first policy is not ready yet. */
  @Override
  public final PolicyRevision revision() {
    synchronized (lock) {
      refresh();
      return new PolicyRevision(
          Optional.ofNullable(ready).map(r -> r.policy().digest()),
          true,
          Optional.ofNullable(refused == null ? trouble : refused).map(PolicyProblem::text));
    }
  }

  @Override
  public final Answer evaluate(String decisionId, ObjectNode input) {
    try {
      await();
      R policy; // the last good one decides, if there is one
      synchronized (lock) {
        policy = ready;
        if (policy == null) {
          return new Answer.NoAnswer(notReady());
        }
      }
      return ask(policy, input);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return none(Kind.TIMEOUT, "the evaluation was interrupted", "none: SwiftDeploy is stopping");
    }
  }

  /** Until nothing more is to be waited for, or the time is over. */
  private void await() throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    for (Optional<? extends CompletableFuture<?>> next = pending();
        next.isPresent();
        next = pending()) {
      try {
        next.get().get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (CancellationException e) {
        // something else took its place
      } catch (TimeoutException | ExecutionException e) {
        return;
      }
    }
  }

  private Optional<? extends CompletableFuture<?>> pending() {
    synchronized (lock) {
      refresh();
      Optional<? extends CompletableFuture<?>> preparing = preparing();
      return preparing.isPresent() || ready != null ? preparing : feed.building();
    }
  }

  private Unavailability notReady() {
    if (refused != null) {
      return new Unavailability(Kind.NO_POLICY, refused.message(), refused.nextStep());
    }
    return trouble == null
        ? new Unavailability(Kind.TIMEOUT, late(), "wait: it takes longer on a busy machine")
        : new Unavailability(troubled(), trouble.message(), trouble.nextStep());
  }

  static Answer none(Kind kind, String message, String nextStep) {
    return new Answer.NoAnswer(new Unavailability(kind, message, nextStep));
  }

  /** Stops preparing; an evaluation that runs may finish. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      feed.close();
      end();
    }
  }
}
