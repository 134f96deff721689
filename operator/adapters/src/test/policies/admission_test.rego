package swiftdeploy.admission_test

import data.swiftdeploy.admission

test_an_echo if admission.decision == 1 with input as {"probe": "echo", "echo": 1}
