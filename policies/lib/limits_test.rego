package swiftdeploy.limits_test

import data.swiftdeploy.fixtures
import data.swiftdeploy.limits

found(ours, theirs) := violations if {
	violations := limits.violations with input as {"resource": {"thresholds": theirs}}
		with data.swiftdeploy.thresholds as ours
}

effective(ours, theirs) := values if {
	values := limits.effective with input as {"resource": {"thresholds": theirs}}
		with data.swiftdeploy.thresholds as ours
}

changed(key, value) := object.union(fixtures.thresholds, {key: value})

# Of those that deny: a warning would let pass what it is to keep out.
codes(violations) := {violation.code | some violation in violations; violation.severity == "block"}

known := object.keys(fixtures.thresholds)

# The bounds of each threshold: both are fine, and what is beyond is not.
bounds := {
	"min_disk_free_gb": [0, 100000],
	"max_load_per_cpu": [0, 1000],
	"max_cpu_load": [0, 1000],
	"max_memory_used_percent": [0, 100],
	"max_error_rate": [0, 1],
	"max_p99_ms": [0, 1000000],
	"min_requests": [0, 1000000],
	"max_failed_reviews": [0, 1000000],
}

# Towards more care, and towards less.
stricter := {
	"min_disk_free_gb": 11,
	"max_load_per_cpu": 1.9,
	"max_memory_used_percent": 89,
	"max_error_rate": 0.009,
	"max_p99_ms": 499,
	"min_requests": 21,
	"max_failed_reviews": 11,
}

looser := {
	"min_disk_free_gb": 9,
	"max_load_per_cpu": 2.1,
	"max_memory_used_percent": 91,
	"max_error_rate": 0.011,
	"max_p99_ms": 501,
	"min_requests": 19,
	"max_failed_reviews": 13,
}

test_the_policys_hold_where_the_manifest_is_silent[name] if {
	some name, theirs in {"empty": {}, "null": null, "nulls": {key: null | some key in known}}
	count(found(fixtures.thresholds, theirs)) == 0
	effective(fixtures.thresholds, theirs) == object.remove(fixtures.thresholds, ["max_cpu_load"])
}

test_a_resource_that_is_none_sets_nothing[name] if {
	some i, document in [{"resource": "x"}, {"resource": null}, {}, []]
	name := $"{i}"
	values := limits.effective with input as document
		with data.swiftdeploy.thresholds as fixtures.thresholds
	values == object.remove(fixtures.thresholds, ["max_cpu_load"])
}

test_bounds_are_inclusive if {
	every key, pair in bounds {
		every i, value in pair {
			name := $"{key} {i}"
			print(name)
			count(found(changed(key, value), {})) == 0
		}
	}
}

test_beyond_the_bounds_denies if {
	every name, case in {
		"disk": {"key": "min_disk_free_gb", "value": -1},
		"error rate in percent": {"key": "max_error_rate", "value": 1.01},
		"memory": {"key": "max_memory_used_percent", "value": 100.1},
		"p99": {"key": "max_p99_ms", "value": -0.1},
	} {
		print(name)
		codes(found(changed(case.key, case.value), {})) == {"threshold_invalid"}
		codes(found(fixtures.thresholds, {case.key: case.value})) == {"manifest_threshold_invalid"}
	}
}

test_the_policys_have_to_be_there if {
	every key in known - {"max_cpu_load", "max_cpu_used_percent"} {
		every how, ours in {
			"missing": object.remove(fixtures.thresholds, [key]),
			"null": changed(key, null),
		} {
			name := $"{key} {how}"
			print(name)
			{violation.message | some violation in found(ours, {})} == {$"Threshold missing: {key} in the policy's data"}
			not effective(ours, {})[key]
		}
	}
}

test_the_plain_load_may_be_left_out[name] if {
	some name, ours in {
		"missing": object.remove(fixtures.thresholds, ["max_cpu_load"]),
		"null": changed("max_cpu_load", null),
	}
	count(found(ours, {})) == 0
	effective(ours, {"max_cpu_load": 4}).max_cpu_load == 4
}

test_the_policys_have_to_be_numbers if {
	every key in known {
		every i, value in [true, "10", [1], {"a": 1}] {
			name := $"{key} {i}"
			print(name)
			codes(found(changed(key, value), {})) == {"threshold_invalid"}
		}
	}
}

test_no_thresholds_at_all[name] if {
	some i, ours in [null, [], "x", 5, {}]
	name := $"{i}"
	codes(found(ours, {})) == {"threshold_missing"}
	count(found(ours, {})) == 7
}

test_the_manifests_have_to_be_numbers if {
	every key in known {
		every i, value in [true, "10", [1], {"a": 1}] {
			name := $"{key} {i}"
			print(name)
			codes(found(fixtures.thresholds, {key: value})) == {"manifest_threshold_invalid"}
		}
	}
}

test_the_manifests_have_to_be_an_object[name] if {
	some i, theirs in [true, "x", 5, [1]]
	name := $"{i}"
	codes(found(fixtures.thresholds, theirs)) == {"manifest_threshold_invalid"}
}

test_invalid_thresholds_are_named if {
	messages := {violation.message | some violation in found(changed("max_p99_ms", "fast"), {"max_error_rate": 5})}
	messages == {
		"Threshold invalid: max_p99_ms in the policy's data is a string, a number from 0 expected",
		"Threshold invalid: max_error_rate in the manifest is out of range, a number from 0 to 1 expected",
	}
}

test_a_threshold_nobody_knows_denies if {
	found(fixtures.thresholds, {"max_p99": 100}) == {{
		"code": "manifest_threshold_unknown",
		"message": "Threshold unknown: max_p99 in the manifest",
		"policy": "limits",
		"severity": "block",
		"observed": 100,
		"threshold": null,
	}}
}

test_stricter_ones_of_the_manifest_hold if {
	every key, value in stricter {
		print(key)
		count(found(fixtures.thresholds, {key: value})) == 0
		effective(fixtures.thresholds, {key: value})[key] == value
	}
}

test_equal_ones_are_told_by_nobody if {
	every key, value in object.remove(fixtures.thresholds, ["max_cpu_load"]) {
		print(key)
		count(found(fixtures.thresholds, {key: value})) == 0
	}
}

test_looser_ones_of_the_manifest_are_ignored if {
	every key, value in looser {
		print(key)
		violations := found(fixtures.thresholds, {key: value})
		{[violation.code, violation.severity] | some violation in violations} == {["manifest_threshold_looser", "warning"]}
		effective(fixtures.thresholds, {key: value})[key] == fixtures.thresholds[key]
	}
}

test_looser_ones_are_told if {
	found(fixtures.thresholds, {"max_p99_ms": 900}) == {{
		"code": "manifest_threshold_looser",
		"message": "Threshold ignored: max_p99_ms 900 in the manifest is looser than 500 of the policy",
		"policy": "limits",
		"severity": "warning",
		"observed": 900,
		"threshold": 500,
	}}
}

test_hardly_looser_ones_are_told if {
	messages := {violation.message | some violation in found(fixtures.thresholds, {"max_p99_ms": 500.1})}
	messages == {"Threshold ignored: max_p99_ms in the manifest is looser than 500 of the policy"}
}
