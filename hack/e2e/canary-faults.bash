#!/usr/bin/env bash
# Canaries in trouble: paused and changed in the middle; the daemon, the proxy and the candidate
# killed; candidates that crash, hang, or never get healthy; no traffic, and too little evidence.
# SWIFTDEPLOY_NGINX names the proxy, none: the embedded one.
. "$(dirname "${BASH_SOURCE[0]}")/canaries.bash"
set_up
PROBE='probe: {path: /, requestsPerSecond: 10},'
canary() { # STEPS
  CANARY="{steps: [$1], analysis: {interval: 1s, window: ${WINDOW:-5s}}, $PROBE header: X-SwiftDeploy-Mode}"
}
java_if() { # SHELL-CODE: the service, after that code where it is a candidate
  echo "[sh, -c, 'if [ \"\$MODE\" = canary ]; then $1; fi; exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx64m -jar app.jar']"
}
canary '{weight: 10, hold: 3s}, {weight: 50, hold: 3s}'
manifest 1.0.0
cd "$WORK"
run_start
check "the first release serves" within 60 settled 1.0.0
load_start 20

echo "--- paused in the middle"
manifest 1.1.0
check "it is at its first step" within 30 candidate_is 1.1.0 10
PAUSED=true manifest 1.1.0
check "paused is told" within 10 says '"rule":"paused"'
sleep 5
check "past its hold it is still there" candidate_is 1.1.0 10
manifest 1.1.0
check "unpaused it goes home" within 40 settled 1.1.0

echo "--- another spec in the middle"
canary '{weight: 10, hold: 2m}, {weight: 50, hold: 3s}'
manifest 1.2.0
check "it is at its first step" within 30 candidate_is 1.2.0 10
canary '{weight: 10, hold: 3s}, {weight: 50, hold: 3s}'
manifest 1.3.0
check "the next one takes its place" within 30 candidate_is 1.3.0 10
check "and goes home" within 40 settled 1.3.0
check "the other was rolled back, not promoted" bash -c "! grep -qE '\"kind\":\"promote\".*\"version\":\"1.2.0\".*\"enact\":true' history.jsonl"
canary '{weight: 10, hold: 2m}, {weight: 50, hold: 3s}'
manifest 1.4.0
check "another is at its first step" within 30 candidate_is 1.4.0 10
manifest 1.3.0
check "back to the stable one: it goes" within 30 settled 1.3.0

echo "--- kill -9 of the daemon in the middle"
canary '{weight: 10, hold: 3s}, {weight: 50, hold: 3s}'
manifest 1.5.0
check "it is at its first step" within 30 candidate_is 1.5.0 10
kill -KILL "$DAEMON"; wait "$DAEMON" 2>/dev/null || true
check "the service goes on" get ""
run_start
check "the next daemon takes it home" within 60 settled 1.5.0
is "by three admitted transitions" 3 "$(grep '"verdict":"allowed"' history.jsonl | grep '"enact":true' | grep -E '"kind":"(canary|advance|promote)"' | grep -c '"version":"1.5.0"')"
load_end "no request failed in all of it"

echo "--- kill -9 of the proxy, and of the candidate's process"
canary '{weight: 10, hold: 2m}, {weight: 50, hold: 3s}'
manifest 1.6.0
check "it is at its first step" within 30 candidate_is 1.6.0 10
for p in $(proxy_pids); do kill -KILL "$p" 2>/dev/null || true; done
check "the proxy is back" within 15 get ""
check "with the same weights" within 10 candidate_is 1.6.0 10
for p in $(instance_pids canary); do kill -KILL "$p" 2>/dev/null || true; done
check "the candidate is back" within 20 to_candidate
check "at its step" within 10 candidate_is 1.6.0 10
canary '{weight: 10, hold: 1s}, {weight: 50, hold: 1s}'
manifest 1.6.0
check "and goes home" within 60 settled 1.6.0

echo "--- no traffic at all: the probe makes evidence"
manifest 1.7.0
check "it goes home" within 60 settled 1.7.0

echo "--- too little evidence"
PROBE=
WINDOW=10s canary '{weight: 10, hold: 1s}, {weight: 50, hold: 1s}'
manifest 1.8.0
check "it is at its first step" within 30 candidate_is 1.8.0 10
check "it is held, and says so" within 10 says 'Too few requests: 0 of 20 requests'
sleep 3 # a window begins with the first scrape of its step
to_candidate_all 8 # at once, so that a window has all of them
check "the requests are counted" within 5 says 'Too few requests: 8 of 20 requests'
check "it is held" candidate_is 1.8.0 10
code_of deploy
is "deploy ends with 3, after a window" 3 "$CODE"
check "and says so" grep -qE 'BLOCKED: Too few requests: [0-9]+ of 20 requests' said.err

echo "--- a candidate that never gets healthy, one that crashes again and again"
PROBE='probe: {path: /, requestsPerSecond: 10},'
canary '{weight: 10, hold: 2m}, {weight: 50, hold: 1s}'
COMMAND=$(java_if 'exit 1') DEADLINE=5s manifest 2.0.0
check "the first is refused" within 40 refused 'not healthy within 5 s'
check "the stable one serves on" version_is 1.7.0
COMMAND=$(java_if 'if [ -e crash ]; then exit 1; fi; (until [ -e crash ]; do sleep 0.2; done; kill -KILL $$) & true') DEADLINE=12s manifest 2.1.0
check "the second is at its first step" within 30 candidate_is 2.1.0 10
touch crash
check "and then refused" within 60 refused 'unhealthy for more than 12 s'
check "the stable one has all traffic" within 10 routed_to_stable 1.7.0

echo "--- a candidate whose handler never answers"
threshold max_failed_reviews 3
manifest 2.2.0
check "it is at its first step" within 30 candidate_is 2.2.0 10
check "it hangs" chaos '{"mode":"slow","duration":60}'
check "policy sees it" within 40 says 'Not answering'
check "and orders the rollback" within 60 refused 'policy orders the rollback of release .*Not answering'
check "the stable one has all traffic" within 20 routed_to_stable 1.7.0
code_of audit verify
is "the chain verifies" 0 "$CODE"
