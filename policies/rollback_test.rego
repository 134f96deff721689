package swiftdeploy.rollback_test

import data.swiftdeploy.fixtures
import data.swiftdeploy.rollback

same := fixtures.with_values("rollback", {
	"/transition/cause": "person",
	"/transition/from": fixtures.stable,
	"/transition/to": fixtures.stable,
})

test_back_to_another_release if count(rollback.violations) == 0 with input as fixtures.inputs.rollback

test_back_to_nothing if {
	document := fixtures.with_values("rollback", {"/transition/to": null, "/transition/cause": "person"})
	count(rollback.violations) == 0 with input as document
}

test_back_from_a_canary_of_the_same_release if {
	canary_of_stable := object.union(fixtures.stable, {"mode": "canary"})
	document := json.patch(same, [{"op": "add", "path": "/transition/from", "value": canary_of_stable}])
	count(rollback.violations) == 0 with input as document
}

test_nowhere_to_go_back_to if {
	violations := rollback.violations with input as same
	violations == {{
		"code": "nothing_to_roll_back",
		"message": "Nothing to roll back: what runs is what it would go back to",
		"policy": "rollback",
		"severity": "block",
		"observed": "0123456789ab",
		"threshold": null,
	}}
}

test_nothing_back_to_nothing if {
	document := fixtures.with_values("rollback", {
		"/transition/cause": "person",
		"/transition/from": null,
		"/transition/to": null,
	})
	violations := rollback.violations with input as document
	{violation.code | some violation in violations} == {"nothing_to_roll_back"}
}

test_no_transition_leads_nowhere[name] if {
	some i, document in [{}, [], null, {"transition": null}]
	name := $"{i}"
	count(rollback.violations) == 1 with input as document
}

test_retreats_of_its_own_are_never_held_up[cause] if {
	some cause in ["policy", "spec", "unavailable_for", "unhealthy"]
	document := json.patch(same, [{"op": "add", "path": "/transition/cause", "value": cause}])
	count(rollback.violations) == 0 with input as document
}

test_a_cause_that_is_none_excuses_nothing[name] if {
	some i, cause in fixtures.junk
	name := $"{i}"
	document := json.patch(same, [{"op": "add", "path": "/transition/cause", "value": cause}])
	count(rollback.violations) == 1 with input as document
}
