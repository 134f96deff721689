# METADATA
# title: May this transition happen?
# description: >-
#   The one entrypoint. Asks the policy that this kind of transition belongs to, then
#   every guard, and always answers with a whole decision. What it does not understand
#   it does not allow.
package swiftdeploy.admission

import data.swiftdeploy.canary
import data.swiftdeploy.document
import data.swiftdeploy.infrastructure
import data.swiftdeploy.limits
import data.swiftdeploy.retreat
import data.swiftdeploy.rollback
import data.swiftdeploy.switches
import data.swiftdeploy.teardown
import data.swiftdeploy.violation

# METADATA
# title: The decision
# description: >-
#   `allow`, whether the transition may happen; `violations`, why not and what to mind;
#   `rollback`, whether the candidate must go; `failed_review`, whether this review
#   counts as failed; `grants`, the retreats permitted ahead.
# entrypoint: true
decision := {
	"allow": _allow,
	"violations": _in_order,
	"rollback": _rollback,
	"failed_review": _failed_review,
	"grants": _grants,
}

_version := "swiftdeploy.dev/input/v1"

# Each kind of transition, and what it may lead from and to.
_kinds := {
	"deploy": {"from": {"nothing", "a release with id and mode"}, "to": {"a release with id and mode"}},
	"canary": {"from": {"a release with id and mode"}, "to": {"a release with id and mode"}},
	"advance": {"from": {"nothing", "a release with id and mode"}, "to": {"a release with id and mode"}},
	"promote": {"from": {"nothing", "a release with id and mode"}, "to": {"a release with id and mode"}},
	"configure": {"from": {"nothing", "a release with id and mode"}, "to": {"nothing", "a release with id and mode"}},
	"rollback": {"from": {"nothing", "a release with id and mode"}, "to": {"nothing", "a release with id and mode"}},
	"teardown": {"from": {"nothing", "a release with id and mode"}, "to": {"nothing"}},
}

# All but these two lead forward, and only what leads forward is measured.
_forward := object.keys(_kinds) - {"rollback", "teardown"}

default _kind := null

_kind := input.transition.kind

_transition := input.transition

default _resource := null

_resource := input.resource

default _input_version := null

_input_version := input.version

default _allow := false

_allow if {
	_kinds[_kind]
	every found in _violations { found.severity == "warning" }
}

# Blocking ones first, then by policy and code, then by all the rest. Many machines can have
# many troubles; a reader of decisions takes this many, and whether any blocks is known by then.
_in_order := array.slice([entry[3] | some entry in sort([_key(found) | some found in _violations])], 0, 100)

_key(found) := [_rank[found.severity], found.policy, found.code, found]

_rank := {"block": 0, "warning": 1}

default _rollback := false

_rollback := canary.rollback if _kind in {"advance", "promote"}

default _failed_review := false

_failed_review := canary.failed_review if _kind in {"advance", "promote"}

default _grants := []

_grants := retreat.grants if _allow

_violations contains found if {
	_kind in {"deploy", "canary", "configure"}
	some found in infrastructure.violations
}

_violations contains found if {
	_kind in {"advance", "promote"}
	some found in canary.violations
}

_violations contains found if {
	_kind == "rollback"
	some found in rollback.violations
}

_violations contains found if {
	_kind == "teardown"
	some found in teardown.violations
}

_violations contains found if {
	_kind in {"deploy", "canary"}
	some found in retreat.violations
}

_violations contains found if {
	_kind in _forward
	some found in limits.violations
}

_violations contains found if {
	_kind in _forward
	some found in switches.violations
}

# Any package below swiftdeploy.guards that has `violations` is asked about every
# transition: so a policy is added by adding a file. Data switches it off again.
_violations contains found if {
	some name
	said := data.swiftdeploy.guards[name].violations
	not switches.off(name)
	some each in _each(said)
	found := violation.completed(name, each)
}

# What is no collection at all is one violation: said in a way that can't be read, not unsaid.
_each(said) := said if _collection(said)

_each(said) := [said] if not _collection(said)

_collection(said) if is_set(said)

_collection(said) if is_array(said)

# METADATA
# title: Kind of transition unknown
# custom:
#   code: transition_kind_unknown
_violations contains found if {
	not _kinds[_kind]
	found := _block(
		"transition_kind_unknown",
		$"Kind of transition unknown: {concat(", ", sort(object.keys(_kinds)))} are known",
		_kind,
		null,
	)
}

# METADATA
# title: Version of the input unknown
# description: These policies can't tell what an input of another version means.
# custom:
#   code: input_version_unknown
_violations contains found if {
	_input_version != _version
	found := _block(
		"input_version_unknown",
		$"Version of the input unknown: {_version} expected",
		_input_version,
		_version,
	)
}

# METADATA
# title: Transition invalid
# description: What the transition leads from or to is not given, or is no release.
# custom:
#   code: transition_invalid
_violations contains found if {
	some end, allowed in _kinds[_kind]
	not _fits(end, allowed)
	found := _block(
		"transition_invalid",
		$"Transition invalid: transition.{end} is to be {concat(" or ", sort(allowed))}",
		document.field(document.field(_transition, end), "id"),
		null,
	)
}

# METADATA
# title: Resource invalid
# description: A decision binds one resource, so it has to be named.
# custom:
#   code: resource_invalid
_violations contains found if {
	name := document.field(_resource, "name")
	not _text(name)
	found := _block(
		"resource_invalid",
		$"Resource invalid: resource.name is {document.kind(name)}, a text expected",
		name,
		null,
	)
}

_block(code, message, observed, threshold) := violation.block("admission", code, message, observed, threshold)

_fits(end, allowed) if _end(end) in allowed

# Nothing has to be said: null. A key that is not there says nothing at all.
_end(end) := "nothing" if _transition[end] == null

_end(end) := "a release with id and mode" if {
	release := _transition[end]
	regex.match(`^[0-9a-f]{12}$`, _string(release.id))
	release.mode in {"stable", "canary"}
}

_string(x) := x if is_string(x)

_text(x) if {
	is_string(x)
	x != ""
}
