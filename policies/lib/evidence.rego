# METADATA
# title: What is known?
# description: >-
#   Tells evidence that can be judged from evidence that is missing or makes no sense.
#   Which evidence a transition requires is data. Required and missing denies; present
#   and senseless denies whether it is required or not.
package swiftdeploy.evidence

import data.swiftdeploy.document
import data.swiftdeploy.violation

# METADATA
# title: A number that can be judged
# description: Undefined unless it is there and has its form.
reading(section, key, form) := value if {
	value := document.field(section, key)
	document.well_formed(value, form)
}

# METADATA
# title: What is wrong with a section of evidence
# description: >-
#   `section` is {"path", "value", "told_elsewhere"}: where it stands in the input, what stands
#   there, and the keys whose absence is told by another violation. `forms` names, for each key,
#   the evidence that it belongs to and its form.
problems(policy, section, forms, required) := union({
	_section_invalid(policy, section),
	_invalid(policy, section, forms),
	_missing(policy, section, forms, required),
})

_section_invalid(policy, section) := {found |
	_senseless(section.value)
	found := violation.block(
		policy,
		"evidence_invalid",
		$"Evidence invalid: {section.path} is {document.kind(section.value)}, an object expected",
		section.value,
		null,
	)
}

_invalid(policy, section, forms) := {found |
	some key, expected in forms
	value := document.field(section.value, key)
	value != null
	not document.well_formed(value, expected.form)
	found := violation.block(
		policy,
		"evidence_invalid",
		$"Evidence invalid: {expected.evidence}, {section.path}.{key} is {document.misfit(value)}, {expected.form.words} expected",
		value,
		null,
	)
}

_missing(policy, section, forms, required) := {found |
	not _senseless(section.value)
	some key, expected in forms
	expected.evidence in required
	not key in section.told_elsewhere
	document.field(section.value, key) == null
	found := violation.block(
		policy,
		"evidence_missing",
		$"Evidence missing: {expected.evidence}, {section.path}.{key}",
		null,
		null,
	)
}

_senseless(value) if {
	value != null
	not is_object(value)
}
