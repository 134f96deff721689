# METADATA
# title: How a number is told to a person
# description: >-
#   At most three digits matter to a reader: two decimals below 10, one below 100, none
#   above, and no trailing zeros. All of it is integer arithmetic on small numbers,
#   without sprintf: engines differ in how they format and in the last digits of a
#   quotient, and the same input must read the same everywhere.
package swiftdeploy.text

# METADATA
# title: A number from 0
default number(_) := "over 1000000000"

number(x) := "0" if x < 0.005

number(x) := _decimal(x, 100) if {
	x >= 0.005
	x < 10
}

number(x) := _decimal(x, 10) if {
	x >= 10
	x < 100
}

number(x) := _decimal(x, 1) if {
	x >= 100
	x <= 1000000000
}

# METADATA
# title: A number that is above a limit
# description: Never reads like the limit itself.
over(x, limit) := _just(number(x), number(limit), "just over")

# METADATA
# title: A number that is below a limit
# description: Never reads like the limit itself.
under(x, limit) := _just(number(x), number(limit), "just under")

# METADATA
# title: A fraction of 1 as a percentage
percent(fraction) := fraction * 100

# METADATA
# title: A number rounded to millionths
# description: >-
#   For a quotient, before it is compared or recorded: engines agree on the result, and a
#   value that is the limit on paper is the limit.
default millionths(_) := 0

millionths(x) := floor((x * 1000000) + _half) / 1000000 if x >= 0.0000005

# Above one half by a hair: exact ties are where decimal and binary engines part.
_half := 0.50000003

_decimal(x, scale) := _joined(whole, fraction, scale) if {
	units := floor((x * scale) + _half)
	fraction := units % scale
	whole := (units - fraction) / scale
}

_joined(whole, 0, _) := format_int(whole, 10)

_joined(whole, fraction, scale) := $"{format_int(whole, 10)}.{digits}" if {
	fraction > 0

	# scale + fraction keeps the zeros that lead the fraction: 100 + 5 is "105", so ".05".
	digits := trim_right(substring(format_int(scale + fraction, 10), 1, -1), "0")
}

_just(same, same, words) := $"{words} {same}"

_just(text, limit, _) := text if text != limit
