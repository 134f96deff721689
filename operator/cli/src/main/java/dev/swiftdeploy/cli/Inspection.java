package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.FileHistory;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.loop.Declared;
import dev.swiftdeploy.core.loop.Desires;
import dev.swiftdeploy.core.loop.Ports;
import dev.swiftdeploy.core.loop.ReleaseLoop;
import dev.swiftdeploy.core.loop.Reviewer;
import dev.swiftdeploy.core.plan.Desired;
import dev.swiftdeploy.core.plan.Plan;
import dev.swiftdeploy.core.plan.PlanInput;
import dev.swiftdeploy.core.plan.Planner;
import dev.swiftdeploy.core.plan.Step;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.core.status.StatusProjector;
import dev.swiftdeploy.local.daemon.Workspace;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** Looks at one resource as a tick would, asks policy if the plan would, and changes nothing. */
final class Inspection {
  private Inspection() {}

  /** What was seen. */
  record Seen(ReleaseLoop.View view, Status status, Optional<Entry.Decided> wouldBe) {}

  /**
   * Looks.
   *
   * @param ask also ask policy what it would say
   */
  static Seen look(Workspace workspace, Resource resource, boolean ask) {
    FileHistory history = FileHistory.read(workspace.history());
    State state = history.state(resource.name());
    Actor actor = ChainWriter.actor();
    ReadOnlyAudit audit = new ReadOnlyAudit(history);
    try (Wiring.Parts parts =
        ask
            ? Wiring.lookAndAsk(PlatformChoice.of(workspace), resource, audit)
            : Wiring.look(workspace, resource, audit)) {
      Ports ports = parts.ports();
      Observation observation = parts.observe();
      Declared declared = new Declared(resource, OptionalLong.empty(), false, actor);
      Desired desired = new Desires(ports.resolver()).of(declared, state);
      Plan plan =
          Planner.plan(
              new PlanInput(
                  desired,
                  state,
                  observation,
                  Optional.empty(),
                  state.startedAt().orElse(Instant.EPOCH),
                  ports.clock().instant()));
      Optional<Entry.Decided> wouldBe = Optional.empty();
      if (ask && plan.step() instanceof Step.Propose propose) {
        wouldBe =
            Optional.of(
                new Reviewer(ports)
                    .review(
                        propose.transition(),
                        false,
                        desired,
                        state,
                        actor,
                        state.failedReviews(),
                        0));
      }
      ReleaseLoop.View view =
          new ReleaseLoop.View(
              desired,
              state,
              observation,
              plan,
              wouldBe,
              Optional.empty(),
              history.damage(),
              ports.policy().revision(),
              Optional.empty());
      Chain.Head head = history.head();
      Status status =
          StatusProjector.project(view, ports.platform().name(), ports.policy().name(), head);
      return new Seen(view, status, wouldBe);
    }
  }
}
