#!/usr/bin/env bash
# The daemon is killed, by a signal, at each named point in the middle of a
# replacement, under 20 requests per second; the next daemon must reach the same
# end, without a failed request and without repeating a transition.
# SWIFTDEPLOY_NGINX names the proxy, none: the embedded one, POINTS the points.
. "$(dirname "${BASH_SOURCE[0]}")/machine.bash"
set_up
manifest 1.0.0
cd "$WORK"
run_start
check "run serves" within 60 version_is 1.0.0
check "and is ready" within 20 bash -c "'${SD[0]}' status | grep -q READY"
load_start 20
n=0
for point in $POINTS; do
  n=$((n + 1))
  kill -KILL "$DAEMON"; wait "$DAEMON" 2>/dev/null || true
  manifest "2.0.$n"
  before=$(history_count '"type":"decision"')
  export SWIFTDEPLOY_CRASH_AT=$point
  run_start
  unset SWIFTDEPLOY_CRASH_AT
  crashed=$DAEMON
  if within 60 bash -c "! kill -0 $crashed"; then
    wait "$crashed" 2>/dev/null && code=0 || code=$?
    is "$point: it was killed there" 137 "$code"
  else
    bad "$point is never passed"
    continue
  fi
  run_start
  check "$point: the next daemon reaches the end" within 60 version_is "2.0.$n"
  check "$point: and is ready" within 30 bash -c "'${SD[0]}' status | grep -q READY"
  is "$point: one decision" $((before + 1)) "$(history_count '"type":"decision"')"
  is "$point: one workload is left" 1 "$(find .swiftdeploy -type d -path '*/workloads/*' -name 'stable-*' | wc -l)"
done
load_end "no request failed in all of it"
