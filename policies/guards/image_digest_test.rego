package swiftdeploy.guards.image_digest_test

import data.swiftdeploy.fixtures
import data.swiftdeploy.guards.image_digest

found(kind, image, enabled) := violations if {
	violations := image_digest.violations with input as fixtures.with_values(kind, {"/transition/to/image": image})
		with data.swiftdeploy.optional.image_digest.enabled as enabled
		with data.swiftdeploy.optional.image_digest.transitions as ["deploy", "canary"]
}

hex := "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

test_off_by_default if count(found("deploy", "nginx:1.28", false)) == 0

test_pinned[image] if {
	some image in [
		$"nginx@sha256:{hex}",
		$"nginx:1.28@sha256:{hex}",
		$"registry.example.com:5000/team/app:1.0.0@sha256:{hex}",
	]
	some kind in ["deploy", "canary"]
	count(found(kind, image, true)) == 0
}

test_not_pinned[name] if {
	some name, image in {
		"a tag": "nginx:1.28",
		"nothing at all": "",
		"too short": $"nginx@sha256:{substring(hex, 1, -1)}",
		"too long": $"nginx@sha256:{hex}0",
		"capitals": $"nginx@sha256:{upper(hex)}",
		"another algorithm": $"nginx@sha512:{hex}",
		"a digest alone": $"@sha256:{hex}",
		"two": $"nginx@sha256:{hex}@sha256:{hex}",
		"null": null,
		"a number": 5,
	}
	{violation.code | some violation in found("deploy", image, true)} == {"image_not_pinned"}
}

test_no_release_is_not_pinned if {
	violations := image_digest.violations with input as fixtures.without("deploy", "/transition/to")
		with data.swiftdeploy.optional.image_digest.enabled as true
		with data.swiftdeploy.optional.image_digest.transitions as ["deploy"]
	{violation.message | some violation in violations} == {"Image not pinned by digest: it is missing"}
}

test_told if {
	found("canary", "nginx:1.28", true) == {{
		"code": "image_not_pinned",
		"message": "Image not pinned by digest: nginx:1.28",
		"policy": "image_digest",
		"severity": "block",
		"observed": "nginx:1.28",
		"threshold": null,
	}}
}

test_other_transitions_bring_in_no_image[kind] if {
	some kind in ["advance", "promote", "configure", "rollback"]
	count(found(kind, "nginx:1.28", true)) == 0
}
