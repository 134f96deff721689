package swiftdeploy.guards.change_freeze_test

import data.swiftdeploy.fixtures
import data.swiftdeploy.guards.change_freeze

found(kind, time, settings) := violations if {
	document := object.union(fixtures.inputs[kind], {"time": time})
	violations := change_freeze.violations with input as document
		with data.swiftdeploy.optional as {"change_freeze": object.union(on, settings)}
}

on := object.union(fixtures.optional.change_freeze, {"enabled": true})

# Of those that deny: a warning would let pass what it is to keep out.
codes(violations) := {violation.code | some violation in violations; violation.severity == "block"}

year_end := {"windows": [{"from": "2026-12-20T00:00:00Z", "until": "2027-01-04T08:00:00+01:00", "reason": "end of the year"}]}

weekend := {"weekly": [{"days": ["sat", "sun"], "from": "00:00", "until": "00:00"}]}

nights := {"weekly": [{"days": ["sun", "mon"], "from": "22:00", "until": "06:00", "reason": "nobody is there"}]}

test_off_by_default if {
	every kind in object.keys(fixtures.inputs) {
		document := object.union(fixtures.inputs[kind], {"time": "2026-12-24T18:00:00Z"})
		count(change_freeze.violations) == 0 with input as document
			with data.swiftdeploy.optional as {"change_freeze": object.union(on, object.union(year_end, {"enabled": false}))}
	}
}

test_off_asks_for_no_time if {
	count(found("deploy", null, {"enabled": false, "windows": null})) == 0
}

test_a_window_that_comes_once[time] if {
	some time, expected in {
		"2026-12-19T23:59:59Z": set(),
		"2026-12-20T00:00:00Z": {"change_freeze"},
		"2027-01-04T06:59:59Z": {"change_freeze"},
		"2027-01-04T07:00:00Z": set(),
	}
	codes(found("deploy", time, year_end)) == expected
}

test_a_window_that_comes_once_told if {
	found("promote", "2026-12-24T18:00:00Z", year_end) == {{
		"code": "change_freeze",
		"message": "Change freeze until 2027-01-04T08:00:00+01:00: end of the year",
		"policy": "change_freeze",
		"severity": "block",
		"observed": "2026-12-24T18:00:00Z",
		"threshold": "2027-01-04T08:00:00+01:00",
	}}
}

test_whole_days_of_every_week[time] if {
	some time, expected in {
		"2026-03-06T23:59:59Z": set(),
		"2026-03-07T00:00:00Z": {"change_freeze"},
		"2026-03-08T23:59:59Z": {"change_freeze"},
		"2026-03-09T00:00:00Z": set(),
	}
	codes(found("deploy", time, weekend)) == expected
}

test_nights_that_go_on_into_the_next_day_and_week[time] if {
	some time, expected in {
		"2026-03-08T21:59:59Z": set(),
		"2026-03-08T22:00:00Z": {"change_freeze"},
		"2026-03-09T05:59:59Z": {"change_freeze"},
		"2026-03-09T06:00:00Z": set(),
		"2026-03-09T22:00:00Z": {"change_freeze"},
		"2026-03-10T22:00:00Z": set(),
	}
	codes(found("deploy", time, nights)) == expected
}

test_a_weekly_window_told if {
	messages := {violation.message | some violation in found("deploy", "2026-03-08T23:00:00Z", nights)}
	messages == {"Change freeze every sun from 22:00 to 06:00 UTC: nobody is there"}
}

test_a_window_needs_no_reason if {
	messages := {violation.message | some violation in found("deploy", "2026-03-07T12:00:00Z", weekend)}
	messages == {"Change freeze every sat from 00:00 to 00:00 UTC"}
}

test_retreats_are_not_held_up[kind] if {
	some kind in ["rollback", "teardown"]
	count(found(kind, "2026-12-24T18:00:00Z", year_end)) == 0
}

test_without_a_time_nothing_is_known[name] if {
	some i, time in [null, "", "yesterday", 1772618400, [], {}]
	name := $"{i}"
	codes(found("deploy", time, year_end)) == {"evidence_invalid"}
}

test_no_time_at_all if {
	violations := change_freeze.violations with input as fixtures.without("deploy", "/time")
		with data.swiftdeploy.optional as {"change_freeze": on}
	codes(violations) == {"evidence_invalid"}
}

test_a_window_that_can_not_be_read_denies if {
	every name, windows in {
		"no windows": {"weekly": []},
		"windows null": {"windows": null, "weekly": []},
		"windows as an object": {"windows": {"a": {}}, "weekly": []},
		"no weekly ones": {"windows": []},
		"no window": {"windows": ["2026-12-20"], "weekly": []},
		"without an end": {"windows": [{"from": "2026-12-20T00:00:00Z"}], "weekly": []},
		"ends before it begins": {"windows": [{"from": "2026-12-20T00:00:00Z", "until": "2026-12-19T00:00:00Z"}], "weekly": []},
		"ends as it begins": {"windows": [{"from": "2026-12-20T00:00:00Z", "until": "2026-12-20T00:00:00Z"}], "weekly": []},
		"a day nobody knows": {"windows": [], "weekly": [{"days": ["sat", "sunday"], "from": "00:00", "until": "00:00"}]},
		"a day alone": {"windows": [], "weekly": [{"days": "sat", "from": "00:00", "until": "00:00"}]},
		"days as an object": {"windows": [], "weekly": [{"days": {"on": "sat"}, "from": "00:00", "until": "00:00"}]},
		"no clock": {"windows": [], "weekly": [{"days": ["sat"], "from": "0:00", "until": "24:00"}]},
		"no weekly window": {"windows": [], "weekly": [null]},
	} {
		print(name)
		violations := change_freeze.violations with input as fixtures.inputs.deploy
			with data.swiftdeploy.optional as {"change_freeze": object.union(
				{"enabled": true, "transitions": ["deploy"]},
				windows,
			)}
		codes(violations) == {"change_freeze_invalid"}
	}
}

test_an_invalid_window_is_named if {
	messages := {violation.message | some violation in found("deploy", "2026-03-04T10:00:00Z", {"weekly": [{}]})}
	messages == {"Change freeze invalid: weekly[0] in the policy's data can't be read"}
}
