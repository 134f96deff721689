package swiftdeploy.text_test

import data.swiftdeploy.text

test_number[told] if {
	some told, x in {
		"0": 0,
		"0.01": 0.005,
		"0.05": 0.05,
		"0.5": 0.5,
		"2.31": 2.31,
		"3.2": 3.2,
		"9.99": 9.994,
		"10": 9.995,
		"10.1": 10.05,
		"31.2": 31.23,
		"99.9": 99.94,
		"100": 99.95,
		"101": 100.5,
		"812": 812.4,
		"1000000000": 1000000000,
		"over 1000000000": 1000000000.5,
	}
	text.number(x) == told
}

test_number_of_next_to_nothing if {
	text.number(0.00499) == "0"
	text.number(1e-300) == "0"
}

test_number_of_very_much if text.number(1e300) == "over 1000000000"

test_over if {
	text.over(812, 500) == "812"
	text.over(500.2, 500) == "just over 500"
}

test_under if {
	text.under(8, 20) == "8"
	text.under(19.99, 20) == "just under 20"
}

test_percent if text.number(text.percent(0.312)) == "31.2"

test_millionths[name] if {
	some name, case in {
		"a third": {"in": 1 / 3, "out": 0.333333},
		"two thirds": {"in": 2 / 3, "out": 0.666667},
		"whole": {"in": 2, "out": 2},
		"nothing": {"in": 0, "out": 0},
		"next to nothing": {"in": 0.0000004, "out": 0},
		"the least": {"in": 0.0000005, "out": 0.000001},
	}
	text.millionths(case.in) == case.out
}
