# METADATA
# title: Does the image come from an allowed registry?
# description: >-
#   Off unless switched on in the policy's data. `allowed` lists registries, or paths
#   below one: "ghcr.io", "registry.example.com:5000/team". A reference without a
#   registry means docker.io, and without a path docker.io/library.
# custom:
#   data: swiftdeploy.optional.registries
package swiftdeploy.guards.registries

import data.swiftdeploy.document
import data.swiftdeploy.switches
import data.swiftdeploy.violation

_policy := "registries"

_settings := switches.settings(_policy)

default _release := null

_release := input.transition.to

_image := document.field(_release, "image")

# METADATA
# title: Registry not allowed
# description: The image is below none of the allowed registries.
# custom:
#   code: registry_not_allowed
violations contains found if {
	_settings
	not _allowed
	found := violation.block(
		_policy,
		"registry_not_allowed",
		$"Registry not allowed: {_told}",
		_image,
		null,
	)
}

# METADATA
# title: List of registries invalid
# custom:
#   code: registries_invalid
violations contains found if {
	allowed := document.field(_settings, "allowed")
	not is_array(allowed)
	found := violation.block(
		_policy,
		"registries_invalid",
		$"Registries invalid: allowed in the policy's data is {document.kind(allowed)}, an array expected",
		allowed,
		null,
	)
}

_allowed if {
	some entry in _settings.allowed
	is_string(entry)
	entry != ""
	startswith(_full, $"{trim_suffix(entry, "/")}/")
}

# The reference with its registry written out, in the way that container engines do.
_full := _image if _names_a_registry

_full := $"docker.io/{_image}" if {
	is_string(_image)
	contains(_image, "/")
	not _names_a_registry
}

_full := $"docker.io/library/{_image}" if {
	is_string(_image)
	not contains(_image, "/")
}

_names_a_registry if {
	is_string(_image)
	regex.match(`^(localhost|[^/]*[.:][^/]*)/`, _image)
}

_told := _full

_told := $"the image is {document.kind(_image)}" if not is_string(_image)
