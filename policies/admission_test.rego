package swiftdeploy.admission_test

import data.swiftdeploy.admission
import data.swiftdeploy.fixtures

decided(document) := decision if {
	decision := admission.decision with input as document
		with data.swiftdeploy.switches.off as fixtures.off
		with data.swiftdeploy.thresholds as fixtures.thresholds
		with data.swiftdeploy.required_evidence as fixtures.required_evidence
		with data.swiftdeploy.grants as fixtures.grants
		with data.swiftdeploy.protected_label as fixtures.protected_label
		with data.swiftdeploy.optional as fixtures.optional
}

codes(decision) := [violation.code | some violation in decision.violations]

# What every decision is, whatever it says.
complete(decision) if {
	object.keys(decision) == {"allow", "violations", "rollback", "failed_review", "grants"}
	is_boolean(decision.allow)
	is_boolean(decision.rollback)
	is_boolean(decision.failed_review)
	is_array(decision.violations)
	is_array(decision.grants)
	every violation in decision.violations {
		object.keys(violation) == {"code", "message", "policy", "severity", "observed", "threshold"}
		is_string(violation.code)
		is_string(violation.message)
		not contains(violation.message, "<undefined>")
	}
}

denies(decision) if {
	complete(decision)
	decision.allow == false
	decision.grants == []
	count(decision.violations) > 0
}

default one_of(_, _) := false

one_of(x, list) if x in list

kinds := ["deploy", "canary", "advance", "promote", "configure", "rollback", "teardown"]

test_each_kind_is_allowed if {
	every kind in kinds {
		print(kind)
		decision := decided(fixtures.inputs[kind])
		complete(decision)
		decision.allow
		decision.violations == []
		decision.rollback == false
		decision.failed_review == false
	}
}

test_grants_come_with_what_brings_in_a_release if {
	{kind: grants | some kind in kinds; grants := [grant.kind | some grant in decided(fixtures.inputs[kind]).grants]} == {
		"deploy": ["rollback", "teardown"],
		"canary": ["rollback"],
		"advance": [],
		"promote": [],
		"configure": [],
		"rollback": [],
		"teardown": [],
	}
}

test_each_kind_is_asked_its_own_question if {
	full := {"disk_free_bytes": 1, "cpus": 1, "cpu_load_1m": 50, "memory_used_percent": 99}
	slow := object.union(fixtures.metrics, {"p99_ms": 900, "error_rate": 0.5})
	every kind, expected in {
		"deploy": ["disk_below_threshold", "load_per_cpu_too_high", "memory_used_too_high"],
		"canary": ["disk_below_threshold", "load_per_cpu_too_high", "memory_used_too_high"],
		"configure": ["disk_below_threshold", "load_per_cpu_too_high", "memory_used_too_high"],
		"advance": ["error_rate_too_high", "latency_too_high"],
		"promote": ["error_rate_too_high", "latency_too_high"],
		"rollback": [],
		"teardown": [],
	} {
		print(kind)
		document := fixtures.with_values(kind, {"/host": full, "/metrics/candidate": slow})
		decision := decided(document)
		codes(decision) == expected
		decision.allow == one_of([], [expected])
	}
}

test_teardown_of_a_protected_resource_is_denied if {
	document := fixtures.with_values("teardown", {"/resource/labels": {"swiftdeploy.dev/protected": "true"}})
	codes(decided(document)) == ["teardown_protected"]
}

test_going_back_to_where_one_is_is_denied if {
	document := fixtures.with_values("rollback", {
		"/transition/cause": "person",
		"/transition/from": fixtures.stable,
	})
	codes(decided(document)) == ["nothing_to_roll_back"]
}

test_a_denied_deploy_grants_nothing if {
	denies(decided(fixtures.with_values("deploy", {"/host/disk_free_bytes": 0})))
}

test_rollback_is_ordered_by_reviews_of_a_candidate_alone if {
	every kind in kinds {
		print(kind)
		decision := decided(fixtures.with_values(kind, {
			"/metrics/candidate/error_rate": 0.5,
			"/history/failed_reviews": 11,
		}))
		decision.failed_review == one_of(kind, ["advance", "promote"])
		decision.rollback == decision.failed_review
	}
}

test_a_warning_does_not_deny if {
	decision := decided(fixtures.with_values("deploy", {"/resource/thresholds": {"min_disk_free_gb": 1}}))
	decision.allow
	codes(decision) == ["manifest_threshold_looser"]
	count(decision.grants) == 2
}

test_a_stricter_threshold_of_the_manifest_holds if {
	decision := decided(fixtures.with_values("deploy", {"/resource/thresholds": {"min_disk_free_gb": 60}}))
	decision.violations[0].message == "Disk below threshold: 50 GB free, 60 GB required"
}

test_a_looser_threshold_of_the_manifest_does_not if {
	decision := decided(fixtures.with_values("deploy", {
		"/resource/thresholds": {"min_disk_free_gb": 1},
		"/host/disk_free_bytes": 5000000000,
	}))
	codes(decision) == ["disk_below_threshold", "manifest_threshold_looser"]
	decision.allow == false
}

test_broken_thresholds_deny_what_leads_forward_alone if {
	every kind in kinds {
		print(kind)
		decision := admission.decision with input as fixtures.inputs[kind]
			with data.swiftdeploy.switches.off as fixtures.off
			with data.swiftdeploy.thresholds as object.union(fixtures.thresholds, {"max_p99_ms": "fast"})
			with data.swiftdeploy.required_evidence as fixtures.required_evidence
			with data.swiftdeploy.grants as fixtures.grants
			with data.swiftdeploy.protected_label as null
			with data.swiftdeploy.optional as fixtures.optional
		decision.allow == one_of(kind, ["rollback", "teardown"])
	}
}

# What is asked about one kind alone does not get in the way of another.
test_broken_grants_deny_what_comes_with_grants_alone if {
	every kind in kinds {
		print(kind)
		decision := admission.decision with input as fixtures.inputs[kind]
			with data.swiftdeploy.switches.off as fixtures.off
			with data.swiftdeploy.thresholds as fixtures.thresholds
			with data.swiftdeploy.required_evidence as fixtures.required_evidence
			with data.swiftdeploy.grants as null
			with data.swiftdeploy.protected_label as fixtures.protected_label
			with data.swiftdeploy.optional as fixtures.optional
		decision.allow == one_of(kind, ["advance", "promote", "configure", "rollback", "teardown"])
	}
}

test_a_broken_switch_denies_what_leads_forward_alone if {
	every kind in kinds {
		print(kind)
		decision := admission.decision with input as fixtures.inputs[kind]
			with data.swiftdeploy.switches.off as fixtures.off
			with data.swiftdeploy.thresholds as fixtures.thresholds
			with data.swiftdeploy.required_evidence as fixtures.required_evidence
			with data.swiftdeploy.grants as fixtures.grants
			with data.swiftdeploy.protected_label as fixtures.protected_label
			with data.swiftdeploy.optional as null
		decision.allow == one_of(kind, ["rollback", "teardown"])
	}
}

test_protection_is_from_teardown_alone if {
	every kind in kinds {
		print(kind)
		document := fixtures.with_values(kind, {"/resource/labels": {"swiftdeploy.dev/protected": "true"}})
		decided(document).allow == one_of(kind, ["deploy", "canary", "advance", "promote", "configure", "rollback"])
	}
}

test_a_person_may_configure_what_runs if {
	decided(fixtures.with_values("configure", {"/transition/cause": "person"})).allow
}

test_no_data_at_all_denies_what_leads_forward if {
	every kind in ["deploy", "canary", "advance", "promote", "configure"] {
		print(kind)
		decision := admission.decision with input as fixtures.inputs[kind]
			with data.swiftdeploy.switches.off as fixtures.off
			with data.swiftdeploy.thresholds as null
			with data.swiftdeploy.required_evidence as null
			with data.swiftdeploy.grants as null
			with data.swiftdeploy.protected_label as null
			with data.swiftdeploy.optional as null
		denies(decision)
	}
}

test_blocking_ones_come_first_then_by_policy_and_code if {
	decision := decided(fixtures.with_values("deploy", {
		"/resource/thresholds": {"max_p99_ms": 900, "nonsense": 1},
		"/host/disk_free_bytes": 1,
		"/host/memory_used_percent": 99,
		"/version": "v0",
	}))
	codes(decision) == [
		"input_version_unknown",
		"disk_below_threshold",
		"memory_used_too_high",
		"manifest_threshold_unknown",
		"manifest_threshold_looser",
	]
}

test_no_more_violations_than_a_reader_takes if {
	node := {"disk_free_bytes": 1, "cpus": 1, "cpu_load_1m": 9, "memory_used_percent": 99}
	nodes := [node | some _ in numbers.range(1, 34)]
	decision := decided(fixtures.with_values("deploy", {"/nodes": nodes}))
	denies(decision)
	count(decision.violations) == 100
}

test_an_unknown_kind_is_denied if {
	every name, document in {
		"missing": fixtures.without("deploy", "/transition/kind"),
		"null": fixtures.with_values("deploy", {"/transition/kind": null}),
		"another word": fixtures.with_values("deploy", {"/transition/kind": "destroy"}),
		"capitals": fixtures.with_values("deploy", {"/transition/kind": "Deploy"}),
		"an array": fixtures.with_values("deploy", {"/transition/kind": ["deploy"]}),
		"a number": fixtures.with_values("deploy", {"/transition/kind": 1}),
	} {
		print(name)
		decision := decided(document)
		denies(decision)
		codes(decision) == ["transition_kind_unknown"]
	}
}

test_another_version_of_the_input_is_denied if {
	every kind in kinds {
		every how, document in {
			"missing": fixtures.without(kind, "/version"),
			"null": fixtures.with_values(kind, {"/version": null}),
			"another": fixtures.with_values(kind, {"/version": "swiftdeploy.dev/input/v2"}),
		} {
			name := $"{kind} {how}"
			print(name)
			decision := decided(document)
			denies(decision)
			codes(decision) == ["input_version_unknown"]
		}
	}
}

test_a_resource_without_a_name_is_denied if {
	every how, document in {
		"no resource": fixtures.without("rollback", "/resource"),
		"null": fixtures.with_values("rollback", {"/resource": null}),
		"an array": fixtures.with_values("rollback", {"/resource": []}),
		"no name": fixtures.without("rollback", "/resource/name"),
		"an empty name": fixtures.with_values("rollback", {"/resource/name": ""}),
		"a name that is no text": fixtures.with_values("rollback", {"/resource/name": 5}),
	} {
		name := how
		print(name)
		decision := decided(document)
		denies(decision)
		codes(decision) == ["resource_invalid"]
	}
}

test_what_a_transition_leads_to if {
	every name, case in {
		"deploy to nothing": {"kind": "deploy", "end": "to", "value": null, "allow": false},
		"deploy from nothing": {"kind": "deploy", "end": "from", "value": null, "allow": true},
		"canary to nothing": {"kind": "canary", "end": "to", "value": null, "allow": false},
		"canary beside nothing": {"kind": "canary", "end": "from", "value": null, "allow": false},
		"advance to nothing": {"kind": "advance", "end": "to", "value": null, "allow": false},
		"promote to nothing": {"kind": "promote", "end": "to", "value": null, "allow": false},
		"configure to nothing": {"kind": "configure", "end": "to", "value": null, "allow": true},
		"rollback to nothing": {"kind": "rollback", "end": "to", "value": null, "allow": true},
		"rollback from nothing": {"kind": "rollback", "end": "from", "value": null, "allow": true},
		"teardown to a release": {"kind": "teardown", "end": "to", "value": fixtures.stable, "allow": false},
		"teardown from nothing": {"kind": "teardown", "end": "from", "value": null, "allow": true},
	} {
		print(name)
		decision := decided(fixtures.with_values(case.kind, {$"/transition/{case.end}": case.value}))
		decision.allow == case.allow
		codes(decision) == {true: [], false: ["transition_invalid"]}[case.allow]
	}
}

test_ends_have_to_be_given if {
	every kind in kinds {
		every end in ["from", "to"] {
			name := $"{kind} {end}"
			print(name)
			decision := decided(fixtures.without(kind, $"/transition/{end}"))
			denies(decision)
			codes(decision) == ["transition_invalid"]
		}
	}
}

test_a_release_that_is_none_is_denied if {
	every name, release in {
		"a text": "0123456789ab",
		"an array": [fixtures.stable],
		"false": false,
		"empty": {},
		"no id": object.remove(fixtures.stable, ["id"]),
		"an id too short": object.union(fixtures.stable, {"id": "0123456789a"}),
		"an id too long": object.union(fixtures.stable, {"id": "0123456789abc"}),
		"an id in capitals": object.union(fixtures.stable, {"id": "0123456789AB"}),
		"an id with more below it": object.union(fixtures.stable, {"id": "0123456789ab\n"}),
		"an id that is a number": object.union(fixtures.stable, {"id": 123456789012}),
		"no mode": object.remove(fixtures.stable, ["mode"]),
		"another mode": object.union(fixtures.stable, {"mode": "blue"}),
	} {
		print(name)
		decision := decided(fixtures.with_values("rollback", {"/transition/from": release}))
		denies(decision)
		codes(decision) == ["transition_invalid"]
	}
}

test_garbage_is_denied if {
	every name, document in {
		"an empty object": {},
		"null": null,
		"true": true,
		"a text": "allow",
		"a number": 1,
		"an array": [{"allow": true}],
		"an array of an input": [fixtures.inputs.deploy],
		"a decision": {"allow": true, "violations": [], "rollback": false, "grants": []},
		"a transition that is null": {"version": "swiftdeploy.dev/input/v1", "transition": null},
		"a transition that is an array": {"version": "swiftdeploy.dev/input/v1", "transition": ["deploy"]},
		"a transition alone": {"transition": fixtures.inputs.rollback.transition},
		"only kinds": {"transition": {"kind": "teardown"}},
	} {
		print(name)
		denies(decided(document))
	}
}

test_garbage_at_any_place_leaves_the_decision_whole if {
	every kind in ["deploy", "advance", "rollback", "teardown"] {
		every place in ["version", "transition", "resource"] {
			every i, value in [null, true, "x", 5, [], {}] {
				name := $"{kind} {place} {i}"
				print(name)
				denies(decided(fixtures.with_values(kind, {$"/{place}": value})))
			}
		}
	}
}

test_no_input_at_all_is_denied if {
	decision := admission.decision
		with data.swiftdeploy.switches.off as fixtures.off
	denies(decision)
}

test_a_guard_is_asked if {
	decision := admission.decision with input as fixtures.with_values("deploy", {"/transition/skips_hold": false})
		with data.swiftdeploy.switches.off as fixtures.off
		with data.swiftdeploy.thresholds as fixtures.thresholds
		with data.swiftdeploy.required_evidence as fixtures.required_evidence
		with data.swiftdeploy.grants as fixtures.grants
		with data.swiftdeploy.protected_label as fixtures.protected_label
		with data.swiftdeploy.optional as object.union(fixtures.optional, {"image_digest": {"enabled": true}})
	denies(decision)
	codes(decision) == ["image_not_pinned"]
}

test_a_switch_that_can_not_be_read_is_told if {
	decision := admission.decision with input as fixtures.inputs.deploy
		with data.swiftdeploy.switches.off as fixtures.off
		with data.swiftdeploy.thresholds as fixtures.thresholds
		with data.swiftdeploy.required_evidence as fixtures.required_evidence
		with data.swiftdeploy.grants as fixtures.grants
		with data.swiftdeploy.protected_label as fixtures.protected_label
		with data.swiftdeploy.optional as object.union(fixtures.optional, {"image_digest": {"enabled": "yes"}})
	denies(decision)
	codes(decision) == ["switch_invalid"]
}

# Stands in for what somebody dropped in.
with_guard(kind, said) := decision if {
	decision := admission.decision with input as fixtures.inputs[kind]
		with data.swiftdeploy.switches.off as fixtures.off
		with data.swiftdeploy.thresholds as fixtures.thresholds
		with data.swiftdeploy.required_evidence as fixtures.required_evidence
		with data.swiftdeploy.grants as fixtures.grants
		with data.swiftdeploy.protected_label as fixtures.protected_label
		with data.swiftdeploy.optional as fixtures.optional
		with data.swiftdeploy.guards.image_digest.violations as said
}

test_data_switches_a_guard_off if {
	every enabled in [true, false] {
		decision := admission.decision with input as fixtures.inputs.deploy
			with data.swiftdeploy.thresholds as fixtures.thresholds
			with data.swiftdeploy.required_evidence as fixtures.required_evidence
			with data.swiftdeploy.grants as fixtures.grants
			with data.swiftdeploy.protected_label as fixtures.protected_label
			with data.swiftdeploy.optional as {"image_digest": {"enabled": enabled, "transitions": []}}
			with data.swiftdeploy.guards as {"image_digest": {"violations": ["No."]}}
		decision.allow != enabled
	}
}

test_what_a_guard_says_denies if {
	every name, said in {
		"a whole violation": [{"code": "no", "message": "No.", "severity": "block", "observed": 1, "threshold": 2}],
		"a set": {{"code": "no", "message": "No."}},
		"a text in an array": ["No."],
		"a text": "No.",
		"an object": {"code": "no", "message": "No."},
		"a number": 5,
		"true": true,
		"false": false,
		"null": null,
		"null in an array": [null],
	} {
		print(name)
		decision := with_guard("deploy", said)
		denies(decision)
		[violation.policy | some violation in decision.violations] == ["image_digest"]
	}
}

test_what_a_guard_says_may_be_a_warning if {
	decision := with_guard("deploy", [{"code": "mind", "message": "Mind.", "severity": "warning"}])
	complete(decision)
	decision.allow
	codes(decision) == ["mind"]
}

test_a_guard_that_says_nothing_is_fine[name] if {
	some name, said in {"an array": [], "a set": set()}
	with_guard("deploy", said).allow
}

test_a_guard_is_asked_about_every_transition if {
	every kind in kinds {
		print(kind)
		denies(with_guard(kind, ["No."]))
	}
}
