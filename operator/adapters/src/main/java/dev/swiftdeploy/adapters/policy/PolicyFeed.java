package dev.swiftdeploy.adapters.policy;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Where an engine's policy comes from. Not thread-safe. */
interface PolicyFeed extends AutoCloseable {
  /** What is new since the last call. Cheap where nothing is. */
  Optional<PolicySource.News> look();

  /** Completes when what is being compiled is; empty: nothing is. */
  Optional<CompletableFuture<?>> building();

  @Override
  void close();

  /** This policy, and never another one. */
  static PolicyFeed of(PolicyBundle policy) {
    return new PolicyFeed() {
      private Optional<PolicySource.News> news =
          Optional.of(new PolicySource.News(Optional.of(policy), Optional.empty()));

      @Override
      public Optional<PolicySource.News> look() {
        Optional<PolicySource.News> now = news;
        news = Optional.empty();
        return now;
      }

      @Override
      public Optional<CompletableFuture<?>> building() {
        return Optional.empty();
      }

      @Override
      public void close() {}
    };
  }
}
