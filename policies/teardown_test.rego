package swiftdeploy.teardown_test

import data.swiftdeploy.fixtures
import data.swiftdeploy.teardown

found(document, label) := violations if {
	violations := teardown.violations with input as document
		with data.swiftdeploy.protected_label as label
}

labelled(labels) := fixtures.with_values("teardown", {"/resource/labels": labels})

# Of those that deny: a warning would let pass what it is to keep out.
codes(violations) := {violation.code | some violation in violations; violation.severity == "block"}

test_not_protected[name] if {
	some name, labels in {
		"no labels": {},
		"null": null,
		"another label": {"app": "demo"},
		"said not to be": {"swiftdeploy.dev/protected": "false"},
		"false": {"swiftdeploy.dev/protected": false},
	}
	count(found(labelled(labels), fixtures.protected_label)) == 0
}

test_labels_missing if {
	count(found(fixtures.without("teardown", "/resource/labels"), fixtures.protected_label)) == 0
}

test_protected[name] if {
	some i, value in ["true", true, "", "yes", 1]
	name := $"{i}"
	codes(found(labelled({"swiftdeploy.dev/protected": value}), fixtures.protected_label)) == {"teardown_protected"}
}

test_protected_told if {
	found(labelled({"swiftdeploy.dev/protected": "true"}), fixtures.protected_label) == {{
		"code": "teardown_protected",
		"message": "Teardown withheld: the label swiftdeploy.dev/protected protects this resource",
		"policy": "teardown",
		"severity": "block",
		"observed": "true",
		"threshold": null,
	}}
}

test_which_label_protects_is_data if {
	document := labelled({"keep": "true", "swiftdeploy.dev/protected": "true"})
	count(found(document, null)) == 0
	codes(found(document, "keep")) == {"teardown_protected"}
}

test_labels_that_are_none_deny[name] if {
	some i, value in [true, "x", 5, [], ["swiftdeploy.dev/protected"]]
	name := $"{i}"
	codes(found(labelled(value), fixtures.protected_label)) == {"labels_invalid"}
}

test_a_label_that_is_none_denies[name] if {
	some i, value in [true, 5, [], {}]
	name := $"{i}"
	codes(found(labelled({}), value)) == {"protected_label_invalid"}
}
