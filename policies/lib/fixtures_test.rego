# METADATA
# title: What the tests start from
# description: >-
#   Inputs and data that are fine, to be changed in one place by each test. The data is
#   written out here, so that the tests hold whatever thresholds a policy owner sets.
package swiftdeploy.fixtures

thresholds := {
	"min_disk_free_gb": 10,
	"max_load_per_cpu": 2.0,
	"max_cpu_load": null,
	"max_cpu_used_percent": 90,
	"max_memory_used_percent": 90,
	"max_error_rate": 0.01,
	"max_p99_ms": 500,
	"min_requests": 20,
	"max_failed_reviews": 12,
}

required_evidence := {
	"deploy": ["disk", "load", "memory"],
	"canary": ["disk", "load", "memory"],
	"configure": [],
	"advance": ["requests", "error_rate", "p99"],
	"promote": ["requests", "error_rate", "p99"],
}

required_evidence_of_nodes := {"deploy": [], "canary": [], "configure": []}

grants := {
	"retreat_on": ["person", "spec", "unhealthy"],
	"teardown_on": ["person", "spec"],
	"unavailable_for_seconds": 60,
	"teardown": true,
}

protected_label := "swiftdeploy.dev/protected"

# What an organisation added to guards/ has tests of its own, and no say in those here.
off(name) if not optional[name]

optional := {
	"change_freeze": {
		"enabled": false,
		"transitions": ["deploy", "canary", "advance", "promote", "configure"],
		"windows": [],
		"weekly": [],
	},
	"image_digest": {"enabled": false, "transitions": ["deploy", "canary"]},
	"registries": {"enabled": false, "transitions": ["deploy", "canary"], "allowed": []},
	"bake_time": {
		"enabled": false,
		"transitions": ["advance", "promote"],
		"min_candidate_seconds": 600,
		"may_skip_hold": false,
	},
}

stable := {
	"id": "0123456789ab",
	"version": "1.0.0",
	"image": "swiftdeploy-app:1.0.0",
	"digest": null,
	"mode": "stable",
	"command": ["java", "-jar", "app.jar"],
	"artifacts": [],
	"env": {},
}

candidate := object.union(stable, {"id": "ba9876543210", "version": "1.1.0", "mode": "canary"})

host := {
	"disk_free_bytes": 50000000000,
	"disk_total_bytes": 100000000000,
	"cpus": 4,
	"cpu_load_1m": 1.5,
	"memory_used_percent": 40,
}

metrics := {
	"requests": 100,
	"synthetic_requests": 50,
	"errors": 0,
	"error_rate": 0,
	"error_rate_upper_95": 0.02,
	"p50_ms": 5,
	"p95_ms": 20,
	"p99_ms": 40,
	"p99_in_last_bucket": false,
	"restarts": 0,
	"window_seconds": 30,
	"scrape_failures": 0,
}

base := {
	"version": "swiftdeploy.dev/input/v1",
	"resource": {
		"name": "demo",
		"namespace": "",
		"uid": "6f1c",
		"generation": 1,
		"platform": "process",
		"labels": {},
		"thresholds": {},
	},
	"actor": {"name": "manifest.yaml", "source": "spec", "verified": false},
	"time": "2026-03-04T10:00:00Z",
	"host": host,
	"metrics": {"candidate": metrics, "stable": metrics},
	"history": {"failed_reviews": 0, "recent": [], "candidate_seconds": 900},
}

transition := {
	"id": "t-1",
	"step": null,
	"steps": 3,
	"weight": null,
	"skips_hold": false,
	"cause": "spec",
}

# An input of each kind, each of which is allowed.
inputs := {kind: object.union(base, {"transition": object.union(transition, ends)}) |
	some kind, ends in {
		"deploy": {"kind": "deploy", "from": stable, "to": object.union(candidate, {"mode": "stable"})},
		"canary": {"kind": "canary", "from": stable, "to": candidate, "step": 0, "weight": 10},
		"advance": {"kind": "advance", "from": stable, "to": candidate, "step": 1, "weight": 50},
		"promote": {"kind": "promote", "from": stable, "to": object.union(candidate, {"mode": "stable"}), "step": 2, "weight": 100},
		"configure": {"kind": "configure", "from": stable, "to": stable},
		"rollback": {"kind": "rollback", "from": candidate, "to": stable},
		"teardown": {"kind": "teardown", "from": stable, "to": null},
	}
}

# What stands in for a value that is not what it should be.
junk := [null, true, "10", [1], {"a": 1}, -1]

# The same without what counts as missing.
senseless := [value | some value in junk; value != null]

# The input of a kind, with some values put elsewhere: {"host/cpus": 2}.
with_values(kind, changes) := json.patch(
	inputs[kind],
	[{"op": "add", "path": path, "value": value} | some path, value in changes],
)

without(kind, path) := json.patch(inputs[kind], [{"op": "remove", "path": path}])
