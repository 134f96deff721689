# METADATA
# title: Is there something else to go back to?
# description: >-
#   A retreat is allowed whatever the machine and the metrics are like: a full disk must
#   not keep a bad release up. Only a person who asks to go where they are is told so.
# custom:
#   transitions: [rollback]
package swiftdeploy.rollback

import data.swiftdeploy.document
import data.swiftdeploy.violation

default _transition := null

_transition := input.transition

default _cause := null

_cause := input.transition.cause

# Retreats that nobody asked for. They are never held up.
_of_its_own := {"policy", "spec", "unavailable_for", "unhealthy"}

# METADATA
# title: Nothing to roll back to
# description: >-
#   Where it would go back to is where it is. The same release in another mode is
#   another workload: so a canary of the stable release itself can be taken back.
# custom:
#   code: nothing_to_roll_back
violations contains found if {
	not _cause in _of_its_own
	_workload("from") == _workload("to")
	found := violation.block(
		"rollback",
		"nothing_to_roll_back",
		"Nothing to roll back: what runs is what it would go back to",
		document.field(document.field(_transition, "from"), "id"),
		null,
	)
}

_workload(end) := {"release": document.field(release, "id"), "mode": document.field(release, "mode")} if {
	release := document.field(_transition, end)
}
