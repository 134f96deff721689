package swiftdeploy.document_test

import data.swiftdeploy.document

test_field[name] if {
	some name, case in {
		"there": {"container": {"a": 1}, "value": 1},
		"false": {"container": {"a": false}, "value": false},
		"null": {"container": {"a": null}, "value": null},
		"missing": {"container": {"b": 1}, "value": null},
		"of null": {"container": null, "value": null},
		"of an array": {"container": ["a"], "value": null},
		"of a text": {"container": "a", "value": null},
	}
	document.field(case.container, "a") == case.value
}

test_scalar[name] if {
	some name, case in {
		"a number": {"in": 1.5, "out": 1.5},
		"a text": {"in": "a", "out": "a"},
		"false": {"in": false, "out": false},
		"null": {"in": null, "out": null},
		"an array": {"in": [1], "out": null},
		"an object": {"in": {"a": 1}, "out": null},
	}
	document.scalar(case.in) == case.out
}

test_short[name] if {
	long := concat("", [letter | some _ in numbers.range(1, 400); letter := "é"])
	some name, case in {
		"empty": {"in": "", "out": ""},
		"just short": {"in": long, "out": long},
		"too long": {"in": $"{long}x", "out": $"{long}…"},
	}
	document.short(case.in) == case.out
}

test_kind[name] if {
	some name, case in {
		"null": {"value": null, "kind": "missing"},
		"true": {"value": true, "kind": "a boolean"},
		"1": {"value": 1, "kind": "a number"},
		"a": {"value": "a", "kind": "a string"},
		"[]": {"value": [], "kind": "an array"},
		"{}": {"value": {}, "kind": "an object"},
	}
	document.kind(case.value) == case.kind
}

test_misfit if {
	document.misfit("1") == "a string"
	document.misfit(-1) == "out of range"
}

test_well_formed[name] if {
	some name, case in {
		"the least": {"value": 0, "form": "fraction"},
		"the most": {"value": 1, "form": "fraction"},
		"between": {"value": 0.5, "form": "fraction"},
		"without a most": {"value": 1e300, "form": "amount"},
		"more bytes than any disk": {"value": 100000000000000000000, "form": "bytes"},
	}
	document.well_formed(case.value, document.forms[case.form])
}

test_not_well_formed[name] if {
	some name, case in {
		"below the least": {"value": -0.0001, "form": "fraction"},
		"above the most": {"value": 1.0001, "form": "fraction"},
		"no cpu": {"value": 0, "form": "cpus"},
		"null": {"value": null, "form": "amount"},
		"a text": {"value": "1", "form": "amount"},
		"true": {"value": true, "form": "amount"},
		"an array": {"value": [1], "form": "amount"},
		"an object": {"value": {"a": 1}, "form": "amount"},
	}
	not document.well_formed(case.value, document.forms[case.form])
}
