# METADATA
# title: When is a text of RFC 3339?
# description: >-
#   Policies see no clock: time is in the input, as text. Integer arithmetic only,
#   because not every engine has built-ins for time. Days are counted as in Howard
#   Hinnant's "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
package swiftdeploy.instant

# METADATA
# title: Whole seconds since 1970-01-01T00:00:00Z
# description: Undefined for what is no instant. A leap second counts as the second after.
seconds(text) := ((_days(year, month, day) * 86400) + _of_day(hour, minute, second)) - _offset(zone) if {
	is_string(text)
	parts := regex.find_all_string_submatch_n(_form, text, 1)[0]
	year := _digits(parts[1])
	month := _digits(parts[2])
	day := _digits(parts[3])
	hour := _digits(parts[4])
	minute := _digits(parts[5])
	second := _digits(parts[6])
	zone := parts[7]
	month in numbers.range(1, 12)
	day in numbers.range(1, _days_in(year, month))
	hour <= 23
	minute <= 59
	second <= 60
}

# METADATA
# title: Seconds since the last Monday, 00:00 UTC
# description: 1970-01-01 was a Thursday.
of_week(seconds_since_1970) := (((seconds_since_1970 + (3 * 86400)) % _week) + _week) % _week

# METADATA
# title: Seconds since midnight of a text like 08:30
of_clock(text) := _of_day(hour, minute, 0) if {
	is_string(text)
	parts := regex.find_all_string_submatch_n(`^([0-9]{2}):([0-9]{2})$`, text, 1)[0]
	hour := _digits(parts[1])
	minute := _digits(parts[2])
	hour <= 23
	minute <= 59
}

# METADATA
# title: The days of a week, and how many come before each
days := {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}

_week := 7 * 86400

_form := `^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$`

# A leading zero makes no number in JSON, so one digit more goes before and is taken off.
_digits(text) := to_number($"1{text}") - _power[count(text)]

_power := {2: 100, 4: 10000}

_of_day(hour, minute, second) := ((hour * 3600) + (minute * 60)) + second

_offset(zone) := 0 if lower(zone) == "z"

_offset(zone) := _direction[substring(zone, 0, 1)] * of_clock(substring(zone, 1, -1))

_direction := {"+": 1, "-": -1}

# Years begin in March here, so that the leap day is the last.
_days(year, month, day) := ((era * 146097) + day_of_era) - 719468 if {
	march_year := year - _before_march(month)
	era := _quotient(march_year, 400)
	year_of_era := march_year % 400
	day_of_year := (_quotient((153 * ((month + 9) % 12)) + 2, 5) + day) - 1
	day_of_era := (((year_of_era * 365) + _quotient(year_of_era, 4)) - _quotient(year_of_era, 100)) + day_of_year
}

_before_march(month) := 1 if month <= 2

_before_march(month) := 0 if month > 2

_quotient(dividend, divisor) := (dividend - (dividend % divisor)) / divisor

_days_in(_, month) := 31 if month in {1, 3, 5, 7, 8, 10, 12}

_days_in(_, month) := 30 if month in {4, 6, 9, 11}

_days_in(year, 2) := 29 if _leap(year)

_days_in(year, 2) := 28 if not _leap(year)

_leap(year) if {
	year % 4 == 0
	year % 100 != 0
}

_leap(year) if year % 400 == 0
