# METADATA
# title: Is the image pinned by digest?
# description: >-
#   Off unless switched on in the policy's data. A tag is resolved before every review in
#   any case; this asks that the reference itself says what it stands for, so that
#   whoever reads the manifest knows what runs.
# custom:
#   data: swiftdeploy.optional.image_digest
package swiftdeploy.guards.image_digest

import data.swiftdeploy.document
import data.swiftdeploy.switches
import data.swiftdeploy.violation

_policy := "image_digest"

_settings := switches.settings(_policy)

default _release := null

_release := input.transition.to

_image := document.field(_release, "image")

# METADATA
# title: Image not pinned
# description: The image reference does not end in the digest that it stands for.
# custom:
#   code: image_not_pinned
violations contains found if {
	_settings
	not _pinned
	found := violation.block(
		_policy,
		"image_not_pinned",
		$"Image not pinned by digest: {_told}",
		_image,
		null,
	)
}

_pinned if {
	is_string(_image)
	regex.match(`^[^@]+@sha256:[0-9a-f]{64}$`, _image)
}

_told := _image if is_string(_image)

_told := $"it is {document.kind(_image)}" if not is_string(_image)
