# METADATA
# title: Which optional policies are on?
# description: >-
#   An optional policy is off unless the policy's data says `enabled: true` under its
#   name, and asks only about the transitions listed there. A switch that can't be read
#   denies: somebody wanted something of it.
package swiftdeploy.switches

import data.swiftdeploy.document
import data.swiftdeploy.violation

default _kind := null

_kind := input.transition.kind

_entries := {name: entry |
	is_object(data.swiftdeploy.optional)
	some name, entry in data.swiftdeploy.optional
}

# METADATA
# title: The settings of an optional policy that is on for this transition
# description: Undefined when it is off.
settings(name) := entry if {
	entry := document.field(_entries, name)
	document.field(entry, "enabled") == true
	_kind in document.field(entry, "transitions")
}

# METADATA
# title: Whether an optional policy is switched off altogether
# description: >-
#   One that the data doesn't name is not: a policy that somebody added counts at once.
off(name) if document.field(document.field(_entries, name), "enabled") == false

# METADATA
# title: Switch invalid
# description: Whether an optional policy is on can't be told.
# custom:
#   code: switch_invalid
violations contains found if {
	some name, entry in _entries
	not is_object(entry)
	found := _invalid($"{name} in the policy's data is {document.kind(entry)}, an object expected", entry)
}

violations contains found if {
	optional := data.swiftdeploy.optional
	not is_object(optional)
	found := _invalid($"optional in the policy's data is {document.kind(optional)}, an object expected", optional)
}

violations contains found if {
	some name, entry in _entries
	is_object(entry)
	enabled := document.field(entry, "enabled")
	not is_boolean(enabled)
	found := _invalid($"{name}.enabled in the policy's data is {document.kind(enabled)}, a boolean expected", enabled)
}

violations contains found if {
	some name, entry in _entries
	is_object(entry)
	transitions := document.field(entry, "transitions")
	not is_array(transitions)
	found := _invalid($"{name}.transitions in the policy's data is {document.kind(transitions)}, an array expected", transitions)
}

_invalid(message, observed) := violation.block(
	"switches",
	"switch_invalid",
	$"Switch invalid: {message}",
	observed,
	null,
)
