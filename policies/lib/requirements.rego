# METADATA
# title: Which evidence is required?
# description: >-
#   The policy's data says so, by kind of transition. Of the nodes of a cluster other things are
#   known than of a machine, so what is required of them is a list of its own.
package swiftdeploy.requirements

import data.swiftdeploy.document
import data.swiftdeploy.violation

default _kind := null

_kind := input.transition.kind

default _resource := null

_resource := input.resource

# METADATA
# title: Where what is known of machines stands in the input
default place := "host"

place := "nodes" if document.field(_resource, "platform") == "kubernetes"

# What is asked about machines; all else is asked about the candidate, wherever it runs.
_about_machines := {"deploy", "canary", "configure"}

default _nodes_asked := false

_nodes_asked if {
	place == "nodes"
	_kind in _about_machines
}

# As an object whatever stands there, and if nothing does.
_table := {kind: names | some kind, names in data.swiftdeploy.required_evidence} if not _nodes_asked

_table := {kind: names | some kind, names in data.swiftdeploy.required_evidence_of_nodes} if _nodes_asked

_entry := document.field(_table, _kind)

# METADATA
# title: The evidence that this transition requires
required contains name if {
	is_array(_entry)
	some name in _entry
}

# METADATA
# title: What is wrong with the list
# description: >-
#   `known` is the evidence that the asking policy can judge. A name that it does not
#   know denies: else a slip of the pen would quietly ask for nothing.
problems(policy, known) := _not_a_list(policy) | _unknown(policy, known)

_not_a_list(policy) := {found |
	not is_array(_entry)
	found := violation.block(
		policy,
		"required_evidence_invalid",
		$"Required evidence invalid: for {_kind} it is {document.kind(_entry)}, an array expected",
		_entry,
		null,
	)
}

_unknown(policy, known) := {found |
	some name in required
	not name in known
	found := violation.block(
		policy,
		"required_evidence_invalid",
		$"Required evidence invalid: for {_kind} it names what is none of {concat(", ", sort(known))}",
		name,
		null,
	)
}
