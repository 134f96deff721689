# METADATA
# title: What a violation looks like
# description: >-
#   Every violation has these six fields. Only severity `block` keeps a transition from
#   being allowed; a `warning` is told and changes nothing.
package swiftdeploy.violation

import data.swiftdeploy.document

# METADATA
# title: A violation that denies
block(policy, code, message, observed, threshold) := {
	"code": document.short(code),
	"message": document.short(message),
	"policy": policy,
	"severity": "block",
	"observed": document.scalar(observed),
	"threshold": document.scalar(threshold),
}

# METADATA
# title: A violation that is only told
warning(policy, code, message, observed, threshold) := object.union(
	block(policy, code, message, observed, threshold),
	{"severity": "warning"},
)

# METADATA
# title: The violation that another policy meant
# description: >-
#   A guard that somebody dropped in may speak loosely: a bare string, a missing field,
#   a severity nobody knows. It is completed, and blocks unless it says `warning`.
completed(policy, found) := object.union(
	block(
		policy,
		_first_text([document.field(found, "code"), "denied"]),
		_first_text([document.field(found, "message"), found, $"Denied by {policy}"]),
		document.field(found, "observed"),
		document.field(found, "threshold"),
	),
	{"severity": _severity(found)},
)

default _severity(_) := "block"

_severity(found) := "warning" if document.field(found, "severity") == "warning"

_first_text(candidates) := [text | some text in candidates; is_string(text); trim_space(text) != ""][0]
