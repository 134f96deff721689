package swiftdeploy.guards.bake_time_test

import data.swiftdeploy.fixtures
import data.swiftdeploy.guards.bake_time

found(document, settings) := violations if {
	violations := bake_time.violations with input as document
		with data.swiftdeploy.optional as {"bake_time": object.union(on, settings)}
}

on := object.union(fixtures.optional.bake_time, {"enabled": true})

# Of those that deny: a warning would let pass what it is to keep out.
codes(violations) := {violation.code | some violation in violations; violation.severity == "block"}

served(kind, seconds) := fixtures.with_values(kind, {"/history/candidate_seconds": seconds})

skipping(kind) := fixtures.with_values(kind, {"/transition/skips_hold": true})

test_off_by_default if {
	count(found(served("promote", 0), {"enabled": false})) == 0
	count(found(skipping("promote"), {"enabled": false})) == 0
	count(found(served("promote", null), {"enabled": false})) == 0
}

test_bake_time[name] if {
	some name, case in {
		"exactly the threshold": {"seconds": 600, "codes": set()},
		"a second more": {"seconds": 601, "codes": set()},
		"a second less": {"seconds": 599, "codes": {"bake_time_too_short"}},
		"none": {"seconds": 0, "codes": {"bake_time_too_short"}},
	}
	codes(found(served("promote", case.seconds), {})) == case.codes
}

test_told if {
	found(served("promote", 120), {}) == {{
		"code": "bake_time_too_short",
		"message": "Baked too short: 120 s, at least 600 s",
		"policy": "bake_time",
		"severity": "block",
		"observed": 120,
		"threshold": 600,
	}}
}

test_a_step_may_come_before_the_time_is_over[name] if {
	some name, seconds in {"too short": 5, "not known": null}
	count(found(served("advance", seconds), {})) == 0
}

test_time_served_has_to_be_known[name] if {
	some name, case in {
		"history missing": {"document": fixtures.without("promote", "/history"), "code": "evidence_missing"},
		"missing": {"document": fixtures.without("promote", "/history/candidate_seconds"), "code": "evidence_missing"},
		"null": {"document": served("promote", null), "code": "evidence_missing"},
		"no history": {"document": fixtures.with_values("promote", {"/history": null}), "code": "evidence_missing"},
		"a text": {"document": served("promote", "600"), "code": "evidence_invalid"},
		"negative": {"document": served("promote", -1), "code": "evidence_invalid"},
		"a history that is none": {"document": fixtures.with_values("promote", {"/history": []}), "code": "evidence_invalid"},
	}
	codes(found(case.document, {})) == {case.code}
}

test_a_hold_is_not_skipped[kind] if {
	some kind in ["advance", "promote"]
	messages := {violation.message | some violation in found(skipping(kind), {})}
	messages == {"Hold skipped: this step is to be held to its end"}
}

test_a_hold_may_be_skipped_if_data_says_so if count(found(skipping("promote"), {"may_skip_hold": true})) == 0

test_whether_a_hold_is_skipped_has_to_be_known[name] if {
	some i, value in fixtures.junk
	name := $"{i}"
	codes(found(fixtures.with_values("promote", {"/transition/skips_hold": value}), {})) == {"hold_skipped"}
}

test_settings_that_can_not_be_read_deny[name] if {
	some name, settings in {
		"seconds null": {"min_candidate_seconds": null},
		"seconds as a text": {"min_candidate_seconds": "600"},
		"seconds negative": {"min_candidate_seconds": -1},
		"skip null": {"may_skip_hold": null},
		"skip as a text": {"may_skip_hold": "no"},
	}
	codes(found(fixtures.inputs.promote, settings)) == {"bake_time_invalid"}
}

test_nothing_is_asked_of_no_transition[name] if {
	some i, document in [{}, null, [], {"transition": null}]
	name := $"{i}"
	count(found(document, {})) == 0
}

test_retreats_are_not_held_up[kind] if {
	some kind in ["rollback", "teardown"]
	count(found(skipping(kind), {})) == 0
}
