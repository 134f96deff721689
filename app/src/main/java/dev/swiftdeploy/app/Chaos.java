package dev.swiftdeploy.app;

import java.time.Duration;

/** How the service hurts the requests it answers. {@code /chaos}, health and metrics are exempt. */
sealed interface Chaos {

  /** Nothing is hurt. */
  Chaos NONE = new None();

  /** The value of the gauge {@code chaos_active}: 0 none, 1 slow, 2 error. */
  double gauge();

  /** How long an answer is held back. */
  Duration delay();

  /**
   * Whether a request is answered with a 500.
   *
   * @param roll drawn for this request, uniformly from 0 (inclusive) to 1 (exclusive)
   */
  boolean fails(double roll);

  /** One line for the log and for the answer to the order. */
  String describe();

  /** The state at the start, and after {@code recover}. */
  record None() implements Chaos {
    @Override
    public double gauge() {
      return 0;
    }

    @Override
    public Duration delay() {
      return Duration.ZERO;
    }

    @Override
    public boolean fails(double roll) {
      return false;
    }

    @Override
    public String describe() {
      return "recovered: requests are answered as usual";
    }
  }

  /** Each answer is held back for the same time. */
  record Slow(Duration delay) implements Chaos {
    @Override
    public double gauge() {
      return 1;
    }

    @Override
    public boolean fails(double roll) {
      return false;
    }

    @Override
    public String describe() {
      return "slow: each request takes %s s longer".formatted(delay.toMillis() / 1000.0);
    }
  }

  /**
   * A share of the requests is answered with a 500.
   *
   * @param rate the share, 0 to 1
   */
  record Failing(double rate) implements Chaos {
    @Override
    public double gauge() {
      return 2;
    }

    @Override
    public Duration delay() {
      return Duration.ZERO;
    }

    @Override
    public boolean fails(double roll) {
      return roll < rate;
    }

    @Override
    public String describe() {
      return "error: a share of %s of the requests gets a 500".formatted(rate);
    }
  }
}
