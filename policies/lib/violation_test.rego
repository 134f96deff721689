package swiftdeploy.violation_test

import data.swiftdeploy.violation

whole := {
	"code": "a_code",
	"message": "A message",
	"policy": "a_policy",
	"severity": "block",
	"observed": 1,
	"threshold": 2,
}

test_block if violation.block("a_policy", "a_code", "A message", 1, 2) == whole

test_warning if {
	violation.warning("a_policy", "a_code", "A message", 1, 2) == object.union(whole, {"severity": "warning"})
}

test_observed_is_small if {
	violation.block("a_policy", "a_code", "A message", {"a": 1}, [2]) == object.union(whole, {"observed": null, "threshold": null})
}

test_completed[name] if {
	bare := object.union(whole, {"code": "denied", "message": "Denied by a_policy", "observed": null, "threshold": null})
	some name, case in {
		"whole": {"said": whole, "found": whole},
		"a warning": {
			"said": object.union(whole, {"severity": "warning"}),
			"found": object.union(whole, {"severity": "warning"}),
		},
		"another severity": {"said": object.union(whole, {"severity": "info"}), "found": whole},
		"another policy's name": {"said": object.union(whole, {"policy": "x"}), "found": whole},
		"no severity": {"said": object.remove(whole, ["severity"]), "found": whole},
		"a text": {"said": "No.", "found": object.union(bare, {"message": "No."})},
		"only a message": {"said": {"message": "No."}, "found": object.union(bare, {"message": "No."})},
		"blank": {"said": {"message": " ", "code": ""}, "found": bare},
		"texts that are none": {"said": {"message": 1, "code": [], "observed": {}}, "found": bare},
		"null": {"said": null, "found": bare},
		"false": {"said": false, "found": bare},
		"an array": {"said": ["No."], "found": bare},
	}
	violation.completed("a_policy", case.said) == case.found
}
