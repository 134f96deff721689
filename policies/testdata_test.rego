# METADATA
# title: The cases that every engine has to answer alike
# description: >-
#   testdata/*.json hold whole decisions. Here opa itself is held to them; other engines
#   are by whoever embeds them. A case without `data` means the data as it is shipped.
package swiftdeploy.testdata_test

import data.swiftdeploy.admission
import data.swiftdeploy.fixtures

shipped := {
	"thresholds": fixtures.thresholds,
	"required_evidence": fixtures.required_evidence,
	"grants": fixtures.grants,
	"protected_label": fixtures.protected_label,
	"optional": fixtures.optional,
}

decided(case) := decision if {
	given := object.get(case, ["data", "swiftdeploy"], shipped)
	decision := admission.decision with input as case.input
		with data.swiftdeploy.thresholds as given.thresholds
		with data.swiftdeploy.required_evidence as given.required_evidence
		with data.swiftdeploy.grants as given.grants
		with data.swiftdeploy.protected_label as given.protected_label
		with data.swiftdeploy.optional as given.optional
}

cases(prefix) := {name: case |
	some name, case in data.testdata
	startswith(name, $"{prefix}:")
}

prefixes := {
	"deploy", "canary", "configure", "advance", "promote", "rollback", "teardown",
	"grants", "guards", "input", "required evidence", "thresholds",
}

test_every_case_is_looked_at if {
	count(data.testdata) > 100
	every name, case in data.testdata {
		name == case.name
		split(name, ":")[0] in prefixes
	}
}

test_deploy[name] if {
	some name, case in cases("deploy")
	decided(case) == case.expected
}

test_canary[name] if {
	some name, case in cases("canary")
	decided(case) == case.expected
}

test_configure[name] if {
	some name, case in cases("configure")
	decided(case) == case.expected
}

test_advance[name] if {
	some name, case in cases("advance")
	decided(case) == case.expected
}

test_promote[name] if {
	some name, case in cases("promote")
	decided(case) == case.expected
}

test_rollback[name] if {
	some name, case in cases("rollback")
	decided(case) == case.expected
}

test_teardown[name] if {
	some name, case in cases("teardown")
	decided(case) == case.expected
}

test_grants[name] if {
	some name, case in cases("grants")
	decided(case) == case.expected
}

test_guards[name] if {
	some name, case in cases("guards")
	decided(case) == case.expected
}

test_input[name] if {
	some name, case in cases("input")
	decided(case) == case.expected
}

test_required_evidence[name] if {
	some name, case in cases("required evidence")
	decided(case) == case.expected
}

test_thresholds[name] if {
	some name, case in cases("thresholds")
	decided(case) == case.expected
}
