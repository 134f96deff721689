package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.spec.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates a policies directory on the JVM: the project's own Rego, compiled to WebAssembly, and
 * that translated to Java classes.
 *
 * <p>Loading takes up to seconds and happens in the background; {@link #evaluate} waits for it. A
 * change of the directory is noticed by looking at its files: changed data is taken at once, a
 * changed bundle in the background. What can't be taken is told by {@link #revision}, and the last
 * good policy goes on deciding.
 *
 * <p>Each evaluation has an instance of the policy and a thread to itself; both are bounded in
 * number, and an instance in memory. An instance that threw or ran out of time is never used again.
 * A runaway thread is interrupted, which ends it: translated code looks for that at every call and
 * loop.
 */
public final class EmbeddedPolicyEngine extends FollowingEngine<EmbeddedPolicyEngine.Loaded> {
  /** Its name in records and in what people see. */
  public static final String NAME = "embedded";

  private static final int LARGEST_RESULT = 1 << 20;
  private static final int LARGEST_INPUT = 1 << 20;

  /** Policies recurse in Java frames; deep input needs some. */
  private static final long STACK_BYTES = 4 << 20;

  /**
   * How it works.
   *
   * @param deadline of one evaluation
   * @param loadDeadline how long an evaluation waits for a policy that is being loaded
   * @param concurrency how many evaluations may run at once
   * @param source where policies come from, and where each is kept before it is first used
   * @param cache a folder of this account's own for translated policies; see {@link BytecodeCache}
   */
  public record Options(
      Duration deadline,
      Duration loadDeadline,
      int concurrency,
      PolicySource.Options source,
      Optional<Path> cache) {

    public static final Options DEFAULTS =
        new Options(
            Duration.ofSeconds(2),
            Duration.ofSeconds(30),
            4,
            PolicySource.Options.DEFAULTS,
            Optional.empty());

    public Options withDeadline(Duration value) {
      return new Options(value, loadDeadline, concurrency, source, cache);
    }

    public Options withLoadDeadline(Duration value) {
      return new Options(deadline, value, concurrency, source, cache);
    }

    public Options withConcurrency(int value) {
      return new Options(deadline, loadDeadline, value, source, cache);
    }

    public Options withSource(PolicySource.Options value) {
      return new Options(deadline, loadDeadline, concurrency, value, cache);
    }

    public Options withArchive(PolicyArchive value) {
      return withSource(source.withArchive(value));
    }

    public Options withCache(Path value) {
      return new Options(deadline, loadDeadline, concurrency, source, Optional.of(value));
    }
  }

  /** A policy that decides, with instances that wait for the next evaluation. */
  record Loaded(
      PolicyBundle policy, PolicyModule module, ConcurrentLinkedDeque<PolicyInstance> idle)
      implements Ready {
    PolicyInstance instance() {
      PolicyInstance waiting = idle.poll();
      return waiting == null ? new PolicyInstance(module, policy.data()) : waiting;
    }
  }

  /** A policy that is being loaded; {@code done} completes when it is or can't be. */
  private static final class Loading {
    private final String digest;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    Loading(String digest) {
      this.digest = digest;
    }
  }

  private final Path directory;
  private final Options options;
  private final Semaphore permits;

  // guarded by the lock
  private @Nullable Loading loading;

  /** Opens a policies directory; returns at once. */
  public EmbeddedPolicyEngine(Path directory, Options options) {
    this(directory, new PolicySource(directory, options.source()), options);
  }

  private EmbeddedPolicyEngine(Path directory, PolicyFeed source, Options options) {
    super(source, options.loadDeadline());
    this.directory = directory;
    this.options = options;
    this.permits = new Semaphore(options.concurrency());
    begin();
  }

  /** Decides by this policy, and by no other. */
  public static EmbeddedPolicyEngine of(PolicyBundle policy, Options options) {
    return new EmbeddedPolicyEngine(Path.of(policy.digest()), PolicyFeed.of(policy), options);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  void end() {
    loading = null;
    if (ready != null) {
      ready.idle().clear();
    }
  }

  // ---- what to decide with ------------------------------------------------------------

  @Override
  void take(PolicyBundle bundle) {
    if (loading != null && loading.digest.equals(bundle.digest())) {
      return;
    }
    loading = null;
    if (ready != null && ready.policy().digest().equals(bundle.digest())) {
      trouble = null;
      return;
    }
    if (ready != null && ready.policy().wasmSha256().equals(bundle.wasmSha256())) {
      try {
        ready = prepared(bundle, ready.module());
        trouble = null;
      } catch (RuntimeException | StackOverflowError e) {
        trouble = unusable(e);
      }
      return;
    }
    Loading mine = new Loading(bundle.digest());
    loading = mine;
    start("swiftdeploy-policy-load", () -> load(bundle, mine));
  }

  private void load(PolicyBundle bundle, Loading mine) {
    Loaded made = null;
    PolicyProblem failed = null;
    try {
      made =
          prepared(
              bundle, PolicyModule.shared(bundle.wasm(), options.cache().map(BytecodeCache::new)));
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      failed = unusable(e);
    } finally {
      synchronized (lock) {
        if (mine.equals(loading)) {
          loading = null;
          if (made != null) {
            ready = made;
          }
          trouble = failed;
        }
      }
      mine.done.complete(null);
    }
  }

  /** With one instance, which proves that there can be some. */
  private static Loaded prepared(PolicyBundle bundle, PolicyModule module) {
    Loaded prepared = new Loaded(bundle, module, new ConcurrentLinkedDeque<>());
    prepared.idle().add(prepared.instance());
    return prepared;
  }

  private PolicyProblem unusable(Throwable e) {
    return PolicyProblem.rebuild(
        directory.getFileName() + "/" + PolicyFiles.WASM + " can't be used: " + said(e), directory);
  }

  @Override
  Optional<? extends CompletableFuture<?>> preparing() {
    return Optional.ofNullable(loading).map(l -> l.done);
  }

  @Override
  Unavailability.Kind troubled() {
    return Unavailability.Kind.NO_POLICY;
  }

  @Override
  String late() {
    return "the policy was not loaded within " + Durations.format(options.loadDeadline());
  }

  // ---- one evaluation -------------------------------------------------------------------

  @Override
  Answer ask(Loaded policy, ObjectNode input) throws InterruptedException {
    byte[] json;
    try {
      json = StrictJson.validated(input);
    } catch (JsonProcessingException e) {
      return badInput("is not JSON that policy takes: " + e.getOriginalMessage());
    }
    if (json.length > LARGEST_INPUT) {
      return badInput("is larger than " + (LARGEST_INPUT >> 20) + " MiB");
    }
    long deadline = System.nanoTime() + options.deadline().toNanos();
    if (!permits.tryAcquire(options.deadline().toNanos(), TimeUnit.NANOSECONDS)) {
      return tooLong("other evaluations took longer than ");
    }
    CompletableFuture<String> result = new CompletableFuture<>();
    Thread worker;
    try {
      worker = start("swiftdeploy-policy", () -> run(policy, json, result));
    } catch (OutOfMemoryError e) {
      permits.release();
      return failed(e); // no thread to be had
    }
    try {
      return answer(policy, result.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return tooLong("the policy took longer than ");
    } catch (ExecutionException e) {
      return failed(e.getCause() == null ? e : e.getCause());
    } finally {
      // Does nothing to a result that is there; else it makes sure that none comes any more.
      if (result.cancel(false)) {
        worker.interrupt();
      }
    }
  }

  /** In a thread of its own, which ends with it. */
  private void run(Loaded policy, byte[] input, CompletableFuture<String> result) {
    try {
      PolicyInstance instance = policy.instance();
      String text = instance.evaluate(input);
      if (!result.isDone() && instance.small() && policy.idle().size() < options.concurrency()) {
        policy.idle().push(instance);
      }
      result.complete(text);
    } catch (Throwable e) {
      // Whatever it was, it is this evaluation's failure, and its instance is not used again.
      result.completeExceptionally(e);
    } finally {
      permits.release();
    }
  }

  private static Answer answer(Loaded policy, String text) {
    if (text.length() > LARGEST_RESULT) {
      return none(
          Unavailability.Kind.MALFORMED,
          "the policy's answer is larger than " + (LARGEST_RESULT >> 20) + " MiB",
          "make the decision smaller: 100 violations are the most that is taken");
    }
    JsonNode results;
    try {
      results = StrictJson.read(text);
    } catch (JsonProcessingException e) {
      return none(
          Unavailability.Kind.MALFORMED,
          "the policy's answer is not JSON that is taken: " + e.getOriginalMessage(),
          "look at what data.swiftdeploy.admission.decision is made of");
    }
    JsonNode result = results.path(0).get("result");
    if (result == null) {
      return none(
          Unavailability.Kind.UNDEFINED,
          "the policy gave no decision for this input",
          "make data.swiftdeploy.admission.decision defined for every input");
    }
    return new Answer.Document(result, policy.policy().digest());
  }

  private static Answer badInput(String what) {
    return none(
        Unavailability.Kind.INPUT_WARNING,
        "the input " + what,
        "report this with the record: SwiftDeploy builds the input");
  }

  private Answer tooLong(String what) {
    return none(
        Unavailability.Kind.TIMEOUT,
        what + Durations.format(options.deadline()),
        "wait if the machine is busy; else look for what the policy iterates over");
  }

  private static Answer failed(Throwable e) {
    if (e instanceof PolicyInstance.UnreadableInput) {
      return badInput("holds text that the policy can't read");
    }
    return none(
        Unavailability.Kind.SERVER_ERROR,
        "the policy failed: " + said(e),
        "run swiftdeploy policy test, and replay the record's input");
  }

  /** One line, at most so long. */
  private static String said(Throwable e) {
    String message =
        e.getMessage() == null || e instanceof StackOverflowError
            ? e.getClass().getSimpleName()
            : e.getMessage();
    String line = message.lines().findFirst().orElse("").strip();
    return line.length() > 200 ? line.substring(0, 200) + "…" : line;
  }

  private static Thread start(String name, Runnable work) {
    Thread thread = new Thread(null, work, name, STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
