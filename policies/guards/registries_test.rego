package swiftdeploy.guards.registries_test

import data.swiftdeploy.fixtures
import data.swiftdeploy.guards.registries

found(kind, image, settings) := violations if {
	violations := registries.violations with input as fixtures.with_values(kind, {"/transition/to/image": image})
		with data.swiftdeploy.optional as {"registries": object.union(on, settings)}
}

on := {
	"enabled": true,
	"transitions": ["deploy", "canary"],
	"allowed": ["docker.io/library", "ghcr.io/example/", "registry.example.com:5000", "localhost"],
}

test_off_by_default if count(found("deploy", "quay.io/x", {"enabled": false})) == 0

test_allowed[image] if {
	some image in [
		"nginx",
		"nginx:1.28",
		"ghcr.io",
		"docker.io/library/nginx",
		"ghcr.io/example/app:1",
		"registry.example.com:5000/team/app",
		"localhost/app",
	]
	count(found("deploy", image, {})) == 0
}

test_not_allowed[image] if {
	some image in [
		"quay.io/example/app",
		"example/app",
		"docker.io/example/app",
		"docker.io/library2/app",
		"ghcr.io/example2/app",
		"registry.example.com/team/app",
		"registry.example.com:5000.evil.example/app",
		"evil.example/ghcr.io/example/app",
		"localhost.evil.example/app",
		"localhost:5000/app",
	]
	{[violation.code, violation.severity] | some violation in found("canary", image, {})} == {["registry_not_allowed", "block"]}
}

test_told[message] if {
	some message, image in {
		"Registry not allowed: quay.io/example/app:1": "quay.io/example/app:1",
		"Registry not allowed: docker.io/example/app": "example/app",
		"Registry not allowed: the image is missing": null,
		"Registry not allowed: the image is an array": [],
	}
	{violation.message | some violation in found("deploy", image, {})} == {message}
}

test_no_release_is_not_allowed if {
	violations := registries.violations with input as fixtures.without("deploy", "/transition/to")
		with data.swiftdeploy.optional as {"registries": on}
	{violation.message | some violation in violations} == {"Registry not allowed: the image is missing"}
}

test_none_allowed[name] if {
	some name, allowed in {"empty": [], "blank": [""], "no texts": [1, null]}
	{[violation.code, violation.severity] | some violation in found("deploy", "nginx", {"allowed": allowed})} == {["registry_not_allowed", "block"]}
}

test_a_list_that_is_none_denies[name] if {
	some i, allowed in [null, "docker.io", {"docker.io": true}, 5]
	name := $"{i}"
	some violation in found("deploy", "nginx", {"allowed": allowed})
	[violation.code, violation.severity] == ["registries_invalid", "block"]
}

test_other_transitions_bring_in_no_image[kind] if {
	some kind in ["advance", "promote", "configure", "rollback"]
	count(found(kind, "quay.io/x", {})) == 0
}
