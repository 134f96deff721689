package swiftdeploy.instant_test

import data.swiftdeploy.instant

test_seconds[written] if {
	some written, seconds in {
		"1970-01-01T00:00:00Z": 0,
		"1969-12-31T23:59:59Z": -1,
		"1970-01-02T00:00:01Z": 86401,
		"2000-02-29T12:34:56Z": 951827696,
		"2000-03-01T00:00:00Z": 951868800,
		"2026-03-04T10:00:00Z": 1772618400,
		"2026-03-04T10:00:00.999Z": 1772618400,
		"2026-03-04t10:00:00z": 1772618400,
		"2026-03-04T11:30:00+01:30": 1772618400,
		"2026-03-03T22:00:00-12:00": 1772618400,
		"2016-12-31T23:59:60Z": 1483228800,
		"2100-01-01T00:00:00Z": 4102444800,
		"9999-12-31T23:59:59Z": 253402300799,
		"0001-01-01T00:00:00Z": -62135596800,
	}
	instant.seconds(written) == seconds
}

# The same answers as the built-in has, which not every engine provides.
test_seconds_agree_with_the_built_in if {
	every year in [1904, 1999, 2000, 2023, 2024, 2096] {
		every day in ["01-01", "01-31", "02-28", "03-01", "04-30", "12-31"] {
			written := $"{format_int(year, 10)}-{day}T01:02:03+04:05"
			print(written)
			instant.seconds(written) == time.parse_rfc3339_ns(written) / 1000000000
		}
	}
}

test_no_instant[written] if {
	some written in [
		"",
		"2026-03-04",
		"2026-03-04T10:00:00",
		"2026-03-04 10:00:00Z",
		"2026-00-04T10:00:00Z",
		"2026-13-04T10:00:00Z",
		"2026-04-31T10:00:00Z",
		"2026-03-00T10:00:00Z",
		"2026-03-32T10:00:00Z",
		"2026-02-29T10:00:00Z",
		"1900-02-29T10:00:00Z",
		"2026-03-04T24:00:00Z",
		"2026-03-04T10:60:00Z",
		"2026-03-04T10:00:61Z",
		"2026-03-04T10:00:00+24:00",
		"2026-03-04T10:00:00+01",
		"2026-03-04T10:00:00.Z",
		"x2026-03-04T10:00:00Z",
		"2026-03-04T10:00:00Z\n",
		"٢٠٢٦-03-04T10:00:00Z",
	]
	not instant.seconds(written)
}

test_no_text_is_no_instant[name] if {
	some i, value in [null, 5, true, [], {}]
	name := $"{i}"
	not instant.seconds(value)
}

test_of_week[written] if {
	some written, seconds in {
		"2026-03-02T00:00:00Z": 0,
		"2026-03-04T10:00:00Z": 208800,
		"2026-03-08T23:59:59Z": 604799,
		"1969-12-29T00:00:00Z": 0,
		"1969-12-28T23:59:59Z": 604799,
	}
	instant.of_week(instant.seconds(written)) == seconds
}

test_of_clock if {
	instant.of_clock("00:00") == 0
	instant.of_clock("08:30") == 30600
	instant.of_clock("23:59") == 86340
}

test_no_clock[name] if {
	some i, value in ["24:00", "08:60", "8:30", "08:30:00", "", null, 830]
	name := $"{i}"
	not instant.of_clock(value)
}
