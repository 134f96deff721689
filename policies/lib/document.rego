# METADATA
# title: What stands at a place of a document
# description: >-
#   Reads documents whose shape nobody vouches for. Whatever comes in, a reading is
#   defined and no built-in fails: engines that are asked to be strict about errors
#   of built-ins would else give no decision at all.
package swiftdeploy.document

# METADATA
# title: The value at a key
# description: null where it is missing, where it is null, and where there is no object.
default field(_, _) := null

field(container, key) := container[key] if is_object(container)

# METADATA
# title: A value that may stand in a record
# description: Numbers and booleans as they are, strings shortened; null for all the rest.
default scalar(_) := null

scalar(x) := x if is_number(x)

scalar(x) := short(x) if is_string(x)

scalar(x) := x if is_boolean(x)

# METADATA
# title: A text that fits into a record
# description: Others wrote parts of it, and a reader of decisions takes no novels.
short(text) := text if count(text) <= 400

short(text) := $"{substring(text, 0, 400)}…" if count(text) > 400

# METADATA
# title: What kind of value it is, in words
kind(x) := {
	"null": "missing",
	"boolean": "a boolean",
	"number": "a number",
	"string": "a string",
	"array": "an array",
	"object": "an object",
}[type_name(x)]

# METADATA
# title: Why a value is not a number of the form wanted, in words
misfit(x) := kind(x) if not is_number(x)

misfit(x) := "out of range" if is_number(x)

# METADATA
# title: The forms that numbers may have
# description: >-
#   Both bounds are inclusive; one that is not named does not hold. Bytes and load stay
#   where every engine divides them alike; no machine has more.
forms := {
	"amount": {"least": 0, "words": "a number from 0"},
	"bytes": {"least": 0, "most": 100000000000000000000, "words": "a number from 0 to 10^20"},
	"cpus": {"least": 0.01, "words": "a number from 0.01"},
	"grace": {"least": 1, "most": 2592000, "words": "a number from 1 to 2592000"},
	"fraction": {"least": 0, "most": 1, "words": "a number from 0 to 1"},
	"load": {"least": 0, "most": 1000000000, "words": "a number from 0 to 10^9"},
	"percentage": {"least": 0, "most": 100, "words": "a number from 0 to 100"},
}

# METADATA
# title: Whether a value is a number of the form
well_formed(x, form) if {
	is_number(x)
	x >= form.least
	not _above(x, form)
}

_above(x, form) if x > form.most
