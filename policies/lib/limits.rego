# METADATA
# title: Which limits hold?
# description: >-
#   Each limit is the stricter of two: the one in the policy's data and the one in the
#   manifest. So whoever writes a manifest can ask for more care, never for less.
#   A limit that can't be read denies; it never counts as absent.
package swiftdeploy.limits

import data.swiftdeploy.document
import data.swiftdeploy.text
import data.swiftdeploy.violation

# What each threshold must look like, and which of two is the stricter.
_forms := {
	"min_disk_free_gb": {"stricter": "higher", "form": document.forms.amount, "required": true},
	"max_load_per_cpu": {"stricter": "lower", "form": document.forms.amount, "required": true},
	"max_cpu_load": {"stricter": "lower", "form": document.forms.amount, "required": false},
	"max_cpu_used_percent": {"stricter": "lower", "form": document.forms.percentage, "required": false},
	"max_memory_used_percent": {"stricter": "lower", "form": document.forms.percentage, "required": true},
	"max_error_rate": {"stricter": "lower", "form": document.forms.fraction, "required": true},
	"max_p99_ms": {"stricter": "lower", "form": document.forms.amount, "required": true},
	"min_requests": {"stricter": "higher", "form": document.forms.amount, "required": true},
	"max_failed_reviews": {"stricter": "lower", "form": document.forms.amount, "required": true},
}

# As an object whatever stands there, and if nothing does.
_of_policy := {name: value | some name, value in data.swiftdeploy.thresholds}

default _resource := null

_resource := input.resource

_of_manifest := document.field(_resource, "thresholds")

# METADATA
# title: The limit that holds, by the name of its threshold
effective[name] := max(values) if {
	some name, values in _known
	_forms[name].stricter == "higher"
}

effective[name] := min(values) if {
	some name, values in _known
	_forms[name].stricter == "lower"
}

# METADATA
# title: Threshold missing
# description: The policy's data lacks a threshold that it must hold.
# custom:
#   code: threshold_missing
violations contains found if {
	some name, expected in _forms
	expected.required
	document.field(_of_policy, name) == null
	found := violation.block(
		"limits",
		"threshold_missing",
		$"Threshold missing: {name} in the policy's data",
		null,
		null,
	)
}

# METADATA
# title: Threshold of the policy invalid
# description: A threshold in the policy's data is not a number, or not in its range.
# custom:
#   code: threshold_invalid
violations contains found if {
	some name, expected in _forms
	value := document.field(_of_policy, name)
	value != null
	not document.well_formed(value, expected.form)
	found := violation.block(
		"limits",
		"threshold_invalid",
		$"Threshold invalid: {name} in the policy's data is {document.misfit(value)}, {expected.form.words} expected",
		value,
		null,
	)
}

# METADATA
# title: Threshold of the manifest invalid
# description: A threshold in the manifest is not a number, or not in its range.
# custom:
#   code: manifest_threshold_invalid
violations contains found if {
	some name, expected in _forms
	value := document.field(_of_manifest, name)
	value != null
	not document.well_formed(value, expected.form)
	found := violation.block(
		"limits",
		"manifest_threshold_invalid",
		$"Threshold invalid: {name} in the manifest is {document.misfit(value)}, {expected.form.words} expected",
		value,
		null,
	)
}

# METADATA
# title: Thresholds of the manifest are no object
# custom:
#   code: manifest_threshold_invalid
violations contains found if {
	_of_manifest != null
	not is_object(_of_manifest)
	found := violation.block(
		"limits",
		"manifest_threshold_invalid",
		$"Threshold invalid: the manifest's thresholds are {document.kind(_of_manifest)}, an object expected",
		_of_manifest,
		null,
	)
}

# METADATA
# title: Threshold of the manifest unknown
# description: >-
#   The manifest sets a limit that no policy looks at. Going on would let somebody
#   believe in a limit that does not hold.
# custom:
#   code: manifest_threshold_unknown
violations contains found if {
	is_object(_of_manifest)
	some name, value in _of_manifest
	not _forms[name]
	found := violation.block(
		"limits",
		"manifest_threshold_unknown",
		$"Threshold unknown: {name} in the manifest",
		value,
		null,
	)
}

# METADATA
# title: Threshold of the manifest ignored
# description: The manifest sets a limit looser than the policy's, which goes on holding.
# custom:
#   code: manifest_threshold_looser
violations contains found if {
	some name, expected in _forms
	theirs := document.field(_of_manifest, name)
	ours := document.field(_of_policy, name)
	document.well_formed(theirs, expected.form)
	document.well_formed(ours, expected.form)
	theirs != effective[name]
	found := violation.warning(
		"limits",
		"manifest_threshold_looser",
		$"Threshold ignored: {name} {_than(theirs, ours)} of the policy",
		theirs,
		ours,
	)
}

# What either side says, as far as it can be read.
_known[name] contains value if {
	some name, expected in _forms
	some source in [_of_policy, _of_manifest]
	value := document.field(source, name)
	document.well_formed(value, expected.form)
}

_than(theirs, ours) := $"{text.number(theirs)} in the manifest is looser than {text.number(ours)}" if {
	text.number(theirs) != text.number(ours)
}

_than(theirs, ours) := $"in the manifest is looser than {text.number(ours)}" if {
	text.number(theirs) == text.number(ours)
}
