package dev.swiftdeploy.core.plan;

import dev.swiftdeploy.core.audit.HeldGrant;
import dev.swiftdeploy.core.platform.Effect;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What the loop is to do in one tick. */
public sealed interface Step {

  /** For plans and people. */
  String text();

  /**
   * Ask policy.
   *
   * @param enact false: only to know what policy would say; nothing follows from an allow
   * @param every how often to ask again while it isn't enacted
   */
  record Propose(Transition transition, boolean enact, Duration every) implements Step {
    @Override
    public String text() {
      return (enact ? "propose " : "review ") + transition.label();
    }
  }

  /** Begin a retreat that an earlier decision granted. */
  record UseGrant(Transition transition, HeldGrant grant) implements Step {
    @Override
    public String text() {
      return transition.label() + " as granted by " + grant.decisionId();
    }
  }

  /** Carry on with what is under way. */
  record Act(List<Effect> effects) implements Step {
    public Act {
      effects = List.copyOf(effects);
    }

    @Override
    public String text() {
      return String.join(", ", effects.stream().map(Effect::text).toList());
    }
  }

  /** What is under way has ended as it should. */
  record Succeed() implements Step {
    @Override
    public String text() {
      return "record applied";
    }
  }

  /** What is under way is given up. */
  record GiveUp(String reason, String message, Optional<Refusal> refuses) implements Step {
    @Override
    public String text() {
      return "record failed: " + reason;
    }
  }

  /** Restore what was admitted. */
  record Repair(List<String> found, List<Effect> effects) implements Step {
    public Repair {
      found = List.copyOf(found);
      effects = List.copyOf(effects);
    }

    @Override
    public String text() {
      return String.join(", ", effects.stream().map(Effect::text).toList());
    }
  }

  /** A request that can't be carried out. */
  record Dismiss(Request request, String message) implements Step {
    @Override
    public String text() {
      return "dismiss request " + request.kind().word();
    }
  }

  /**
   * Something has to happen first; look again after that time.
   *
   * @param shown what is waited for shows in what runs: where changes of it are told, they call
   *     earlier, and there is nothing to see before
   */
  record Wait(Duration after, boolean shown) implements Step {
    /** For something that nothing tells of. */
    public static Wait until(Duration after) {
      return new Wait(after, false);
    }

    /** For something that shows in what runs. */
    public static Wait shown(Duration after) {
      return new Wait(after, true);
    }

    @Override
    public String text() {
      return "wait";
    }
  }

  /** As it should be, as far as the spec may be followed; look again when something changes. */
  record Rest() implements Step {
    @Override
    public String text() {
      return "rest";
    }
  }
}
