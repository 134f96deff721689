# METADATA
# title: Which retreats are granted ahead?
# description: >-
#   What admits a release also grants the way back from it, so that it works when no
#   policy engine answers: it was still policy that decided. A grant is bound to the one
#   release that it names.
# custom:
#   transitions: [deploy, canary, rollback]
package swiftdeploy.retreat

import data.swiftdeploy.document
import data.swiftdeploy.teardown
import data.swiftdeploy.violation

default _transition := null

_transition := input.transition

_kind := document.field(_transition, "kind")

_from := document.field(_transition, "from")

_to := document.field(_transition, "to")

_terms := {key: value | some key, value in data.swiftdeploy.grants}

# METADATA
# title: The grants, should the transition be allowed
default grants := []

grants := array.concat(_rollback, _teardown) if {
	_brings_in_a_release
	count(violations) == 0
}

_rollback := [{
	"kind": "rollback",
	"subject": document.field(_to, "id"),
	"to": document.field(_from, "id"),
	"on": _terms.retreat_on,
	"unavailable_for_seconds": _terms.unavailable_for_seconds,
}]

default _teardown := []

_teardown := [{
	"kind": "teardown",
	"subject": document.field(_to, "id"),
	"to": null,
	"on": _terms.teardown_on,
	"unavailable_for_seconds": null,
}] if {
	_kind == "deploy"
	_terms.teardown
	count(teardown.violations) == 0
}

_brings_in_a_release if _kind in {"deploy", "canary"}

# Back to an earlier stable release, as a person may ask, is a change like a deploy and may
# fail like one. Taking away a candidate is none, and neither is retreating from a deploy
# that failed: there the stable release runs on.
_brings_in_a_release if {
	_kind == "rollback"
	document.field(_transition, "cause") == "person"
	is_object(_to)
	is_object(_from)
	document.field(_from, "mode") != "canary"
}

# METADATA
# title: Terms of grants invalid
# description: Without terms there would be no way back from what is admitted.
# custom:
#   code: grants_invalid
violations contains found if {
	some key in {"retreat_on", "teardown_on", "unavailable_for_seconds", "teardown"}
	not _well_formed(key)
	value := document.field(_terms, key)
	found := violation.block(
		"retreat",
		"grants_invalid",
		$"Grants invalid: {key} in the policy's data is not what is expected: {_wanted[key]}",
		value,
		null,
	)
}

_wanted := {
	"retreat_on": "one to three of person, spec, unhealthy",
	"teardown_on": "one to three of person, spec, unhealthy",
	"unavailable_for_seconds": "a whole number from 1 to 30 days, or null for never",
	"teardown": "a boolean",
}

_well_formed(key) if {
	key in {"retreat_on", "teardown_on"}
	is_array(_terms[key])
	count(_terms[key]) in {1, 2, 3}
	every cause in _terms[key] { cause in {"person", "spec", "unhealthy"} }
}

_well_formed("unavailable_for_seconds") if {
	document.well_formed(_terms.unavailable_for_seconds, document.forms.grace)
	floor(_terms.unavailable_for_seconds) == _terms.unavailable_for_seconds
}

_well_formed("unavailable_for_seconds") if _terms.unavailable_for_seconds == null

_well_formed("teardown") if is_boolean(_terms.teardown)
