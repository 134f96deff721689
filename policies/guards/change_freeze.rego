# METADATA
# title: Is this a time for changes?
# description: >-
#   Off unless switched on in the policy's data. Denies changes in windows, each given
#   once as {"from", "until"} in RFC 3339, or weekly as {"days", "from", "until"} in UTC.
#   `from` belongs to a window, `until` does not. A retreat is not held up unless
#   `transitions` lists it.
# custom:
#   data: swiftdeploy.optional.change_freeze
package swiftdeploy.guards.change_freeze

import data.swiftdeploy.instant
import data.swiftdeploy.switches
import data.swiftdeploy.violation

_policy := "change_freeze"

_settings := switches.settings(_policy)

default _time := null

_time := input.time

_now := instant.seconds(_time)

_entries[key] := entries if {
	some key in {"windows", "weekly"}
	entries := _settings[key]
	is_array(entries)
}

# METADATA
# title: Change freeze
# description: The time of the transition lies in a window without changes.
# custom:
#   code: change_freeze
violations contains found if {
	some window in _entries.windows
	instant.seconds(window.from) <= _now
	_now < instant.seconds(window.until)
	found := violation.block(
		_policy,
		"change_freeze",
		$"Change freeze until {window.until}{_reason(window)}",
		_time,
		window.until,
	)
}

violations contains found if {
	some window in _entries.weekly
	some day in window.days
	_since(day, window) < _length(window)
	found := violation.block(
		_policy,
		"change_freeze",
		$"Change freeze every {day} from {window.from} to {window.until} UTC{_reason(window)}",
		_time,
		window.until,
	)
}

# METADATA
# title: Window invalid
# description: A window of the change freeze can't be read.
# custom:
#   code: change_freeze_invalid
violations contains found if {
	some i, window in _entries.windows
	not _once(window)
	found := _invalid($"windows[{format_int(i, 10)}]")
}

violations contains found if {
	some i, window in _entries.weekly
	not _weekly(window)
	found := _invalid($"weekly[{format_int(i, 10)}]")
}

violations contains found if {
	_settings
	some key in {"windows", "weekly"}
	not _entries[key]
	found := _invalid(key)
}

# METADATA
# title: Time not known
# description: Without the time there is no telling whether changes are frozen.
# custom:
#   code: evidence_invalid
violations contains found if {
	_settings
	not _now
	found := violation.block(
		_policy,
		"evidence_invalid",
		"Evidence invalid: time is no text of RFC 3339",
		_time,
		null,
	)
}

_once(window) if instant.seconds(window.from) < instant.seconds(window.until)

_weekly(window) if {
	_length(window)
	is_array(window.days)
	every day in window.days { instant.days[day] >= 0 }
}

# Whole seconds since the window began last, or since it would have.
_since(day, window) := (((instant.of_week(_now) - begin) % _week) + _week) % _week if {
	begin := (instant.days[day] * _day) + instant.of_clock(window.from)
}

# A window that ends no later than it begins ends on the next day.
_length(window) := ((((until - from) - 1) + _day) % _day) + 1 if {
	from := instant.of_clock(window.from)
	until := instant.of_clock(window.until)
}

_day := 86400

_week := 7 * _day

default _reason(_) := ""

_reason(window) := $": {window.reason}" if is_string(window.reason)

_invalid(place) := violation.block(
	_policy,
	"change_freeze_invalid",
	$"Change freeze invalid: {place} in the policy's data can't be read",
	null,
	null,
)
