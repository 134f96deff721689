# METADATA
# title: What tests of the embedded engine ask
# description: No policy. Each probe does something that an engine has to cope with.
package swiftdeploy.admission

import data.swiftdeploy.probes

# METADATA
# title: The answer to the probe; undefined for one that is not known
# entrypoint: true
decision := input.echo if input.probe == "echo"

decision := data.limit if input.probe == "limit"

decision := input.a + input.b if input.probe == "plus"

decision := input.a < input.b if input.probe == "less"

decision := sprintf(input.format, input.args) if input.probe == "sprintf"

decision := sprintf("%v", [{x | some x in input.args}]) if input.probe == "sprintf of a set"

decision := probes.long_text(input.times) if input.probe == "long text"

decision := probes.runaway if input.probe == "runaway"

decision := count(numbers.range(1, 100000000)) if input.probe == "hog"
