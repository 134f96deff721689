package swiftdeploy.switches_test

import data.swiftdeploy.switches

settings(entry) := result if {
	result := switches.settings("a_guard") with input as {"transition": {"kind": "deploy"}}
		with data.swiftdeploy.optional as {"a_guard": entry}
}

found(optional) := violations if {
	violations := switches.violations with data.swiftdeploy.optional as optional
}

on := {"enabled": true, "transitions": ["deploy"], "more": 1}

test_on if settings(on) == on

test_off[name] if {
	some name, entry in {
		"switched off": object.union(on, {"enabled": false}),
		"for other transitions": object.union(on, {"transitions": ["canary"]}),
		"for none": object.union(on, {"transitions": []}),
		"null": null,
	}
	not settings(entry)
}

test_what_somebody_added_is_off_only_if_data_says_so if {
	switches.off("a_guard") with data.swiftdeploy.optional as {"a_guard": {"enabled": false}}
	every optional in [{}, null, {"a_guard": null}, {"a_guard": on}, {"a_guard": {"enabled": "no"}}] {
		not switches.off("a_guard") with data.swiftdeploy.optional as optional
	}
}

test_off_without_a_transition[name] if {
	some i, document in [{}, {"transition": null}, {"transition": {"kind": ["deploy"]}}, [], "x"]
	name := $"{i}"
	not switches.settings("a_guard") with input as document with data.swiftdeploy.optional as {"a_guard": on}
}

test_nothing_optional_is_fine if {
	count(found({})) == 0
	count(found({"a_guard": on, "b_guard": object.union(on, {"enabled": false})})) == 0
}

test_a_switch_that_can_not_be_read_denies[name] if {
	some name, case in {
		"enabled as a text": {"optional": {"g": {"enabled": "yes", "transitions": []}}, "message": "Switch invalid: g.enabled in the policy's data is a string, a boolean expected"},
		"enabled missing": {"optional": {"g": {"transitions": []}}, "message": "Switch invalid: g.enabled in the policy's data is missing, a boolean expected"},
		"transitions as a text": {"optional": {"g": {"enabled": true, "transitions": "deploy"}}, "message": "Switch invalid: g.transitions in the policy's data is a string, an array expected"},
		"transitions missing": {"optional": {"g": {"enabled": true}}, "message": "Switch invalid: g.transitions in the policy's data is missing, an array expected"},
		"no object": {"optional": {"g": true}, "message": "Switch invalid: g in the policy's data is a boolean, an object expected"},
		"null": {"optional": {"g": null}, "message": "Switch invalid: g in the policy's data is missing, an object expected"},
		"an array of them": {"optional": [on], "message": "Switch invalid: optional in the policy's data is an array, an object expected"},
		"null for all": {"optional": null, "message": "Switch invalid: optional in the policy's data is missing, an object expected"},
	}
	violations := found(case.optional)
	{violation.message | some violation in violations} == {case.message}
	every violation in violations {
		violation.code == "switch_invalid"
		violation.severity == "block"
	}
}
