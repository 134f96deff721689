# METADATA
# title: Probes that take more than a line
package swiftdeploy.probes

# METADATA
# title: So many times the same ten characters
long_text(times) := concat("", [ten | some _ in numbers.range(1, times); ten := "0123456789"])

# METADATA
# title: Never finished while anybody waits
runaway := count([1 |
	some i in numbers.range(1, 20000)
	some j in numbers.range(1, 20000)
	i == j + 1
])
