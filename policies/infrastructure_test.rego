package swiftdeploy.infrastructure_test

import data.swiftdeploy.fixtures
import data.swiftdeploy.infrastructure

found(document) := violations if {
	violations := infrastructure.violations with input as document
		with data.swiftdeploy.thresholds as fixtures.thresholds
		with data.swiftdeploy.required_evidence as fixtures.required_evidence
}

found_with(document, thresholds) := violations if {
	violations := infrastructure.violations with input as document
		with data.swiftdeploy.thresholds as object.union(fixtures.thresholds, thresholds)
		with data.swiftdeploy.required_evidence as fixtures.required_evidence
}

found_requiring(document, evidence) := violations if {
	violations := infrastructure.violations with input as document
		with data.swiftdeploy.thresholds as fixtures.thresholds
		with data.swiftdeploy.required_evidence as object.union(fixtures.required_evidence, evidence)
}

# Of those that deny: a warning would let pass what it is to keep out.
codes(violations) := {violation.code | some violation in violations; violation.severity == "block"}

messages(violations) := {violation.message | some violation in violations}

test_a_machine_with_room_is_fine if count(found(fixtures.inputs.deploy)) == 0

test_disk if {
	every name, case in {
		"exactly the threshold": {"free": 10000000000, "codes": set()},
		"one byte above": {"free": 10000000001, "codes": set()},
		"one byte below": {"free": 9999999999, "codes": {"disk_below_threshold"}},
		"nothing": {"free": 0, "codes": {"disk_below_threshold"}},
		"very much": {"free": 9223372036854775807, "codes": set()},
	} {
		print(name)
		codes(found(fixtures.with_values("deploy", {"/host/disk_free_bytes": case.free}))) == case.codes
	}
}

test_disk_told if {
	found(fixtures.with_values("deploy", {"/host/disk_free_bytes": 3200000000})) == {{
		"code": "disk_below_threshold",
		"message": "Disk below threshold: 3.2 GB free, 10 GB required",
		"policy": "infrastructure",
		"severity": "block",
		"observed": 3.2,
		"threshold": 10,
	}}
}

test_disk_never_reads_like_its_threshold if {
	violations := found(fixtures.with_values("deploy", {"/host/disk_free_bytes": 9999999999}))
	messages(violations) == {"Disk below threshold: just under 10 GB free, 10 GB required"}
}

test_load_per_cpu if {
	every name, case in {
		"exactly the threshold": {"load": 8, "cpus": 4, "codes": set()},
		"just above": {"load": 8.00001, "cpus": 4, "codes": {"load_per_cpu_too_high"}},
		"just below": {"load": 7.99999, "cpus": 4, "codes": set()},
		"idle": {"load": 0, "cpus": 4, "codes": set()},
		"less than one cpu": {"load": 1.1, "cpus": 0.5, "codes": {"load_per_cpu_too_high"}},
	} {
		print(name)
		codes(found(fixtures.with_values(
			"deploy",
			{"/host/cpu_load_1m": case.load, "/host/cpus": case.cpus},
		))) == case.codes
	}
}

test_load_per_cpu_is_the_threshold_on_paper if {
	document := fixtures.with_values("deploy", {"/host/cpu_load_1m": 6.3, "/host/cpus": 3})
	count(found_with(document, {"max_load_per_cpu": 2.1})) == 0
}

test_load_per_cpu_told if {
	found(fixtures.with_values("deploy", {"/host/cpu_load_1m": 9.24})) == {{
		"code": "load_per_cpu_too_high",
		"message": "CPU load too high: 2.31 per CPU, at most 2",
		"policy": "infrastructure",
		"severity": "block",
		"observed": 2.31,
		"threshold": 2,
	}}
}

test_plain_load[name] if {
	some name, case in {
		"exactly the threshold": {"load": 3, "codes": set()},
		"just above": {"load": 3.001, "codes": {"cpu_load_too_high"}},
		"just below": {"load": 2.999, "codes": set()},
	}
	document := fixtures.with_values("deploy", {"/host/cpu_load_1m": case.load})
	codes(found_with(document, {"max_cpu_load": 3})) == case.codes
}

test_plain_load_told if {
	violations := found_with(fixtures.with_values("deploy", {"/host/cpu_load_1m": 3.5}), {"max_cpu_load": 3})
	messages(violations) == {"CPU load too high: 3.5, at most 3"}
}

test_plain_load_is_not_asked_unless_set if {
	document := fixtures.with_values("deploy", {"/host/cpu_load_1m": 100, "/host/cpus": 64})
	count(found(document)) == 0
}

test_memory if {
	every name, case in {
		"exactly the threshold": {"used": 90, "codes": set()},
		"just above": {"used": 90.001, "codes": {"memory_used_too_high"}},
		"just below": {"used": 89.999, "codes": set()},
		"all of it": {"used": 100, "codes": {"memory_used_too_high"}},
		"more than there is": {"used": 100.1, "codes": {"evidence_invalid"}},
	} {
		print(name)
		codes(found(fixtures.with_values("deploy", {"/host/memory_used_percent": case.used}))) == case.codes
	}
}

test_memory_told if {
	found(fixtures.with_values("deploy", {"/host/memory_used_percent": 93.26})) == {{
		"code": "memory_used_too_high",
		"message": "Memory used too high: 93.3 %, at most 90 %",
		"policy": "infrastructure",
		"severity": "block",
		"observed": 93.26,
		"threshold": 90,
	}}
}

fields := ["disk_free_bytes", "cpu_load_1m", "cpus", "memory_used_percent"]

test_required_and_missing_denies if {
	every field in fields {
		every how, document in {
			"missing": fixtures.without("deploy", $"/host/{field}"),
			"null": fixtures.with_values("deploy", {$"/host/{field}": null}),
		} {
			name := $"{field} {how}"
			print(name)
			codes(found(document)) == {"evidence_missing"}
		}
	}
}

test_present_and_senseless_denies if {
	every field in fields {
		every i, value in fixtures.senseless {
			name := $"{field} {i}"
			print(name)

			# Of a configure no evidence is required at all.
			codes(found(fixtures.with_values("configure", {$"/host/{field}": value}))) == {"evidence_invalid"}
		}
	}
}

test_no_cpus_at_all_is_senseless if {
	codes(found(fixtures.with_values("deploy", {"/host/cpus": 0}))) == {"evidence_invalid"}
}

test_missing_evidence_is_named if {
	messages(found(fixtures.without("deploy", "/host/cpus"))) == {"Evidence missing: load, host.cpus"}
}

test_invalid_evidence_is_named if {
	document := fixtures.with_values("deploy", {"/host/memory_used_percent": "40"})
	found(document) == {{
		"code": "evidence_invalid",
		"message": "Evidence invalid: memory, host.memory_used_percent is a string, a number from 0 to 100 expected",
		"policy": "infrastructure",
		"severity": "block",
		"observed": "40",
		"threshold": null,
	}}
}

test_no_host if {
	every name, document in {
		"missing": fixtures.without("deploy", "/host"),
		"null": fixtures.with_values("deploy", {"/host": null}),
		"no nodes either": fixtures.with_values("deploy", {"/host": null, "/nodes": []}),
	} {
		print(name)
		messages(found(document)) == {
			"Evidence missing: disk, host.disk_free_bytes",
			"Evidence missing: load, host.cpu_load_1m",
			"Evidence missing: load, host.cpus",
			"Evidence missing: memory, host.memory_used_percent",
		}
	}
}

test_a_host_that_is_none_denies if {
	every i, value in [true, "x", 5, [], [1]] {
		every kind in ["deploy", "configure"] {
			name := $"{kind} {i}"
			print(name)
			codes(found(fixtures.with_values(kind, {"/host": value}))) == {"evidence_invalid"}
		}
	}
}

test_configure_needs_no_host if {
	count(found(fixtures.with_values("configure", {"/host": null}))) == 0
}

test_not_required_but_out_of_bounds_denies if {
	document := fixtures.with_values("configure", {"/host": {"disk_free_bytes": 1}})
	codes(found(document)) == {"disk_below_threshold"}
}

test_what_is_required_is_data if {
	document := fixtures.with_values("deploy", {"/host": {"disk_free_bytes": 50000000000}})
	codes(found(document)) == {"evidence_missing"}
	count(found_requiring(document, {"deploy": ["disk"]})) == 0
}

test_required_evidence_that_can_not_be_read_denies if {
	every name, value in {
		"null": null,
		"a text": "disk",
		"an object": {"disk": true},
		"a slip of the pen": ["disc"],
		"a number": [1],
		"a candidate's": ["error_rate"],
	} {
		print(name)
		codes(found_requiring(fixtures.inputs.deploy, {"deploy": value})) == {"required_evidence_invalid"}
	}
}

test_required_evidence_that_is_not_there_denies if {
	violations := infrastructure.violations with input as fixtures.inputs.deploy
		with data.swiftdeploy.thresholds as fixtures.thresholds
		with data.swiftdeploy.required_evidence as {}
	codes(violations) == {"required_evidence_invalid"}
}

test_every_node_is_judged if {
	full := object.union(fixtures.host, {"name": "worker-1", "disk_free_bytes": 1000000000})
	hot := object.union(fixtures.host, {"name": "worker-2", "cpu_load_1m": 20, "memory_used_percent": 99})
	unnamed := object.union(fixtures.host, {"name": 7, "disk_free_bytes": 2000000000})
	violations := found(fixtures.with_values("deploy", {"/host": null, "/nodes": [full, hot, unnamed]}))
	messages(violations) == {
		"Disk below threshold: 1 GB free, 10 GB required (node worker-1)",
		"CPU load too high: 5 per CPU, at most 2 (node worker-2)",
		"Memory used too high: 99 %, at most 90 % (node worker-2)",
		"Disk below threshold: 2 GB free, 10 GB required (node 2)",
	}
}

test_nodes_with_room_are_fine if {
	count(found(fixtures.with_values("deploy", {"/host": null, "/nodes": [fixtures.host]}))) == 0
}

test_a_node_that_is_none_denies if {
	every i, value in [true, "x", 5, [], [1]] {
		name := $"{i}"
		print(name)
		violations := found(fixtures.with_values("deploy", {"/nodes": [value]}))
		codes(violations) == {"evidence_invalid"}
	}
}

test_nodes_that_are_no_array_deny[name] if {
	some name, document in {
		"beside a host": fixtures.with_values("deploy", {"/nodes": "x"}),
		"alone": fixtures.with_values("deploy", {"/host": null, "/nodes": "x"}),
		"an object of them": fixtures.with_values("deploy", {"/nodes": {"a": {"disk_free_bytes": 1}}}),
	}
	codes(found(document)) == {"evidence_invalid"}
}

test_a_node_without_facts_is_missing_evidence if {
	violations := found(fixtures.with_values("deploy", {"/host": null, "/nodes": [{"name": "worker-1"}]}))
	codes(violations) == {"evidence_missing"}
	count(violations) == 4
}

test_a_limit_that_does_not_hold_judges_nothing if {
	count(found_with(fixtures.inputs.deploy, {"min_disk_free_gb": null})) == 0
}

conditions(changed) := object.union(
	{"Ready": "True", "DiskPressure": "False", "MemoryPressure": "False", "PIDPressure": "False"},
	changed,
)

on_nodes(nodes) := fixtures.with_values("deploy", {"/host": null, "/nodes": nodes, "/resource/platform": "kubernetes"})

found_of_nodes(nodes, required) := violations if {
	violations := infrastructure.violations with input as on_nodes(nodes)
		with data.swiftdeploy.thresholds as fixtures.thresholds
		with data.swiftdeploy.required_evidence as fixtures.required_evidence
		with data.swiftdeploy.required_evidence_of_nodes as {"deploy": required}
}

test_conditions if {
	every name, case in {
		"all is well": {"changed": {}, "messages": set()},
		"disk": {"changed": {"DiskPressure": "True"}, "messages": {"Node under pressure: DiskPressure (node w)"}},
		"memory": {"changed": {"MemoryPressure": "True"}, "messages": {"Node under pressure: MemoryPressure (node w)"}},
		"process ids": {"changed": {"PIDPressure": "True"}, "messages": {"Node under pressure: PIDPressure (node w)"}},
		"not ready": {"changed": {"Ready": "False"}, "messages": {"Node not ready: Ready is False (node w)"}},
		"not heard of": {
			"changed": {"Ready": "Unknown", "DiskPressure": "Unknown", "MemoryPressure": "Unknown", "PIDPressure": "Unknown"},
			"messages": {"Node not ready: Ready is Unknown (node w)"},
		},
		"another's": {"changed": {"NetworkUnavailable": "True"}, "messages": set()},
		"senseless": {
			"changed": {"DiskPressure": 1},
			"messages": {"Evidence invalid: conditions, nodes[w].conditions.DiskPressure is none of True, False and Unknown"},
		},
	} {
		print(name)
		messages(found_of_nodes([{"name": "w", "conditions": conditions(case.changed)}], [])) == case.messages
	}
}

test_conditions_that_are_not_known_are_missing_where_they_are_required if {
	every name, case in {
		"no nodes are looked at": {"nodes": null, "path": "nodes"},
		"there are none": {"nodes": [], "path": "nodes"},
		"nothing is known of it": {"nodes": [{"name": "w", "conditions": {}}], "path": "nodes[w]"},
		"no object": {"nodes": [{"name": "w", "conditions": "fine"}], "path": "nodes[w]"},
	} {
		print(name)
		count(found_of_nodes(case.nodes, [])) == 0
		messages(found_of_nodes(case.nodes, ["conditions"])) == {message |
			some condition in ["Ready", "DiskPressure", "MemoryPressure", "PIDPressure"]
			message := $"Evidence missing: conditions, {case.path}.conditions.{condition}"
		}
	}
}

test_what_is_required_of_a_machine_is_not_required_of_nodes if {
	count(found_of_nodes([{"name": "w", "conditions": conditions({})}], [])) == 0
	codes(found_of_nodes([{"name": "w", "conditions": conditions({})}], ["disk"])) == {"evidence_missing"}
}

test_figures_of_a_node if {
	every name, case in {
		"room for it": {"figures": {"disk_free_bytes": 10000000000, "cpu_used_percent": 90, "memory_used_percent": 90}, "messages": set()},
		"nothing is known": {
			"figures": {"disk_free_bytes": null, "cpu_used_percent": null, "memory_used_percent": null, "problem": "no answer"},
			"messages": set(),
		},
		"disk": {"figures": {"disk_free_bytes": 3200000000}, "messages": {"Disk below threshold: 3.2 GB free, 10 GB required (node w)"}},
		"cpu": {"figures": {"cpu_used_percent": 97.25}, "messages": {"CPU used too high: 97.3 %, at most 90 % (node w)"}},
		"memory": {"figures": {"memory_used_percent": 90.001}, "messages": {"Memory used too high: just over 90 %, at most 90 % (node w)"}},
		"more than all": {
			"figures": {"cpu_used_percent": 101},
			"messages": {"Evidence invalid: cpu, nodes[w].cpu_used_percent is out of range, a number from 0 to 100 expected"},
		},
	} {
		print(name, messages(found_of_nodes([object.union({"name": "w"}, case.figures)], [])))
		messages(found_of_nodes([object.union({"name": "w"}, case.figures)], [])) == case.messages
	}
}

test_figures_that_are_required_and_not_known_deny if {
	unread := {"name": "w", "disk_free_bytes": null, "cpu_used_percent": null, "memory_used_percent": null}
	messages(found_of_nodes([unread], ["disk", "cpu", "memory"])) == {
		"Evidence missing: disk, nodes[w].disk_free_bytes",
		"Evidence missing: cpu, nodes[w].cpu_used_percent",
		"Evidence missing: memory, nodes[w].memory_used_percent",
	}
}

test_what_no_kubelet_tells_can_not_be_required if {
	read := {"name": "w", "cpu_used_percent": 1, "cpu_load_1m": 1, "cpus": 1}
	messages(found_of_nodes([read], ["load"])) == {"Required evidence invalid: for deploy it names what is none of conditions, cpu, disk, memory"}
}

test_without_a_limit_the_cpu_is_not_judged if {
	violations := infrastructure.violations with input as on_nodes([{"name": "w", "cpu_used_percent": 100}])
		with data.swiftdeploy.thresholds as object.remove(fixtures.thresholds, ["max_cpu_used_percent"])
		with data.swiftdeploy.required_evidence_of_nodes as {"deploy": []}
	count(violations) == 0
}

test_without_a_list_for_nodes_nothing_is_clear if {
	codes(found_of_nodes([], null)) == {"required_evidence_invalid"}
}

test_a_machine_is_not_asked_what_nodes_are if {
	violations := infrastructure.violations with input as fixtures.inputs.deploy
		with data.swiftdeploy.thresholds as fixtures.thresholds
		with data.swiftdeploy.required_evidence as fixtures.required_evidence
		with data.swiftdeploy.required_evidence_of_nodes as {"deploy": ["conditions"]}
	count(violations) == 0
}
