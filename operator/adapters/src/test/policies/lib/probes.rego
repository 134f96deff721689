# METADATA
# title: Probes that take more than a line
package swiftdeploy.probes

# METADATA
# title: So many times the same ten characters
long_text(times) := concat("", [ten | some _ in numbers.range(1, times); ten := "0123456789"])

low := numbers.range(1, 10000)

high := numbers.range(20001, 30000)

# METADATA
# title: Never finished while anybody waits
# description: |
#   It goes round without taking memory, or a fast machine would run out of that before the time
#   is over.
runaway if {
	some i in low
	some j in high
	some k in low
	i == j
	j == k
}
