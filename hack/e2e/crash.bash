#!/usr/bin/env bash
# The daemon is killed, by a signal, at each named point in the middle of a
# replacement, under 20 requests per second; the next daemon must reach the same
# end, without a failed request and without repeating a transition.
# SWIFTDEPLOY_NGINX names the proxy, none: the embedded one, POINTS the points.
. "$(dirname "${BASH_SOURCE[0]}")/machine.bash"
set_up
manifest 1.0.0
cd "$WORK"

# crash_at POINT: a daemon is started and killed there; whether it was
crash_at() {
  local code=0
  export SWIFTDEPLOY_CRASH_AT=$1
  run_start
  unset SWIFTDEPLOY_CRASH_AT
  if ! within 60 bash -c "! kill -0 $DAEMON"; then
    bad "$1 is never passed"
    return 1
  fi
  wait "$DAEMON" 2>/dev/null || code=$?
  is "$1: it was killed there" 137 "$code"
}

# The first proxy of all: later ones are told to reload.
crash_at PROXY_AFTER_SPAWN || true
run_start
check "PROXY_AFTER_SPAWN: the next daemon reaches the end" within 60 version_is 1.0.0
check "PROXY_AFTER_SPAWN: and is ready" within 20 bash -c "'${SD[0]}' status | grep -q READY"
is "PROXY_AFTER_SPAWN: one decision" 1 "$(history_count '"type":"decision"')"
load_start 20
n=0
for point in $POINTS; do
  n=$((n + 1))
  kill -KILL "$DAEMON"; wait "$DAEMON" 2>/dev/null || true
  manifest "2.0.$n"
  before=$(history_count '"type":"decision"')
  # A segment so small that each record closes one.
  case $point in AUDIT_AFTER_*) export SWIFTDEPLOY_SEGMENT_BYTES=1 ;; esac
  crash_at "$point" || continue
  unset SWIFTDEPLOY_SEGMENT_BYTES
  run_start
  check "$point: the next daemon reaches the end" within 60 version_is "2.0.$n"
  check "$point: and is ready" within 30 bash -c "'${SD[0]}' status | grep -q READY"
  is "$point: one decision" $((before + 1)) "$(history_count '"type":"decision"')"
  is "$point: one workload is left" 1 "$(find .swiftdeploy -type d -path '*/workloads/*' -name 'stable-*' | wc -l)"
done
check "the chain verifies, segments that were closed in between too" chain_verifies
load_end "no request failed in all of it"
