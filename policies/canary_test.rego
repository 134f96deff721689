package swiftdeploy.canary_test

import data.swiftdeploy.canary
import data.swiftdeploy.fixtures

found(document) := review(document)[0]

found_with(document, thresholds) := violations if {
	violations := canary.violations with input as document
		with data.swiftdeploy.thresholds as object.union(fixtures.thresholds, thresholds)
		with data.swiftdeploy.required_evidence as fixtures.required_evidence
}

found_requiring(document, evidence) := violations if {
	violations := canary.violations with input as document
		with data.swiftdeploy.thresholds as fixtures.thresholds
		with data.swiftdeploy.required_evidence as object.union(fixtures.required_evidence, evidence)
}

# Both at once: [violations, failed_review].
review(document) := result if {
	result := [canary.violations, canary.failed_review] with input as document
		with data.swiftdeploy.thresholds as fixtures.thresholds
		with data.swiftdeploy.required_evidence as fixtures.required_evidence
}

failed(document) := review(document)[1]

rolled_back(document, thresholds) := result if {
	result := canary.rollback with input as document
		with data.swiftdeploy.thresholds as object.union(fixtures.thresholds, thresholds)
		with data.swiftdeploy.required_evidence as fixtures.required_evidence
}

# An advance whose candidate shows these metrics.
shown(metrics) := fixtures.with_values(
	"advance",
	{$"/metrics/candidate/{key}": value | some key, value in metrics},
)

# Of those that deny: a warning would let pass what it is to keep out.
codes(violations) := {violation.code | some violation in violations; violation.severity == "block"}

messages(violations) := {violation.message | some violation in violations}

test_a_good_candidate_is_fine[kind] if {
	some kind in ["advance", "promote"]
	count(found(fixtures.inputs[kind])) == 0
	failed(fixtures.inputs[kind]) == false
}

test_error_rate if {
	every name, case in {
		"none": {"rate": 0, "codes": set()},
		"exactly the threshold": {"rate": 0.01, "codes": set()},
		"just above": {"rate": 0.0100001, "codes": {"error_rate_too_high"}},
		"just below": {"rate": 0.0099999, "codes": set()},
		"all": {"rate": 1, "codes": {"error_rate_too_high"}},
		"more than all": {"rate": 1.0001, "codes": {"evidence_invalid"}},
	} {
		every kind in ["advance", "promote"] {
			print(name)
			codes(found(fixtures.with_values(kind, {"/metrics/candidate/error_rate": case.rate}))) == case.codes
		}
	}
}

test_error_rate_told if {
	found(shown({"error_rate": 0.3123})) == {{
		"code": "error_rate_too_high",
		"message": "Error rate too high: 31.2 %, at most 1 %",
		"policy": "canary",
		"severity": "block",
		"observed": 0.3123,
		"threshold": 0.01,
	}}
}

test_error_rate_never_reads_like_its_threshold if {
	messages(found(shown({"error_rate": 0.010001}))) == {"Error rate too high: just over 1 %, at most 1 %"}
}

# Counted by the metrics source: requests 0 and probes that the candidate never answered.
test_not_answering if {
	every name, case in {
		"none unanswered": {"unanswered": 0, "requests": 0, "probes": 0, "codes": {"insufficient_requests"}, "failed": false},
		"one, nothing answered": {"unanswered": 1, "requests": 0, "probes": 1, "codes": {"not_answering"}, "failed": true},
		"many, nothing answered": {"unanswered": 30, "requests": 0, "probes": 30, "codes": {"not_answering"}, "failed": true},
		"one, one of the probe answered": {"unanswered": 1, "requests": 0, "probes": 2, "codes": {"insufficient_requests"}, "failed": false},
		"one, one of people answered": {"unanswered": 1, "requests": 1, "probes": 1, "codes": {"insufficient_requests"}, "failed": false},
	} {
		print(name)
		document := fixtures.with_values("advance", {
			"/metrics/candidate/requests": case.requests,
			"/metrics/candidate/synthetic_requests": case.probes,
			"/metrics/candidate/unanswered_probes": case.unanswered,
			"/metrics/candidate/error_rate": 1,
			"/metrics/candidate/p99_ms": null,
		})
		codes(found(document)) == case.codes
		failed(document) == case.failed
	}
}

test_not_answering_told if {
	messages(found(shown({"unanswered_probes": 7, "requests": 0, "synthetic_requests": 7}))) == {"Not answering: no request answered, and 7 probes without an answer"}
}

test_enough_answers_are_judged_with_those_missing if {
	document := shown({"unanswered_probes": 10, "requests": 90, "synthetic_requests": 10, "error_rate": 0.1})
	codes(found(document)) == {"error_rate_too_high"}
}

test_unanswered_probes_that_make_no_sense[value] if {
	some value in [-1, "7", true]
	document := shown({"unanswered_probes": value})
	codes(found(document)) == {"evidence_invalid"}
}

test_unanswered_probes_may_be_missing[value] if {
	some value in [null, 0]
	document := shown({"unanswered_probes": value})
	count(found(document)) == 0
}

test_latency if {
	every name, case in {
		"none": {"p99": 0, "codes": set()},
		"exactly the threshold": {"p99": 500, "codes": set()},
		"just above": {"p99": 500.001, "codes": {"latency_too_high"}},
		"just below": {"p99": 499.999, "codes": set()},
	} {
		every kind in ["advance", "promote"] {
			print(name)
			codes(found(fixtures.with_values(kind, {"/metrics/candidate/p99_ms": case.p99}))) == case.codes
		}
	}
}

test_latency_told if {
	found(shown({"p99_ms": 812})) == {{
		"code": "latency_too_high",
		"message": "Latency too high: p99 812 ms, at most 500 ms",
		"policy": "canary",
		"severity": "block",
		"observed": 812,
		"threshold": 500,
	}}
}

test_latency_in_the_last_bucket_is_told_as_a_lower_bound if {
	violations := found(shown({"p99_ms": 10000, "p99_in_last_bucket": true}))
	messages(violations) == {"Latency too high: p99 over 10000 ms, at most 500 ms"}
}

test_latency_in_the_last_bucket_below_the_threshold_is_unknown[p99] if {
	some p99 in [400, 500]
	document := shown({"p99_ms": p99, "p99_in_last_bucket": true})
	codes(found(document)) == {"latency_unknown"}
	failed(document)
}

test_latency_unknown_told if {
	found_with(shown({"p99_ms": 10000, "p99_in_last_bucket": true}), {"max_p99_ms": 20000}) == {{
		"code": "latency_unknown",
		"message": "Latency unknown: p99 over 10000 ms, in the last bucket, at most 20000 ms",
		"policy": "canary",
		"severity": "block",
		"observed": 10000,
		"threshold": 20000,
	}}
}

test_whether_it_is_in_the_last_bucket_may_be_left_out[name] if {
	some name, document in {
		"missing": fixtures.without("advance", "/metrics/candidate/p99_in_last_bucket"),
		"null": shown({"p99_in_last_bucket": null}),
	}
	count(found(document)) == 0
}

test_whether_it_is_in_the_last_bucket_has_to_be_a_boolean if {
	every i, value in ["true", 1, [], {}] {
		name := $"{i}"
		print(name)
		codes(found(shown({"p99_in_last_bucket": value}))) == {"evidence_invalid"}
	}
}

test_requests if {
	every name, case in {
		"exactly enough": {"real": 20, "probe": 0, "codes": set()},
		"one too few": {"real": 19, "probe": 0, "codes": {"insufficient_requests"}},
		"one more than enough": {"real": 21, "probe": 0, "codes": set()},
		"exactly enough together": {"real": 8, "probe": 12, "codes": set()},
		"one too few together": {"real": 8, "probe": 11, "codes": {"insufficient_requests"}},
		"enough of the probe alone": {"real": 0, "probe": 20, "codes": set()},
		"none": {"real": 0, "probe": 0, "codes": {"insufficient_requests"}},
	} {
		print(name)
		document := shown({"requests": case.real, "synthetic_requests": case.probe})
		codes(found(document)) == case.codes
		failed(document) == false
	}
}

test_requests_told if {
	found(shown({"requests": 5, "synthetic_requests": 3})) == {{
		"code": "insufficient_requests",
		"message": "Too few requests: 8 of 20 requests",
		"policy": "canary",
		"severity": "block",
		"observed": 8,
		"threshold": 20,
	}}
}

test_requests_never_read_like_their_threshold if {
	document := shown({"requests": 1000, "synthetic_requests": 0})
	violations := found_with(document, {"min_requests": 1000.4})
	messages(violations) == {"Too few requests: just under 1000 of 1000 requests"}
}

test_requests_of_the_probe_may_be_left_out[name] if {
	some name, document in {
		"missing": fixtures.without("advance", "/metrics/candidate/synthetic_requests"),
		"null": shown({"synthetic_requests": null}),
	}
	count(found(document)) == 0
}

test_too_little_is_not_judged[p99] if {
	some p99 in [400, 9000]
	bad := {
		"requests": 8,
		"synthetic_requests": 0,
		"error_rate": 1,
		"p99_ms": p99,
		"p99_in_last_bucket": true,
	}
	codes(found(shown(bad))) == {"insufficient_requests"}
	failed(shown(bad)) == false
}

test_too_little_needs_no_rate if {
	nothing := {"requests": 0, "synthetic_requests": 0, "error_rate": null, "p99_ms": null}
	codes(found(shown(nothing))) == {"insufficient_requests"}
}

fields := {"requests": "requests", "error_rate": "error_rate", "p99_ms": "p99"}

test_required_and_missing_denies if {
	every field, evidence in fields {
		every how, document in {
			"missing": fixtures.without("advance", $"/metrics/candidate/{field}"),
			"null": shown({field: null}),
		} {
			name := $"{field} {how}"
			print(name)
			found(document) == {{
				"code": "evidence_missing",
				"message": $"Evidence missing: {evidence}, metrics.candidate.{field}",
				"policy": "canary",
				"severity": "block",
				"observed": null,
				"threshold": null,
			}}
			failed(document) == false
		}
	}
}

test_present_and_senseless_denies if {
	every field in ["requests", "synthetic_requests", "scrape_failures", "error_rate", "p99_ms"] {
		every i, value in fixtures.senseless {
			name := $"{field} {i}"
			print(name)
			document := shown({field: value})
			"evidence_invalid" in codes(found(document))
			failed(document)
		}
	}
}

test_no_candidate_is_missing_evidence if {
	every name, document in {
		"no metrics": fixtures.without("advance", "/metrics"),
		"null metrics": fixtures.with_values("advance", {"/metrics": null}),
		"no candidate": fixtures.without("advance", "/metrics/candidate"),
		"null candidate": fixtures.with_values("advance", {"/metrics/candidate": null}),
		"an empty candidate": fixtures.with_values("advance", {"/metrics/candidate": {}}),
	} {
		print(name)
		messages(found(document)) == {
			"Evidence missing: error_rate, metrics.candidate.error_rate",
			"Evidence missing: p99, metrics.candidate.p99_ms",
			"Evidence missing: requests, metrics.candidate.requests",
		}
		failed(document) == false
	}
}

test_a_section_that_is_none_denies if {
	every path in ["/metrics", "/metrics/candidate"] {
		every i, value in [true, "x", 5, [], [1]] {
			name := $"{path} {i}"
			print(name)
			"evidence_invalid" in codes(found(fixtures.with_values("advance", {path: value})))
		}
	}
}

test_what_is_required_is_data if {
	document := shown({"requests": null, "p99_ms": null})
	codes(found(document)) == {"evidence_missing"}
	count(found_requiring(document, {"advance": ["error_rate"]})) == 0
}

test_not_required_but_out_of_bounds_denies if {
	every name, case in {
		"requests": {"metrics": {"requests": 1, "synthetic_requests": 0}, "code": "insufficient_requests"},
		"error_rate": {"metrics": {"error_rate": 0.5}, "code": "error_rate_too_high"},
		"p99": {"metrics": {"p99_ms": 900}, "code": "latency_too_high"},
	} {
		print(name)
		codes(found_requiring(shown(case.metrics), {"advance": []})) == {case.code}
	}
}

test_required_evidence_that_can_not_be_read_denies if {
	every name, value in {
		"null": null,
		"a text": "p99",
		"a slip of the pen": ["p95"],
		"a machine's": ["disk"],
		"not to be required": ["synthetic_requests"],
	} {
		print(name)
		document := fixtures.inputs.advance
		codes(found_requiring(document, {"advance": value})) == {"required_evidence_invalid"}
	}
}

test_failing_scrapes_count if {
	every name, metrics in {
		"no requests": {"requests": 0, "synthetic_requests": 0, "error_rate": null, "p99_ms": null},
		"requests not known": {"requests": null, "synthetic_requests": null, "error_rate": null, "p99_ms": null},
	} {
		print(name)
		document := shown(object.union(metrics, {"scrape_failures": 3}))
		found(document) == {{
			"code": "scrapes_failing",
			"message": "Scrapes failing: 3 failed, no requests seen",
			"policy": "canary",
			"severity": "block",
			"observed": 3,
			"threshold": null,
		}}
		failed(document)
	}
}

test_failing_scrapes_leave_nothing_to_judge if {
	bad := {"requests": 0, "synthetic_requests": 0, "error_rate": 1, "p99_ms": 9000, "scrape_failures": 3}
	codes(found(shown(bad))) == {"scrapes_failing"}
}

test_failing_scrapes_beside_requests_do_not_count if {
	every name, case in {
		"too few": {"metrics": {"requests": 5, "synthetic_requests": 0}, "codes": {"insufficient_requests"}},
		"enough": {"metrics": {"requests": 50}, "codes": set()},
		"the probe's only": {"metrics": {"requests": null, "synthetic_requests": 50}, "codes": {"evidence_missing"}},
	} {
		print(name)
		document := shown(object.union(case.metrics, {"scrape_failures": 3}))
		codes(found(document)) == case.codes
		failed(document) == false
	}
}

test_requests_not_known_and_no_failing_scrape_is_missing_evidence if {
	document := shown({"requests": null, "synthetic_requests": null, "scrape_failures": 0})
	codes(found(document)) == {"evidence_missing"}
}

test_no_failing_scrape_is_no_failure if {
	document := shown({"requests": 0, "synthetic_requests": 0, "scrape_failures": 0})
	codes(found(document)) == {"insufficient_requests"}
}

test_failed_review if {
	every name, case in {
		"error rate": {"metrics": {"error_rate": 0.5}, "failed": true},
		"latency": {"metrics": {"p99_ms": 501}, "failed": true},
		"senseless evidence": {"metrics": {"error_rate": "none"}, "failed": true},
		"missing evidence": {"metrics": {"error_rate": null}, "failed": false},
		"too little evidence": {"metrics": {"requests": 1, "synthetic_requests": 0}, "failed": false},
	} {
		print(name)
		failed(shown(case.metrics)) == case.failed
	}
}

test_a_policy_out_of_order_is_no_failed_review if {
	not canary.failed_review with input as fixtures.inputs.advance
		with data.swiftdeploy.thresholds as fixtures.thresholds
		with data.swiftdeploy.required_evidence as {}
}

test_rollback if {
	every name, case in {
		"the first failure": {"before": 0, "rate": 0.5, "rollback": false},
		"the last that is borne": {"before": 10, "rate": 0.5, "rollback": false},
		"one too many": {"before": 11, "rate": 0.5, "rollback": true},
		"many too many": {"before": 500, "rate": 0.5, "rollback": true},
		"this one is good": {"before": 500, "rate": 0, "rollback": false},
	} {
		print(name)
		document := fixtures.with_values("advance", {
			"/history/failed_reviews": case.before,
			"/metrics/candidate/error_rate": case.rate,
		})
		rolled_back(document, {}) == case.rollback
	}
}

test_rollback_at_once_if_none_is_borne if rolled_back(shown({"error_rate": 0.5}), {"max_failed_reviews": 1})

test_no_rollback_for_too_few_requests if {
	document := fixtures.with_values("advance", {
		"/history/failed_reviews": 100,
		"/metrics/candidate/requests": 1,
		"/metrics/candidate/synthetic_requests": 0,
	})
	rolled_back(document, {}) == false
}

test_no_rollback_without_a_limit if {
	document := fixtures.with_values("advance", {
		"/history/failed_reviews": 100,
		"/metrics/candidate/error_rate": 1,
	})
	rolled_back(document, {"max_failed_reviews": null}) == false
}

test_history_has_to_be_known if {
	every i, value in fixtures.junk {
		every path in ["/history", "/history/failed_reviews"] {
			name := $"{path} {i}"
			print(name)
			document := fixtures.with_values("promote", {path: value})
			codes(found(document)) == {"history_invalid"}
			failed(document) == false
		}
	}
}

test_history_missing if {
	messages(found(fixtures.without("advance", "/history"))) == {"History invalid: history.failed_reviews is missing, a number from 0 expected"}
}
