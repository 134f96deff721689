package dev.swiftdeploy.core.plan;

import java.util.List;
import java.util.Optional;

/**
 * Says what is next. Pure: {@code (spec, state, observation, now) → plan}. The rules are tried in
 * their order and the first that answers wins; {@code docs/architecture.md} tells each row.
 */
public final class Planner {
  static final List<Rule> RULES =
      List.of(
          // what is under way, and what failed
          new Rule("state-lost", UnderWayRules::stateLost),
          new Rule("retreat-due", UnderWayRules::retreatGranted),
          new Rule("under-way-overtaken", UnderWayRules::overtaken),
          new Rule("under-way-unhealthy", UnderWayRules::unhealthy),
          new Rule("under-way-expired", UnderWayRules::expired),
          new Rule("under-way", UnderWayRules::carryOn),
          // a candidate that must go, whatever else is asked
          new Rule("candidate-unhealthy", CandidateRules::unhealthyGranted),
          // what was admitted is kept as it was admitted, also while policy is asked in vain
          new Rule("repair", KeepRules::repair),
          new Rule("retreat-asked", UnderWayRules::retreatAsked),
          new Rule("candidate-unhealthy-asked", CandidateRules::unhealthyAsked),
          // what a person asks
          new Rule("teardown", RequestRules::teardown),
          new Rule("request-unusable", RequestRules::unusable),
          new Rule("torn-down", RequestRules::tornDown),
          new Rule("rollback-candidate", RequestRules::rollbackCandidate),
          new Rule("rollback-stable", RequestRules::rollbackStable),
          // what policy ordered
          new Rule("rollback-ordered", CandidateRules::ordered),
          // what the spec says; while it can't be followed, policy isn't asked
          new Rule("unresolved", SpecRules::unresolved),
          new Rule("paused", SpecRules::paused),
          new Rule("policy-unavailable", CandidateRules::unavailable),
          new Rule("candidate-unwanted", CandidateRules::unwanted),
          new Rule("configure", SpecRules::configure),
          new Rule("refused", SpecRules::refused),
          new Rule("first-deploy", SpecRules::firstDeploy),
          new Rule("promote-now", CandidateRules::promoteNow),
          new Rule("promote-back", CandidateRules::promoteBack),
          new Rule("hold", CandidateRules::hold),
          new Rule("advance", CandidateRules::advance),
          new Rule("promote", CandidateRules::promote),
          new Rule("replace", SpecRules::replace),
          new Rule("canary", SpecRules::canary),
          new Rule("mode-canary", SpecRules::modeCanary),
          // nothing to do
          new Rule("repair-again", KeepRules::repairAgain),
          new Rule("unfit", KeepRules::unfit),
          new Rule("degraded", KeepRules::degraded),
          new Rule("converged", KeepRules::converged));

  private Planner() {}

  /** The plan for this moment. */
  public static Plan plan(PlanInput in) {
    return RULES.stream()
        .map(rule -> rule.plan(in))
        .flatMap(Optional::stream)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no rule answers " + in));
  }
}
