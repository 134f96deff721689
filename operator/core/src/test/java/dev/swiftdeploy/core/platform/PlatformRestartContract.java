package dev.swiftdeploy.core.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.platform.Instance.State;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.RestartPolicy;
import org.junit.jupiter.api.Test;

/**
 * What a {@link Platform} does besides that has instances started again only by effects. Where an
 * engine does it by itself, it counts and waits as it sees fit.
 */
public abstract class PlatformRestartContract extends PlatformContract {
  protected PlatformRestartContract() {}

  @Test
  void anInstanceThatBacksOffIsNotStarted() {
    Workload workload = stable(world.ending(3, RestartPolicy.UNLESS_STOPPED));
    apply(new Effect.StartWorkload(workload, 1));
    awaitSeen("the back-off", in(workload, 0, State.BACKING_OFF));

    apply(new Effect.StartWorkload(workload, 1));

    assertThat(instance(workload, 0).restarts()).isZero();
    assertThat(instance(workload, 0).detail()).get().asString().contains("3");
  }

  @Test
  void aPolicyOfOnFailureAsksHowItEnded() {
    Workload good = stable(world.ending(0, RestartPolicy.ON_FAILURE));
    Workload bad = stable(world.ending(3, RestartPolicy.ON_FAILURE));
    apply(new Effect.StartWorkload(good, 1));
    apply(new Effect.StartWorkload(bad, 1));

    awaitSeen("the good one to be left", in(good, 0, State.COMPLETED));
    awaitSeen("the bad one to be due again", in(bad, 0, State.EXITED));
  }
}
