# METADATA
# title: Has the candidate served long enough?
# description: >-
#   Off unless switched on in the policy's data. Asks that a candidate has served for
#   `min_candidate_seconds` before it is promoted, and, unless `may_skip_hold`, that no
#   step's hold is cut short, not even by a person.
# custom:
#   data: swiftdeploy.optional.bake_time
package swiftdeploy.guards.bake_time

import data.swiftdeploy.document
import data.swiftdeploy.evidence
import data.swiftdeploy.switches
import data.swiftdeploy.text
import data.swiftdeploy.violation

_policy := "bake_time"

_settings := switches.settings(_policy)

default _transition := null

_transition := input.transition

default _history := null

_history := input.history

_required := document.field(_settings, "min_candidate_seconds")

_served := evidence.reading(_history, "candidate_seconds", document.forms.amount)

# METADATA
# title: Baked too short
# description: The candidate has served for less than the least time before its promotion.
# custom:
#   code: bake_time_too_short
violations contains found if {
	document.field(_transition, "kind") == "promote"
	document.well_formed(_required, document.forms.amount)
	_served < _required
	found := violation.block(
		_policy,
		"bake_time_too_short",
		$"Baked too short: {text.under(_served, _required)} s, at least {text.number(_required)} s",
		_served,
		_required,
	)
}

# METADATA
# title: Hold skipped
# description: The transition would cut a step's hold short.
# custom:
#   code: hold_skipped
violations contains found if {
	document.field(_settings, "may_skip_hold") == false
	document.field(_transition, "skips_hold") != false
	found := violation.block(
		_policy,
		"hold_skipped",
		"Hold skipped: this step is to be held to its end",
		null,
		null,
	)
}

# METADATA
# title: Bake time invalid
# description: The settings of this policy can't be read.
# custom:
#   code: bake_time_invalid
violations contains found if {
	_settings
	not document.well_formed(_required, document.forms.amount)
	found := _invalid("min_candidate_seconds", document.misfit(_required), document.forms.amount.words)
}

violations contains found if {
	may := document.field(_settings, "may_skip_hold")
	not is_boolean(may)
	found := _invalid("may_skip_hold", document.kind(may), "a boolean")
}

# METADATA
# title: Time served not known
# custom:
#   codes: [evidence_missing, evidence_invalid]
violations contains found if {
	_settings
	document.field(_transition, "kind") == "promote"
	section := {"path": "history", "value": _history, "told_elsewhere": set()}
	forms := {"candidate_seconds": {"evidence": "bake time", "form": document.forms.amount}}
	some found in evidence.problems(_policy, section, forms, {"bake time"})
}

_invalid(key, misfit, wanted) := violation.block(
	_policy,
	"bake_time_invalid",
	$"Bake time invalid: {key} in the policy's data is {misfit}, {wanted} expected",
	null,
	null,
)
