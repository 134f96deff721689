package dev.swiftdeploy.adapters.policy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A policies directory as engines follow it: read where it changed, compiled where its Rego did,
 * kept before it is used. Not thread-safe; only compiling happens elsewhere.
 *
 * <p>Rego that was changed or dropped there is checked, tested and compiled in the background, once
 * nothing in the directory has changed for a moment; nothing is written to it. What does not pass
 * is told, and is looked at again when something changes.
 */
public final class PolicySource implements PolicyFeed {
  /** A copy of many files takes a while; a half of it is no policy. */
  private static final Duration QUIET = Duration.ofSeconds(1);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  /**
   * What looking found.
   *
   * @param policy to decide with from now on; empty: no other than before
   * @param problem why the directory's own is not that one
   */
  record News(Optional<PolicyBundle> policy, Optional<PolicyProblem> problem) {}

  /**
   * How it works.
   *
   * @param archive where each policy is kept before it is used
   * @param builder compiles what isn't; none: that is left to a person
   * @param last the policy that decided before this process, for as long as there is no better one
   */
  public record Options(
      Optional<PolicyArchive> archive,
      Supplier<Optional<PolicyBuilder>> builder,
      Supplier<Optional<PolicyBundle>> last) {
    /** Keeps nothing, compiles nothing, knows nothing. */
    public static final Options DEFAULTS =
        new Options(Optional.empty(), Optional::empty, Optional::empty);

    public Options withArchive(PolicyArchive value) {
      return new Options(Optional.of(value), builder, last);
    }

    public Options withBuilder(Supplier<Optional<PolicyBuilder>> value) {
      return new Options(archive, value, last);
    }

    public Options withLast(Supplier<Optional<PolicyBundle>> value) {
      return new Options(archive, builder, value);
    }
  }

  private final Path directory;
  private final Options options;
  private final PolicyWatch watch;
  private @Nullable PolicyBundle current;
  private @Nullable Build build;
  private boolean looked;

  /** Of a directory. */
  PolicySource(Path directory, Options options) {
    this.directory = directory;
    this.options = options;
    this.watch = new PolicyWatch(directory);
  }

  @Override
  public Optional<News> look() {
    Optional<PolicyBundle.Read> changed = watch.changed();
    if (changed.isPresent()) {
      stopBuilding();
      return read(changed.get());
    }
    if (build != null && build.done.isDone()) {
      PolicyBundle.Read made = build.done.join();
      build = null;
      return Optional.of(news(made));
    }
    return Optional.empty();
  }

  @Override
  public Optional<CompletableFuture<?>> building() {
    return Optional.ofNullable(build).map(b -> b.done);
  }

  private Optional<News> read(PolicyBundle.Read read) {
    boolean first = !looked;
    looked = true;
    if (read instanceof PolicyBundle.Refused refused) {
      if (first) {
        current = options.last().get().filter(last -> unkept(last).isEmpty()).orElse(null);
      }
      if (refused.buildable() && current != null) {
        Optional<PolicyBundle.Read> same = PolicyBundle.compiledLike(current, directory);
        if (same.isPresent()) {
          return Optional.of(news(same.get()));
        }
      }
      Optional<PolicyBuilder> builder =
          refused.buildable() ? options.builder().get() : Optional.empty();
      boolean builds = builder.isPresent();
      builder.ifPresent(by -> build = new Build(directory, by));
      // While it is compiled it is no problem yet; what decided last goes on deciding.
      Optional<PolicyBundle> last = first ? Optional.ofNullable(current) : Optional.empty();
      return builds && last.isEmpty()
          ? Optional.empty()
          : Optional.of(new News(last, builds ? Optional.empty() : Optional.of(refused.problem())));
    }
    return Optional.of(news(read));
  }

  private News news(PolicyBundle.Read read) {
    if (read instanceof PolicyBundle.Refused refused) {
      return new News(Optional.empty(), Optional.of(refused.problem()));
    }
    PolicyBundle policy = ((PolicyBundle.Good) read).bundle();
    Optional<PolicyProblem> unkept = unkept(policy);
    if (unkept.isPresent()) {
      watch.lookAgain();
      return new News(Optional.empty(), unkept);
    }
    current = policy;
    return new News(Optional.of(policy), Optional.empty());
  }

  /** Keeps it; why it can't be. */
  private Optional<PolicyProblem> unkept(PolicyBundle policy) {
    try {
      if (options.archive().isPresent()) {
        options.archive().get().keep(policy);
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(
          new PolicyProblem(
              "the policy can't be archived: " + PolicyBundle.reason(e),
              "make room and let SwiftDeploy write there: a policy that isn't kept isn't used"));
    }
  }

  private void stopBuilding() {
    if (build != null) {
      build.thread.interrupt();
      build = null;
    }
  }

  @Override
  public void close() {
    stopBuilding();
  }

  /** One attempt to compile a directory, in a thread of its own. */
  private static final class Build {
    private final CompletableFuture<PolicyBundle.Read> done = new CompletableFuture<>();
    private final Thread thread;

    Build(Path directory, PolicyBuilder builder) {
      thread = new Thread(() -> run(directory, builder), "swiftdeploy-policy-build");
      thread.setDaemon(true);
      thread.start();
    }

    private void run(Path directory, PolicyBuilder builder) {
      try {
        awaitQuiet(directory);
        done.complete(builder.build(directory));
      } catch (IOException e) {
        done.complete(
            new PolicyBundle.Refused(
                new PolicyProblem(
                    "the policies in " + directory + " can't be compiled: " + said(e),
                    "mend that, then save one of them again"),
                false));
      } catch (InterruptedException e) {
        // the directory changed, and another attempt is under way; or SwiftDeploy stops
        done.cancel(false);
      } catch (RuntimeException | Error e) {
        done.complete(
            new PolicyBundle.Refused(
                new PolicyProblem(
                    "the policies in " + directory + " can't be compiled: " + e,
                    "report this: it is an error in SwiftDeploy"),
                false));
        throw e;
      }
    }

    private static String said(IOException e) {
      return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    private static void awaitQuiet(Path directory) throws IOException, InterruptedException {
      while (!PolicyFiles.in(directory).settledAt(Instant.now().minus(QUIET))) {
        Thread.sleep(BETWEEN_LOOKS.toMillis());
      }
    }
  }
}
