# METADATA
# title: May it all be taken away?
# description: Yes, unless the resource carries the label that protects it.
# custom:
#   transitions: [teardown]
package swiftdeploy.teardown

import data.swiftdeploy.document
import data.swiftdeploy.violation

default _resource := null

_resource := input.resource

_labels := document.field(_resource, "labels")

# METADATA
# title: Teardown withheld
# description: >-
#   The resource carries the label that protects it from teardown, with any value but
#   `false`. Which label that is stands in the policy's data; null means none.
# custom:
#   code: teardown_protected
violations contains found if {
	label := data.swiftdeploy.protected_label
	value := document.field(_labels, label)
	not value in {null, false, "false"}
	found := violation.block(
		"teardown",
		"teardown_protected",
		$"Teardown withheld: the label {label} protects this resource",
		value,
		null,
	)
}

# METADATA
# title: Labels not readable
# description: Whether the resource is protected can't be told.
# custom:
#   code: labels_invalid
violations contains found if {
	_labels != null
	not is_object(_labels)
	found := violation.block(
		"teardown",
		"labels_invalid",
		$"Labels invalid: resource.labels is {document.kind(_labels)}, an object expected",
		_labels,
		null,
	)
}

# METADATA
# title: Protecting label invalid
# description: The policy's data names the label that protects as something that is no label.
# custom:
#   code: protected_label_invalid
violations contains found if {
	label := data.swiftdeploy.protected_label
	label != null
	not is_string(label)
	found := violation.block(
		"teardown",
		"protected_label_invalid",
		$"Protecting label invalid: protected_label in the policy's data is {document.kind(label)}, a string expected",
		label,
		null,
	)
}
