package dev.swiftdeploy.core.plan;

import java.util.Optional;
import java.util.function.Function;

/** One row of the planner's table: answers, or leaves it to the rules after it. */
record Rule(String name, Function<PlanInput, Optional<Rule.Answer>> body) {

  /** What a rule answers; its name completes it to a {@link Plan}. */
  record Answer(Standing standing, String why, Step step) {}

  Optional<Plan> plan(PlanInput in) {
    return body.apply(in).map(a -> new Plan(name, a.standing(), a.why(), a.step()));
  }

  static Optional<Answer> answer(Standing standing, String why, Step step) {
    return Optional.of(new Answer(standing, why, step));
  }
}
