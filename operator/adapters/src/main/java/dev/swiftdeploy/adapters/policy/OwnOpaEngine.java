package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.admission.Unavailability.Kind;
import dev.swiftdeploy.core.spec.Durations;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An OPA server that SwiftDeploy runs itself, with a policies directory as its bundle: its revision
 * is the policy's digest, so every answer tells what gave it.
 *
 * <p>A changed policy is another server: started beside the present one, proven by a question, then
 * switched to; one that OPA does not take is told by {@link #revision}, and the present one goes
 * on. A server that ended is started again, at once and then with back-off. All of that happens in
 * the background; {@link #evaluate} waits for what is being started.
 */
public final class OwnOpaEngine extends FollowingEngine<OwnOpaEngine.Serving> {
  /** Its name in records and in what people see. */
  public static final String NAME = "opa";

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final int DOUBLINGS = 5;

  /** A server that ran for so long is started again at once. */
  private static final Duration STEADY = Duration.ofMinutes(1);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

  /**
   * How it works.
   *
   * @param deadline of one evaluation
   * @param startDeadline how long a server may take to its first answer, and an evaluation waits
   *     for it
   * @param hungAfter how long a server that runs may give no answer before it is replaced
   * @param source where policies come from, and where each is kept before it is first used
   */
  public record Options(
      Duration deadline, Duration startDeadline, Duration hungAfter, PolicySource.Options source) {
    public static final Options DEFAULTS =
        new Options(
            OpaConnection.DEADLINE,
            Duration.ofSeconds(30),
            Duration.ofSeconds(15),
            PolicySource.Options.DEFAULTS);

    public Options withDeadline(Duration value) {
      return new Options(value, startDeadline, hungAfter, source);
    }

    public Options withHungAfter(Duration value) {
      return new Options(deadline, startDeadline, value, source);
    }

    public Options withSource(PolicySource.Options value) {
      return new Options(deadline, startDeadline, hungAfter, value);
    }
  }

  /** A policy that decides, and the server that has it. */
  record Serving(PolicyBundle policy, OpaHost.Server server, OpaClient client, long since)
      implements Ready {}

  /** A server that is being started; {@code done} completes when it serves or can't. */
  private record Starting(String digest, CompletableFuture<Void> done) {}

  private final OpaHost host;
  private final Options options;

  // guarded by the lock
  private @Nullable PolicyBundle wanted;
  private @Nullable Starting starting;
  private @Nullable Serving suspected;
  private int failures;
  private long notBefore = System.nanoTime();

  /** One start at a time: the host takes one call at a time. */
  private final Object hosting = new Object();

  /** Opens a policies directory; returns at once. The host is closed with it. */
  public OwnOpaEngine(Path directory, OpaHost host, Options options) {
    super(new PolicySource(directory, options.source()), options.startDeadline());
    this.host = host;
    this.options = options;
    begin();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  Answer ask(Serving now, ObjectNode input) {
    if (!now.server().running()) {
      return ended(now);
    }
    OpaClient.Outcome outcome = now.client().ask(input);
    if (outcome instanceof OpaClient.Failed failed) {
      if (failed.unavailability().kind() == Kind.TIMEOUT) {
        suspect(now);
      }
      return new Answer.NoAnswer(failed.unavailability());
    }
    OpaClient.Said said = (OpaClient.Said) outcome;
    return proves(said.revisions(), now.policy())
        ? new Answer.Document(said.result(), now.policy().digest())
        : new Answer.NoAnswer(mismatch(said.revisions(), now.policy()));
  }

  private static boolean proves(SortedMap<String, String> revisions, PolicyBundle policy) {
    return revisions.size() == 1 && revisions.containsValue(policy.digest());
  }

  private static Unavailability mismatch(SortedMap<String, String> revisions, PolicyBundle policy) {
    return new Unavailability(
        Kind.REVISION_MISMATCH,
        "OPA decided with the policy " + revisions.values() + ", not with " + policy.digest(),
        "look at who else uses its port; ended, OPA is started anew with the right policy");
  }

  /** Ends the servers. */
  @Override
  public void close() {
    super.close();
    synchronized (hosting) {
      host.close();
    }
  }

  @Override
  void end() {
    starting = null;
    if (ready != null) {
      ready.client().close();
    }
  }

  // ---- what to decide with ------------------------------------------------------------

  @Override
  void take(PolicyBundle policy) {
    if (wanted != null && wanted.digest().equals(policy.digest())) {
      return;
    }
    wanted = policy;
    trouble = null;
    failures = 0;
    notBefore = System.nanoTime();
  }

  /** Starts a server, if one is due. */
  @Override
  void attend() {
    PolicyBundle policy = wanted;
    if (policy == null) {
      return;
    }
    if (starting != null && starting.digest().equals(policy.digest())) {
      return;
    }
    if (ready != null && ready.policy().digest().equals(policy.digest())) {
      if (ready.server().running()) {
        starting = null;
        trouble = suspected == null ? null : trouble;
        failures = System.nanoTime() - ready.since() > STEADY.toNanos() ? 0 : failures;
        return;
      }
      trouble = said("OPA ended" + how(ready.server()));
    }
    if (System.nanoTime() - notBefore < 0) {
      return;
    }
    Starting mine = new Starting(policy.digest(), new CompletableFuture<>());
    starting = mine;
    Thread thread = new Thread(() -> start(policy, mine), "swiftdeploy-opa-start");
    thread.setDaemon(true);
    thread.start();
  }

  private void start(PolicyBundle policy, Starting mine) {
    @Nullable PolicyProblem failed = null;
    try {
      synchronized (hosting) {
        try {
          if (wantsStill(mine)) {
            take(mine, proven(policy, mine));
          }
        } finally {
          host.keepOnly(servingDigest());
        }
      }
    } catch (Unproven | IOException | RuntimeException e) {
      failed = said(e.getMessage() == null ? e.toString() : e.getMessage());
    }
    synchronized (lock) {
      if (mine.equals(starting)) {
        starting = null;
        if (failed != null) {
          trouble = failed;
          backOff();
        }
      }
    }
    mine.done().complete(null);
  }

  private boolean wantsStill(Starting mine) {
    synchronized (lock) {
      return !closed && mine.equals(starting);
    }
  }

  private void take(Starting mine, Serving made) {
    synchronized (lock) {
      if (!closed && mine.equals(starting)) {
        ready = made;
        trouble = null;
        backOff();
      }
    }
  }

  private String servingDigest() {
    synchronized (lock) {
      return ready == null ? "" : ready.policy().digest();
    }
  }

  /** When the next start may be, should this one have failed or the server end soon. */
  private void backOff() {
    notBefore = System.nanoTime() + FIRST_PAUSE.multipliedBy(1L << failures).toNanos();
    failures = Math.min(failures + 1, DOUBLINGS);
  }

  /** Started or found, and it answered a question with the right policy. */
  private Serving proven(PolicyBundle policy, Starting mine) throws IOException, Unproven {
    long until = System.nanoTime() + options.startDeadline().toNanos();
    OpaHost.Server server = host.serve(policy.digest(), OpaBundle.of(policy));
    OpaClient client = new OpaClient(server.connection().withDeadline(options.deadline()));
    ObjectNode question = StrictJson.MAPPER.createObjectNode();
    while (true) {
      OpaClient.Outcome outcome = client.ask(question);
      if (outcome instanceof OpaClient.Said said) {
        if (proves(said.revisions(), policy)) {
          return new Serving(policy, server, client, System.nanoTime());
        }
        throw new Unproven(mismatch(said.revisions(), policy).message());
      }
      if (kind(outcome) == Kind.UNDEFINED) {
        return new Serving(policy, server, client, System.nanoTime()); // for this input it may be
      }
      if (!server.running()) {
        throw new Unproven("OPA does not take the policy" + how(server));
      }
      if (System.nanoTime() - until > 0 || !wantsStill(mine)) {
        throw new Unproven(((OpaClient.Failed) outcome).unavailability().message());
      }
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }

  private static @Nullable Kind kind(OpaClient.Outcome outcome) {
    return outcome instanceof OpaClient.Failed failed ? failed.unavailability().kind() : null;
  }

  /** It gave no answer in time: is it slow for once, or does it hang? */
  private void suspect(Serving which) {
    synchronized (lock) {
      if (closed || suspected != null || !which.equals(ready)) {
        return;
      }
      suspected = which;
      trouble =
          new PolicyProblem(
              "OPA gives no answer",
              "wait: after "
                  + Durations.format(options.hungAfter())
                  + " without one it is replaced");
    }
    Thread thread = new Thread(() -> watch(which), "swiftdeploy-opa-watch");
    thread.setDaemon(true);
    thread.start();
  }

  private void watch(Serving which) {
    long until = System.nanoTime() + options.hungAfter().toNanos();
    ObjectNode question = StrictJson.MAPPER.createObjectNode();
    boolean hangs = true;
    while (hangs && System.nanoTime() - until < 0 && servesStill(which)) {
      hangs = kind(which.client().ask(question)) == Kind.TIMEOUT;
    }
    if (hangs && servesStill(which)) {
      synchronized (hosting) {
        host.end(which.policy().digest());
      }
    }
    synchronized (lock) {
      suspected = null;
      refresh();
    }
  }

  private boolean servesStill(Serving which) {
    synchronized (lock) {
      return !closed && which.equals(ready) && which.server().running();
    }
  }

  @Override
  Optional<? extends CompletableFuture<?>> preparing() {
    return Optional.ofNullable(starting).map(Starting::done);
  }

  // ---- in words --------------------------------------------------------------------------

  @Override
  Kind troubled() {
    return Kind.UNREACHABLE;
  }

  @Override
  String late() {
    return "OPA did not start within " + Durations.format(options.startDeadline());
  }

  private static Answer ended(Serving was) {
    return none(
        Kind.UNREACHABLE,
        "OPA ended" + how(was.server()),
        "unless a person stopped it, it is started again; if it ends again and again, see its log");
  }

  private static String how(OpaHost.Server server) {
    String words = server.lastWords();
    return (server.exitCode().isPresent() ? " with code " + server.exitCode().getAsInt() : "")
        + (words.isEmpty() ? "" : ": " + words);
  }

  private static PolicyProblem said(String message) {
    return new PolicyProblem(
        message, "it is tried again; swiftdeploy policy check tells what OPA thinks of a policy");
  }

  /** A server that can't be used; leaves one start, never this class. */
  private static final class Unproven extends Exception {
    private static final long serialVersionUID = 1L;

    Unproven(String message) {
      super(message, null, false, false);
    }
  }
}
