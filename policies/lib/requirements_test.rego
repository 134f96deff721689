package swiftdeploy.requirements_test

import data.swiftdeploy.fixtures
import data.swiftdeploy.requirements

required(document, lists) := names if {
	names := requirements.required with input as document with data.swiftdeploy.required_evidence as lists
}

problems(document, lists) := violations if {
	violations := requirements.problems("a_policy", {"b", "a"}) with input as document
		with data.swiftdeploy.required_evidence as lists
}

test_the_list_of_the_kind_holds if {
	required(fixtures.inputs.deploy, {"deploy": ["a", "b"], "canary": ["c"]}) == {"a", "b"}
	count(problems(fixtures.inputs.deploy, {"deploy": ["a", "b"]})) == 0
}

test_nothing_may_be_required if {
	required(fixtures.inputs.deploy, {"deploy": []}) == set()
	count(problems(fixtures.inputs.deploy, {"deploy": []})) == 0
}

test_without_a_list_nothing_is_clear[name] if {
	some name, lists in {"empty": {}, "another": {"canary": ["a"]}, "null": null, "an array": ["a"], "a text": "a"}
	required(fixtures.inputs.deploy, lists) == set()
	{violation.message | some violation in problems(fixtures.inputs.deploy, lists)} == {"Required evidence invalid: for deploy it is missing, an array expected"}
}

test_without_a_transition_nothing_is_clear[name] if {
	some i, document in [{}, [], null, {"transition": {}}]
	name := $"{i}"
	count(problems(document, {"deploy": ["a"]})) == 1
}

test_a_name_nobody_knows_is_told if {
	problems(fixtures.inputs.deploy, {"deploy": ["a", "z"]}) == {{
		"code": "required_evidence_invalid",
		"message": "Required evidence invalid: for deploy it names what is none of a, b",
		"policy": "a_policy",
		"severity": "block",
		"observed": "z",
		"threshold": null,
	}}
}

on_nodes(kind) := object.union(fixtures.inputs[kind], {"resource": {"platform": "kubernetes"}})

test_of_nodes_another_list_holds if {
	names := requirements.required with input as on_nodes("deploy")
		with data.swiftdeploy.required_evidence as {"deploy": ["a"]}
		with data.swiftdeploy.required_evidence_of_nodes as {"deploy": ["b"]}
	names == {"b"}
}

test_a_candidate_is_asked_the_same_wherever_it_runs if {
	names := requirements.required with input as on_nodes("advance")
		with data.swiftdeploy.required_evidence as {"advance": ["a"]}
		with data.swiftdeploy.required_evidence_of_nodes as {"advance": ["b"]}
	names == {"a"}
}
