#!/usr/bin/env bash
# Sourced by the scenarios of crashes, after those of machine.bash or compose.bash. The daemon is
# killed, by a signal, at each named point in the middle of a replacement, under load; the next
# daemon must reach the same end, without a failed request, without repeating a transition, and what
# the killed one left has its record.
# shellcheck shell=bash disable=SC2154 # DAEMON, WORK: of those

workloads() { find .swiftdeploy -type d -path '*/workloads/*' -name 'stable-*' -exec basename {} \;; }

# crash_at POINT: a daemon is started and killed there; whether it was
crash_at() {
  local code=0
  # A segment so small that each record closes one.
  case $1 in AUDIT_AFTER_*) export SWIFTDEPLOY_SEGMENT_BYTES=1 ;; esac
  export SWIFTDEPLOY_CRASH_AT=$1
  run_start
  unset SWIFTDEPLOY_CRASH_AT SWIFTDEPLOY_SEGMENT_BYTES
  if ! within 60 bash -c "! kill -0 $DAEMON"; then
    bad "$1 is never passed"
    return 1
  fi
  wait "$DAEMON" 2>/dev/null || code=$?
  is "$1: it was killed there" 137 "$code"
}

each_is_recorded() { # of what runs: its release was admitted
  local workload admitted
  admitted=$(history | grep '"type":"decision"' | grep '"verdict":"allowed"')
  for workload in $(workloads); do
    grep -q "${workload#stable-}" <<<"$admitted" || return 1
  done
}

crash_first() { # POINT: in the first deployment of all
  crash_at "$1" || return 0
  check "$1: nothing is there without its record" each_is_recorded
  run_start
  check "$1: the next daemon reaches the end" within 60 version_is 1.0.0
  check "$1: and is ready" within 30 ready
  is "$1: one decision" 1 "$(history_count '"type":"decision"')"
}

crash_in_replacements() { # POINTS…
  local point before n=0
  for point; do
    n=$((n + 1))
    kill -KILL "$DAEMON" || true; wait "$DAEMON" 2>/dev/null || true
    manifest "2.0.$n"
    before=$(history_count '"type":"decision"')
    crash_at "$point" || continue
    check "$point: nothing is there without its record" each_is_recorded
    run_start
    check "$point: the next daemon reaches the end" within 60 version_is "2.0.$n"
    check "$point: and is ready" within 30 ready
    is "$point: one decision" $((before + 1)) "$(history_count '"type":"decision"')"
    is "$point: one workload is left" 1 "$(workloads | wc -l)"
  done
}
