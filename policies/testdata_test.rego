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
	"required_evidence_of_nodes": fixtures.required_evidence_of_nodes,
	"grants": fixtures.grants,
	"protected_label": fixtures.protected_label,
	"optional": fixtures.optional,
}

decided(case) := decision if {
	given := object.get(case, ["data", "swiftdeploy"], shipped)
	decision := admission.decision with input as case.input
		with data.swiftdeploy.switches.off as fixtures.off
		with data.swiftdeploy.thresholds as given.thresholds
		with data.swiftdeploy.required_evidence as given.required_evidence
		with data.swiftdeploy.required_evidence_of_nodes as object.get(given, "required_evidence_of_nodes", {})
		with data.swiftdeploy.grants as given.grants
		with data.swiftdeploy.protected_label as given.protected_label
		with data.swiftdeploy.optional as given.optional
}

agree(prefix) if {
	every name, case in {name: case | some name, case in data.testdata; startswith(name, prefix)} {
		print(name)
		name == case.name
		decided(case) == case.expected
	}
}

# In parts, because a test may take no more than 5 seconds, on a busy machine too.
test_every_case_is_looked_at if {
	count(data.testdata) > 100
	every name, _ in data.testdata {
		split(name, ":")[0] in {
			"advance", "canary", "configure", "deploy", "grants", "guards", "input",
			"promote", "required evidence", "rollback", "teardown", "thresholds",
		}
	}
}

test_advance if agree("advance:")

test_canary if agree("canary:")

test_configure if agree("configure:")

test_deploy if agree("deploy:")

test_grants if agree("grants:")

test_guards if agree("guards:")

test_input if agree("input:")

test_promote if agree("promote:")

test_required_evidence if agree("required evidence:")

test_rollback if agree("rollback:")

test_teardown if agree("teardown:")

test_thresholds if agree("thresholds:")
