package swiftdeploy.retreat_test

import data.swiftdeploy.fixtures
import data.swiftdeploy.retreat

granted(document, terms) := grants if {
	grants := retreat.grants with input as document
		with data.swiftdeploy.grants as terms
		with data.swiftdeploy.protected_label as fixtures.protected_label
}

found(terms) := violations if {
	violations := retreat.violations with input as fixtures.inputs.deploy
		with data.swiftdeploy.grants as terms
}

kinds(grants) := [grant.kind | some grant in grants]

back := {
	"kind": "rollback",
	"subject": "ba9876543210",
	"to": "0123456789ab",
	"on": ["person", "spec", "unhealthy"],
	"unavailable_for_seconds": 60,
}

test_a_canary_is_granted_its_rollback if {
	granted(fixtures.inputs.canary, fixtures.grants) == [back]
}

test_a_deploy_is_granted_its_rollback_and_its_teardown if {
	granted(fixtures.inputs.deploy, fixtures.grants) == [back, {
		"kind": "teardown",
		"subject": "ba9876543210",
		"to": null,
		"on": ["person", "spec"],
		"unavailable_for_seconds": null,
	}]
}

test_a_first_deploy_may_go_back_to_nothing if {
	grants := granted(fixtures.with_values("deploy", {"/transition/from": null}), fixtures.grants)
	grants[0].to == null
}

test_a_rollback_to_an_earlier_release_is_granted_its_own_retreat if {
	document := fixtures.with_values("rollback", {
		"/transition/cause": "person",
		"/transition/from/mode": "stable",
	})
	granted(document, fixtures.grants) == [object.union(back, {"subject": "0123456789ab", "to": "ba9876543210"})]
}

test_no_grant_for_other_retreats[name] if {
	some name, document in {
		"a candidate's": fixtures.with_values("rollback", {"/transition/cause": "person"}),
		"an unhealthy deploy's": fixtures.with_values("rollback", {
			"/transition/cause": "unhealthy",
			"/transition/from/mode": "stable",
		}),
		"to nothing": fixtures.with_values("rollback", {
			"/transition/cause": "person",
			"/transition/from/mode": "stable",
			"/transition/to": null,
		}),
		"from nothing": fixtures.with_values("rollback", {"/transition/cause": "person", "/transition/from": null}),
		"none at all": {},
	}
	granted(document, fixtures.grants) == []
}

test_no_grant_for_what_brings_in_no_release[kind] if {
	some kind in ["advance", "promote", "configure", "teardown"]
	granted(fixtures.inputs[kind], fixtures.grants) == []
}

test_no_grant_for_what_a_person_asks_of_a_release_that_is_there[kind] if {
	some kind in ["advance", "promote", "configure", "teardown"]
	granted(fixtures.with_values(kind, {"/transition/cause": "person"}), fixtures.grants) == []
}

test_teardown_withheld_by_data if {
	kinds(granted(fixtures.inputs.deploy, object.union(fixtures.grants, {"teardown": false}))) == ["rollback"]
}

test_teardown_withheld_by_label if {
	document := fixtures.with_values("deploy", {"/resource/labels": {"swiftdeploy.dev/protected": "true"}})
	kinds(granted(document, fixtures.grants)) == ["rollback"]
}

test_terms_are_data if {
	terms := object.union(fixtures.grants, {"retreat_on": ["unhealthy"], "unavailable_for_seconds": null})
	granted(fixtures.inputs.canary, terms) == [object.union(back, {"on": ["unhealthy"], "unavailable_for_seconds": null})]
}

test_terms_at_their_bounds[name] if {
	some name, change in {
		"a second": {"unavailable_for_seconds": 1},
		"thirty days": {"unavailable_for_seconds": 2592000},
		"one cause": {"teardown_on": ["person"]},
	}
	count(found(object.union(fixtures.grants, change))) == 0
}

test_terms_that_can_not_be_read_deny if {
	every name, change in {
		"no second": {"unavailable_for_seconds": 0},
		"half a second": {"unavailable_for_seconds": 1.5},
		"more than thirty days": {"unavailable_for_seconds": 2592001},
		"a text of seconds": {"unavailable_for_seconds": "60"},
		"no causes": {"retreat_on": []},
		"too many causes": {"retreat_on": ["person", "spec", "unhealthy", "spec"]},
		"a cause nobody knows": {"teardown_on": ["weather"]},
		"a cause that is no text": {"teardown_on": [1]},
		"a cause alone": {"teardown_on": "person"},
		"causes as an object": {"retreat_on": {"a": "person"}},
		"causes null": {"retreat_on": null},
		"teardown null": {"teardown": null},
		"teardown as a text": {"teardown": "true"},
	} {
		print(name)
		terms := object.union(fixtures.grants, change)
		{[violation.code, violation.severity] | some violation in found(terms)} == {["grants_invalid", "block"]}
		granted(fixtures.inputs.deploy, terms) == []
	}
}

test_no_terms_at_all_deny[name] if {
	some i, terms in [null, [], "x", 5, {}]
	name := $"{i}"
	count(found(terms)) > 0
	granted(fixtures.inputs.deploy, terms) == []
}

test_invalid_terms_are_named if {
	violations := found(object.union(fixtures.grants, {"unavailable_for_seconds": 0}))
	{violation.message | some violation in violations} == {"Grants invalid: unavailable_for_seconds in the policy's data is not what is expected: a whole number from 1 to 30 days, or null for never"}
}
