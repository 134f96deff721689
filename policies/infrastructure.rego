# METADATA
# title: Is there room for it?
# description: >-
#   Judges a deploy, a canary and a change of configuration by the machine that it would
#   run on, or, on Kubernetes, by each node that it might run on.
# custom:
#   transitions: [deploy, canary, configure]
package swiftdeploy.infrastructure

import data.swiftdeploy.document
import data.swiftdeploy.evidence
import data.swiftdeploy.limits
import data.swiftdeploy.requirements
import data.swiftdeploy.text
import data.swiftdeploy.violation

_policy := "infrastructure"

_forms := {
	"disk_free_bytes": {"evidence": "disk", "form": document.forms.bytes},
	"cpu_load_1m": {"evidence": "load", "form": document.forms.load},
	"cpus": {"evidence": "load", "form": document.forms.cpus},
	"cpu_used_percent": {"evidence": "cpu", "form": document.forms.percentage},
	"memory_used_percent": {"evidence": "memory", "form": document.forms.percentage},
}

# What is known of a machine, and what of a node: a kubelet tells no load average.
_evidence := {
	"host": {"disk", "load", "memory"},
	"nodes": {"conditions", "disk", "cpu", "memory"},
}

default _host := null

_host := input.host

default _nodes := null

_nodes := input.nodes

# Where it would run: `path` names the place in the input, `aside` follows a message.
_machines contains {"path": "host", "facts": _host, "aside": ""} if _host != null

_machines contains {"path": $"nodes[{_name(i)}]", "facts": node, "aside": $" (node {_name(i)})"} if {
	is_array(_nodes)
	some i, node in _nodes
}

# Nothing is known of any machine: so the evidence is missing from the place it should be in.
_machines contains {"path": requirements.place, "facts": null, "aside": ""} if {
	_host == null
	_nodes in {null, []}
}

_name(i) := _nodes[i].name if {
	is_string(_nodes[i].name)
} else := format_int(i, 10)

# METADATA
# title: Disk below threshold
# description: Free disk, in GB of 10^9 bytes, is less than the least that is required.
# custom:
#   code: disk_below_threshold
violations contains found if {
	some machine in _machines
	free := _gigabytes(_reading(machine, "disk_free_bytes"))
	required := limits.effective.min_disk_free_gb
	free < required
	found := violation.block(
		_policy,
		"disk_below_threshold",
		$"Disk below threshold: {text.under(free, required)} GB free, {text.number(required)} GB required{machine.aside}",
		free,
		required,
	)
}

# METADATA
# title: CPU load per CPU too high
# description: The 1-minute load average, divided by the CPUs, is above the most that is allowed.
# custom:
#   code: load_per_cpu_too_high
violations contains found if {
	some machine in _machines
	load := text.millionths(_reading(machine, "cpu_load_1m") / _reading(machine, "cpus"))
	limit := limits.effective.max_load_per_cpu
	load > limit
	found := violation.block(
		_policy,
		"load_per_cpu_too_high",
		$"CPU load too high: {text.over(load, limit)} per CPU, at most {text.number(limit)}{machine.aside}",
		load,
		limit,
	)
}

# METADATA
# title: CPU load too high
# description: >-
#   The plain 1-minute load average is above the most that is allowed. Asked only where
#   a max_cpu_load is set.
# custom:
#   code: cpu_load_too_high
violations contains found if {
	some machine in _machines
	load := _reading(machine, "cpu_load_1m")
	limit := limits.effective.max_cpu_load
	load > limit
	found := violation.block(
		_policy,
		"cpu_load_too_high",
		$"CPU load too high: {text.over(load, limit)}, at most {text.number(limit)}{machine.aside}",
		load,
		limit,
	)
}

# METADATA
# title: CPU used too high
# description: CPU in use of a node, in percent of all it has, is above the most that is allowed.
# custom:
#   code: cpu_used_too_high
violations contains found if {
	some machine in _machines
	used := _reading(machine, "cpu_used_percent")
	limit := limits.effective.max_cpu_used_percent
	used > limit
	found := violation.block(
		_policy,
		"cpu_used_too_high",
		$"CPU used too high: {text.over(used, limit)} %, at most {text.number(limit)} %{machine.aside}",
		used,
		limit,
	)
}

# METADATA
# title: Memory used too high
# description: Memory in use, in percent, is above the most that is allowed.
# custom:
#   code: memory_used_too_high
violations contains found if {
	some machine in _machines
	used := _reading(machine, "memory_used_percent")
	limit := limits.effective.max_memory_used_percent
	used > limit
	found := violation.block(
		_policy,
		"memory_used_too_high",
		$"Memory used too high: {text.over(used, limit)} %, at most {text.number(limit)} %{machine.aside}",
		used,
		limit,
	)
}

# What a cluster says of a node. Whatever else it says is not asked about here.
_pressures := {"DiskPressure", "MemoryPressure", "PIDPressure"}

_conditions := _pressures | {"Ready"}

_condition(machine, name) := document.field(document.field(machine.facts, "conditions"), name)

# METADATA
# title: Node not ready
# description: A node that the resource's pods run on, or would, is not ready, or is not heard of.
# custom:
#   code: node_not_ready
violations contains found if {
	some machine in _machines
	status := _condition(machine, "Ready")
	status in {"False", "Unknown"}
	found := violation.block(_policy, "node_not_ready", $"Node not ready: Ready is {status}{machine.aside}", status, "True")
}

# METADATA
# title: Node under pressure
# description: A node that the resource's pods run on, or would, runs out of disk, memory or process ids.
# custom:
#   code: node_under_pressure
violations contains found if {
	some machine in _machines
	some name in _pressures
	status := _condition(machine, name)
	status == "True"
	found := violation.block(_policy, "node_under_pressure", $"Node under pressure: {name}{machine.aside}", status, "False")
}

# METADATA
# title: Conditions of a node missing or invalid
# custom:
#   codes: [evidence_missing, evidence_invalid]
violations contains found if {
	"conditions" in requirements.required
	some machine in _machines
	some name in _conditions
	_condition(machine, name) == null
	found := violation.block(
		_policy,
		"evidence_missing",
		$"Evidence missing: conditions, {machine.path}.conditions.{name}",
		null,
		null,
	)
}

violations contains found if {
	some machine in _machines
	some name in _conditions
	status := _condition(machine, name)
	not status in {null, "True", "False", "Unknown"}
	found := violation.block(
		_policy,
		"evidence_invalid",
		$"Evidence invalid: conditions, {machine.path}.conditions.{name} is none of True, False and Unknown",
		document.scalar(status),
		null,
	)
}

# METADATA
# title: Evidence of the machine missing or invalid
# description: What is required is not known, or what is known makes no sense.
# custom:
#   codes: [evidence_missing, evidence_invalid]
violations contains found if {
	some machine in _machines
	section := {"path": machine.path, "value": machine.facts, "told_elsewhere": set()}
	some found in evidence.problems(_policy, section, _forms, requirements.required)
}

violations contains found if {
	_nodes != null
	not is_array(_nodes)
	found := violation.block(
		_policy,
		"evidence_invalid",
		$"Evidence invalid: nodes is {document.kind(_nodes)}, an array expected",
		_nodes,
		null,
	)
}

# METADATA
# title: Required evidence invalid
# description: The policy's data requires evidence that is none of a machine's.
# custom:
#   code: required_evidence_invalid
violations contains found if {
	some found in requirements.problems(_policy, _evidence[requirements.place])
}

_reading(machine, key) := evidence.reading(machine.facts, key, _forms[key].form)

# Whole kilobytes, rounded down: exact at the threshold, and short enough for every engine.
_gigabytes(bytes) := floor(bytes / 1000) / 1000000
