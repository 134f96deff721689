package dev.swiftdeploy.core.loop;

import static dev.swiftdeploy.core.spec.SpecOf.id;
import static dev.swiftdeploy.core.spec.SpecOf.lettered;
import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.admission.ScriptedPolicy;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.plan.Admitted;
import dev.swiftdeploy.core.plan.Candidate;
import dev.swiftdeploy.core.plan.Convergence;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.FakePlatform;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Schedules made up from seeds: edits, requests, faults, crashes and jumps of the clock, in any
 * order. After each tick the promises are checked; when all is quiet again, it has to converge.
 *
 * <p>The same schedules each time, so that a failure comes with the change that made it. {@code
 * -Dmodel.schedules=10000} walks more of them, {@code -Dmodel.from=1000} begins at another seed,
 * {@code -Dmodel.seed=42} repeats one and prints what happens in it.
 */
class ModelTest {
  private static final int STEPS = 40;
  private static final List<String> LETTERS = List.of("a", "b", "c");

  /** How long it may take to converge. */
  private static final Duration QUIET = Duration.ofMinutes(40);

  /** Longer than anything that ends waits to be started again. */
  private static final Duration STILL = Duration.ofMinutes(1);

  @Test
  void whateverHappensThePromisesHold() {
    String one = System.getProperty("model.seed", "");
    if (!one.isEmpty()) {
      new Schedule(Long.parseLong(one), true).walk();
      return;
    }
    long first = Long.getLong("model.from", 0);
    long last = first + Long.getLong("model.schedules", 5000);
    AtomicLong next = new AtomicLong(first);
    AtomicLong ticks = new AtomicLong();
    AtomicReference<AssertionError> failed = new AtomicReference<>();
    IntStream.range(0, Runtime.getRuntime().availableProcessors())
        .parallel()
        .forEach(
            worker -> {
              for (long seed = next.getAndIncrement();
                  seed < last && failed.get() == null;
                  seed = next.getAndIncrement()) {
                Schedule schedule = new Schedule(seed, false);
                try {
                  schedule.walk();
                } catch (AssertionError e) {
                  failed.compareAndSet(null, e);
                }
                ticks.addAndGet(schedule.world.ticks);
              }
            });
    System.out.printf("model: schedules %d to %d, %d ticks%n", first, last - 1, ticks.get());
    if (failed.get() != null) {
      throw failed.get();
    }
    assertThat(ticks.get()).isPositive();
  }

  private static final class Schedule {
    private final long seed;
    private final boolean loud;
    private final Random random;
    private final World world = new World("a");
    private final List<String> told = new ArrayList<>();

    Schedule(long seed, boolean loud) {
      this.seed = seed;
      this.loud = loud;
      this.random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
      world.watched = seed % 2 == 1;
    }

    void walk() {
      try {
        if (random.nextInt(4) > 0) {
          world.settle();
        }
        for (int i = 0; i < STEPS; i++) {
          happen();
          pass();
        }
        calm();
        converge();
      } catch (RuntimeException | AssertionError e) {
        world.platform.unreachable(false);
        throw new AssertionError(
            "seed "
                + seed
                + ": "
                + e.getMessage()
                + "\nlast plan: "
                + (world.loop.view().isPresent() ? lettered(world.plan().render()) : "none")
                + "\nwhat happened: "
                + String.join("; ", told)
                + "\nstory:\n  "
                + String.join("\n  ", world.story())
                + "\ndone: "
                + world.done()
                + "\nthere: "
                + lettered(world.platform.observe().toString())
                + "\nadmitted: "
                + lettered(
                    world.state().admitted()
                        + "\nunder way: "
                        + world.state().underWay()
                        + "\nretreat due: "
                        + world.state().retreatDue()
                        + "\ngrants: "
                        + world.state().grants()),
            e);
      }
    }

    // ---- what happens ----

    private void tell(String what) {
      told.add(what);
      if (loud) {
        System.out.println(world.clock.instant() + " " + what);
      }
    }

    private void happen() {
      switch (random.nextInt(24)) {
        case 0, 1, 2 -> edit();
        case 3, 4 -> ask();
        case 5, 6, 7, 8 -> harm();
        case 9 -> fate();
        case 10, 11 -> judge();
        case 12 -> disturb();
        case 13 -> fill(random.nextInt(3) == 0);
        case 14 -> crashSoon();
        case 15 -> stop();
        case 16 -> jump();
        case 17 -> heal();
        default -> {} // time passes
      }
    }

    private void edit() {
      switch (random.nextInt(10)) {
        case 0, 1, 2, 3 -> world.declare(pick(LETTERS));
        case 4 -> world.declare(s -> s.mode(pick(List.of(Mode.STABLE, Mode.CANARY))));
        case 5 -> world.declare(s -> s.steps(10, 50, 100));
        case 6 -> world.declare(s -> random.nextBoolean() ? s.steps(new int[0]) : s.steps(30));
        case 7 -> world.declare(s -> s.replicas(1 + random.nextInt(3)));
        case 8 -> world.declare(s -> s.port(8080 + random.nextInt(3)));
        default -> {
          if (random.nextBoolean()) {
            world.declare(s -> s.paused(!s.paused()));
          } else {
            world.unresolved = !world.unresolved;
          }
        }
      }
      tell(
          "spec "
              + world.spec.letter()
              + " "
              + world.spec.mode()
              + " x"
              + world.spec.replicas()
              + " :"
              + world.spec.port()
              + " steps "
              + world.spec.steps().size()
              + (world.spec.paused() ? " paused" : "")
              + (world.unresolved ? " unresolved" : ""));
    }

    private void ask() {
      Request.Kind kind =
          random.nextInt(8) == 0
              ? Request.Kind.TEARDOWN
              : pick(List.of(Request.Kind.ROLLBACK, Request.Kind.RETRY, Request.Kind.PROMOTE_NOW));
      tell("asks " + kind.word());
      try {
        world.ask(
            kind, kind == Request.Kind.RETRY ? Optional.of(id(pick(LETTERS))) : Optional.empty());
      } catch (AuditException e) {
        tell("which can't be recorded");
      }
    }

    /** Something breaks. */
    private void harm() {
      if (isUnreachable()) {
        return;
      }
      List<ObservedWorkload> there = world.platform.observe().workloads();
      boolean proxy = world.platform.observe().route().isPresent();
      int what = random.nextInt(6);
      if (what < 3 && !there.isEmpty()) {
        harm(pick(there));
      } else if (what == 3 && !there.isEmpty()) {
        Workload lost = pick(there).workload();
        tell("loses " + name(lost));
        world.platform.lose(lost);
      } else if (what == 4 && proxy) {
        tell("kills the proxy");
        world.platform.killProxy();
      } else if (what == 5 && proxy) {
        tell("edits the proxy");
        world.platform.editProxy();
      }
    }

    private void harm(ObservedWorkload of) {
      List<Instance> running =
          of.instances().stream()
              .filter(
                  i -> i.state() == Instance.State.HEALTHY || i.state() == Instance.State.UNHEALTHY)
              .toList();
      if (running.isEmpty()) {
        return;
      }
      int slot = pick(running).slot();
      if (random.nextBoolean()) {
        tell("kills " + name(of.workload()) + "/" + slot);
        world.platform.kill(of.workload(), slot);
      } else {
        tell("hangs " + name(of.workload()) + "/" + slot);
        world.platform.hang(of.workload(), slot);
      }
    }

    /** From now on a release is good or bad. */
    private void fate() {
      String letter = pick(LETTERS);
      switch (random.nextInt(4)) {
        case 0 -> {
          tell(letter + " never gets healthy");
          world.platform.neverHealthy(id(letter));
        }
        case 1 -> {
          tell(letter + " ends at once");
          world.platform.ends(id(letter), 1);
        }
        default -> {
          tell(letter + " is well");
          world.platform.well(id(letter));
        }
      }
    }

    private void judge() {
      switch (random.nextInt(8)) {
        case 0 -> {
          tell("policy denies");
          world.policy.deny("scripted");
        }
        case 1 -> {
          TransitionKind kind = pick(List.of(TransitionKind.values()));
          tell("policy denies " + kind.word());
          world.policy.deny("scripted", kind);
        }
        case 2, 3 -> {
          tell("policy is down");
          world.policy.down(Unavailability.Kind.TIMEOUT);
        }
        case 4 -> {
          tell("policy orders rollbacks");
          world.policy.orderRollback(
              i -> {
                TransitionKind kind = ScriptedPolicy.kind(i);
                return kind == TransitionKind.ADVANCE || kind == TransitionKind.PROMOTE;
              });
        }
        case 5 -> {
          tell("policy changes");
          world.policy.change(random.nextInt(5));
        }
        case 6 -> {
          boolean grants = random.nextInt(3) > 0;
          tell(grants ? "policy grants" : "policy grants nothing");
          world.policy.grants(grants);
        }
        default -> {
          tell("policy allows");
          world.policy.allow();
        }
      }
    }

    private void disturb() {
      switch (random.nextInt(5)) {
        case 0 -> {
          tell("the platform is unreachable");
          world.platform.unreachable(true);
        }
        case 1 -> refuse("routes", e -> e instanceof Effect.SetRoute);
        case 2 -> refuse("starts", e -> e instanceof Effect.StartWorkload);
        case 3 -> refuse("one in three", e -> random.nextInt(3) == 0);
        default -> {
          boolean move = random.nextBoolean();
          tell("ports move: " + move);
          world.platform.portsMove(move);
        }
      }
    }

    private void refuse(String what, Predicate<Effect> effects) {
      tell("the platform refuses " + what);
      world.platform.refuse(effects);
    }

    private void heal() {
      tell("the platform is well");
      world.platform.unreachable(false);
      world.platform.refuseNothing();
    }

    private void fill(boolean full) {
      tell("the disk is full: " + full);
      world.audit.full(full);
    }

    private void crashSoon() {
      CrashPoint point = CrashPoint.values()[random.nextInt(6)];
      int[] passes = {1 + random.nextInt(4)};
      tell("will crash at pass " + passes[0] + " of " + point);
      world.crashPoints =
          p -> {
            if (p == point && --passes[0] == 0) {
              throw new World.Crash(p);
            }
          };
    }

    private void stop() {
      boolean inOrder = random.nextBoolean();
      tell(inOrder ? "stops in order, starts again" : "killed, starts again");
      if (inOrder && !isUnreachable()) {
        world.platform.refuseNothing();
        world.stop();
      }
      world.audit.full(false);
      world.restart();
    }

    private boolean isUnreachable() {
      try {
        world.platform.observe();
        return false;
      } catch (PlatformException e) {
        return true;
      }
    }

    private void jump() {
      long seconds = random.nextInt(5) == 0 ? random.nextInt(3000) : random.nextInt(120) - 60;
      tell("the clock jumps by " + seconds + " s");
      world.clock.advance(Duration.ofSeconds(seconds));
    }

    // ---- time passes ----

    private void pass() {
      int many = 1 + random.nextInt(random.nextInt(4) == 0 ? 40 : 8);
      for (int i = 0; i < many; i++) {
        tick();
        boolean early = random.nextInt(4) == 0;
        if (early) {
          world.clock.advance(Duration.ofMillis(random.nextInt(300)));
        } else {
          world.pass();
        }
      }
    }

    private void tick() {
      State before = world.state();
      boolean served = world.platform.serves();
      int effects = world.platform.applied().size();
      int lines = world.lines.size();
      int calls = world.policy.calls();

      Next next = world.tick();

      if (loud) {
        printNews(effects, lines);
      }
      checkEffects(before, effects);
      checkService(before, served);
      if (next.settled() && world.lines.size() == lines && !isUnreachable()) {
        assertThat(world.policy.calls()).as("asked on a settled system").isEqualTo(calls);
        int after = world.platform.applied().size();
        world.tick();
        assertThat(world.lines).as("written on a settled system").hasSize(lines);
        assertThat(world.policy.calls()).as("asked on a settled system").isEqualTo(calls);
        assertThat(world.platform.applied()).as("done on a settled system").hasSize(after);
      }
    }

    private void printNews(int effects, int lines) {
      List<String> done = world.done();
      List<String> story = world.story();
      if (world.lines.size() > lines) {
        System.out.println(world.clock.instant() + "   recorded " + story.get(story.size() - 1));
      }
      for (String effect : done.subList(effects, done.size())) {
        System.out.println(world.clock.instant() + "   did " + effect);
      }
      System.out.println(
          world.clock.instant()
              + "     "
              + lettered(world.loop.view().map(v -> v.plan().render()).orElse("no plan\n"))
                  .replace("\n", " ")
              + (world.platform.serves() ? "" : "DOWN"));
    }

    // ---- the promises ----

    /** Nothing is done without a record, and no traffic or weight that no record allowed. */
    private void checkEffects(State before, int from) {
      Obligations.everyEffectWasAdmitted(world, from);
      List<FakePlatform.Applied> applied = world.platform.applied();
      for (FakePlatform.Applied a : applied.subList(from, applied.size())) {
        if (a.effect() instanceof Effect.SetRoute set) {
          for (Backend backend : set.route().backends()) {
            boolean canary = backend.workload().mode() == Mode.CANARY;
            assertThat(admitted(before, backend.workload()))
                .as("traffic to %s was admitted", name(backend.workload()))
                .isTrue();
            assertThat(canary ? backend.weight() : 0)
                .as("weight of %s", name(backend.workload()))
                .isLessThanOrEqualTo(allowedWeight(before, backend.workload()));
          }
        }
      }
    }

    private static boolean admitted(State state, Workload workload) {
      return state.admitted().wants(workload)
          || state.underWay().filter(u -> u.transition().after().wants(workload)).isPresent();
    }

    private static int allowedWeight(State state, Workload canary) {
      int now = weight(state.admitted(), canary);
      int underWay = state.underWay().map(u -> weight(u.transition().after(), canary)).orElse(0);
      return Math.max(now, underWay);
    }

    private static int weight(Admitted admitted, Workload canary) {
      return admitted
          .candidate()
          .filter(c -> c.workload().equals(canary))
          .map(Candidate::weight)
          .orElse(0);
    }

    /** What served before a tick serves after it, unless it is to go. */
    private void checkService(State before, boolean served) {
      boolean goes = tearsDown(before) || tearsDown(world.state());
      boolean unrecorded =
          world.loop.view().filter(v -> v.plan().rule().equals("teardown")).isPresent();
      if (served && !goes && !unrecorded) {
        assertThat(world.platform.serves()).as("it serves after the tick").isTrue();
      }
    }

    private static boolean tearsDown(State state) {
      return state.underWay().filter(u -> u.transition().after().nothing()).isPresent();
    }

    // ---- the end ----

    private void calm() {
      tell("all is calm");
      heal();
      world.platform.portsMove(false);
      LETTERS.forEach(letter -> world.platform.well(id(letter)));
      world.policy.allow();
      world.policy.grants(true);
      world.audit.full(false);
      world.crashPoints = CrashPoints.NONE;
      world.unresolved = false;
      world.declare(s -> s.paused(false));
    }

    private void converge() {
      Instant end = world.clock.instant().plus(QUIET);
      int quiet = 0;
      Instant quietSince = world.clock.instant();
      while (quiet < 30 || world.clock.instant().isBefore(quietSince.plus(STILL))) {
        if (world.clock.instant().isAfter(end)) {
          throw new AssertionError("it does not converge");
        }
        int lines = world.lines.size();
        int effects = world.platform.applied().size();
        tick();
        boolean still = world.lines.size() == lines && world.platform.applied().size() == effects;
        quiet = still && isAnEnd() ? quiet + 1 : 0;
        quietSince = quiet == 0 ? world.clock.instant() : quietSince;
        if (world.next().after().isZero()) {
          world.clock.advance(Duration.ofMillis(1));
        }
        world.pass();
      }
      checkEnd();
    }

    private boolean isAnEnd() {
      return switch (world.plan().rule()) {
        case "converged", "refused", "unfit", "torn-down" -> true;
        case "hold" -> world.plan().why().contains("mode is canary");
        default -> false;
      };
    }

    private void checkEnd() {
      State state = world.state();
      Obligations.everyTransitionIsDecidedAndEndsOnce(world);
      assertThat(state.underWay()).isEmpty();
      assertThat(state.retreatDue()).isEmpty();
      assertThat(state.request()).isEmpty();
      assertThat(
              Convergence.back(state.admitted(), world.platform.observe(), world.clock.instant())
                  .done())
          .as("what was admitted is there")
          .isTrue();
      assertThat(world.platform.serves()).isEqualTo(state.admitted().stable().isPresent());
      switch (world.plan().rule()) {
        case "converged" ->
            assertThat(state.admitted().stable().orElseThrow().id())
                .isEqualTo(id(world.spec.letter()));
        case "hold" ->
            assertThat(state.admitted().candidate().orElseThrow().id())
                .isEqualTo(id(world.spec.letter()));
        case "refused" -> assertThat(state.refused()).containsKey(id(world.spec.letter()));
        case "torn-down" -> assertThat(state.admitted()).isEqualTo(Admitted.NOTHING);
        default -> {} // unfit: told by its own state
      }
      boolean unfit =
          state
              .unfit()
              .filter(u -> u.specDigest().equals(Desires.digest(world.spec.spec())))
              .isPresent();
      if (state.admitted().stable().isPresent() && !unfit) {
        assertThat(state.admitted().proxy().orElseThrow().port().number())
            .isEqualTo(world.spec.port());
      }
    }

    private static String name(Workload workload) {
      return lettered(workload.name());
    }

    private <T> T pick(List<T> of) {
      return of.get(random.nextInt(of.size()));
    }
  }
}
