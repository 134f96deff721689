# METADATA
# title: Does the candidate do well enough to go on?
# description: >-
#   Judges each further step of a candidate, and its promotion, by what its own requests
#   showed since the step began. Also says when it has failed so often that it must go.
# custom:
#   transitions: [advance, promote]
package swiftdeploy.canary

import data.swiftdeploy.document
import data.swiftdeploy.evidence
import data.swiftdeploy.limits
import data.swiftdeploy.requirements
import data.swiftdeploy.text
import data.swiftdeploy.violation

_policy := "canary"

_forms := {
	"requests": {"evidence": "requests", "form": document.forms.amount},
	"synthetic_requests": {"evidence": "synthetic_requests", "form": document.forms.amount},
	"unanswered_probes": {"evidence": "unanswered_probes", "form": document.forms.amount},
	"scrape_failures": {"evidence": "scrape_failures", "form": document.forms.amount},
	"error_rate": {"evidence": "error_rate", "form": document.forms.fraction},
	"p99_ms": {"evidence": "p99", "form": document.forms.amount},
}

# What a policy owner may require. The rest is judged with these or not at all.
_may_be_required := {"requests", "error_rate", "p99"}

# Violations that speak against the candidate. Others say that too little is known, or
# that the policy itself is not in order: no candidate is to be rolled back for those.
_against_the_candidate := {
	"error_rate_too_high",
	"evidence_invalid",
	"latency_too_high",
	"latency_unknown",
	"not_answering",
	"scrapes_failing",
}

default _metrics := null

_metrics := input.metrics

_candidate := document.field(_metrics, "candidate")

default _history := null

_history := input.history

# METADATA
# title: Whether this review counts as failed
# description: Reviews that fail one after another end in a rollback. Too few requests is no failure.
default failed_review := false

failed_review if {
	some found in violations
	found.code in _against_the_candidate
}

# METADATA
# title: Whether the candidate must be rolled back
# description: This review failed, and with those before it, in a row, that is as many as are borne.
default rollback := false

rollback if {
	failed_review
	_failed_before + 1 >= limits.effective.max_failed_reviews
}

_failed_before := evidence.reading(_history, "failed_reviews", document.forms.amount)

# METADATA
# title: Error rate too high
# description: The share of the candidate's requests that failed is above the most that is allowed.
# custom:
#   code: error_rate_too_high
violations contains found if {
	_judgeable
	rate := _reading("error_rate")
	limit := limits.effective.max_error_rate
	rate > limit
	observed := text.over(text.percent(rate), text.percent(limit))
	found := violation.block(
		_policy,
		"error_rate_too_high",
		$"Error rate too high: {observed} %, at most {text.number(text.percent(limit))} %",
		rate,
		limit,
	)
}

# METADATA
# title: Latency too high
# description: The 99th percentile of the candidate's response times is above the most that is allowed.
# custom:
#   code: latency_too_high
violations contains found if {
	_judgeable
	p99 := _reading("p99_ms")
	limit := limits.effective.max_p99_ms
	p99 > limit
	found := violation.block(
		_policy,
		"latency_too_high",
		$"Latency too high: p99 {_told(p99, limit)} ms, at most {text.number(limit)} ms",
		p99,
		limit,
	)
}

# METADATA
# title: Latency unknown
# description: >-
#   The 99th percentile lies in the histogram's last bucket, so it is only known to be
#   above that bucket's lower bound; and that bound is within the limit.
# custom:
#   code: latency_unknown
violations contains found if {
	_judgeable
	_in_last_bucket
	p99 := _reading("p99_ms")
	limit := limits.effective.max_p99_ms
	p99 <= limit
	found := violation.block(
		_policy,
		"latency_unknown",
		$"Latency unknown: p99 over {text.number(p99)} ms, in the last bucket, at most {text.number(limit)} ms",
		p99,
		limit,
	)
}

# METADATA
# title: Too few requests
# description: >-
#   The candidate answered too few requests, real ones and those of the probe together,
#   to be judged. This is no failed review: more will come.
# custom:
#   code: insufficient_requests
violations contains found if {
	_insufficient
	required := limits.effective.min_requests
	found := violation.block(
		_policy,
		"insufficient_requests",
		$"Too few requests: {_few(_seen, required)} of {text.number(required)} requests",
		_seen,
		required,
	)
}

# METADATA
# title: Not answering
# description: >-
#   Probes of the candidate got no answer, and it answered no request at all. However few they
#   are: of a candidate that hangs there will be no more to judge.
# custom:
#   code: not_answering
violations contains found if {
	_mute
	found := violation.block(
		_policy,
		"not_answering",
		$"Not answering: no request answered, and {text.number(_unanswered)} probes without an answer",
		_unanswered,
		null,
	)
}

# METADATA
# title: Scrapes failing
# description: The candidate runs, but does not tell its metrics, and so nothing is known of its requests.
# custom:
#   code: scrapes_failing
violations contains found if {
	_silent
	failures := _reading("scrape_failures")
	found := violation.block(
		_policy,
		"scrapes_failing",
		$"Scrapes failing: {text.number(failures)} failed, no requests seen",
		failures,
		null,
	)
}

# METADATA
# title: Evidence of the candidate missing or invalid
# description: What is required is not known, or what is known makes no sense.
# custom:
#   codes: [evidence_missing, evidence_invalid]
violations contains found if {
	section := {"path": "metrics.candidate", "value": _candidate, "told_elsewhere": _told_elsewhere}
	some found in evidence.problems(_policy, section, _forms, requirements.required & _may_be_required)
}

violations contains found if {
	section := {"path": "metrics", "value": _metrics, "told_elsewhere": set()}
	some found in evidence.problems(_policy, section, {}, set())
}

violations contains found if {
	last := document.field(_candidate, "p99_in_last_bucket")
	not last in {null, true, false}
	found := violation.block(
		_policy,
		"evidence_invalid",
		$"Evidence invalid: p99, metrics.candidate.p99_in_last_bucket is {document.kind(last)}, a boolean expected",
		last,
		null,
	)
}

# METADATA
# title: Failed reviews not known
# description: Without the number of failed reviews there is no telling when to give up.
# custom:
#   code: history_invalid
violations contains found if {
	not _failed_before
	before := document.field(_history, "failed_reviews")
	found := violation.block(
		_policy,
		"history_invalid",
		$"History invalid: history.failed_reviews is {document.misfit(before)}, a number from 0 expected",
		before,
		null,
	)
}

# METADATA
# title: Required evidence invalid
# description: The policy's data requires evidence that is none of a candidate's.
# custom:
#   code: required_evidence_invalid
violations contains found if {
	some found in requirements.problems(_policy, _may_be_required)
}

_reading(key) := evidence.reading(_candidate, key, _forms[key].form)

# Requests of people and of the probe count alike.
_seen := _reading("requests") + _synthetic

default _synthetic := 0

_synthetic := _reading("synthetic_requests")

# Some of the probe's: those that got no answer. Input of older releases does not tell.
default _unanswered := 0

_unanswered := _reading("unanswered_probes")

_judgeable if {
	not _insufficient
	not _silent
	not _mute
}

_insufficient if {
	_seen < limits.effective.min_requests
	not _silent
	not _mute
}

_mute if {
	_unanswered > 0
	_seen <= _unanswered
}

_silent if {
	_reading("scrape_failures") > 0
	document.field(_candidate, "requests") == null
	_synthetic == 0
}

_silent if {
	_reading("scrape_failures") > 0
	_seen == 0
}

# Rates and quantiles of nothing, or of too little, are not there: that is told once.
default _told_elsewhere := set()

_told_elsewhere := {"error_rate", "p99_ms"} if _insufficient

_told_elsewhere := {"error_rate", "p99_ms"} if _mute

_told_elsewhere := {"requests", "error_rate", "p99_ms"} if _silent

default _in_last_bucket := false

_in_last_bucket if document.field(_candidate, "p99_in_last_bucket") == true

# In the last bucket the number is only a lower bound.
_told(p99, limit) := text.over(p99, limit) if not _in_last_bucket

_told(p99, _) := $"over {text.number(p99)}" if _in_last_bucket

_few(seen, required) := text.number(seen) if text.number(seen) != text.number(required)

_few(seen, required) := text.under(seen, required) if text.number(seen) == text.number(required)
