#!/usr/bin/env bash
# The main job, from manifest.yaml to a served release and back, on the process
# platform, under 20 requests per second; SWIFTDEPLOY_NGINX names the proxy, none: the embedded one.
. "$(dirname "${BASH_SOURCE[0]}")/machine.bash"
set_up
manifest 1.0.0
cd "$WORK"

echo "--- run, to the first answer"
t0=$(date +%s%N)
run_start
check "run serves the declared release" within 60 version_is 1.0.0
echo "first answer after $((($(date +%s%N) - t0) / 1000000)) ms"
check "the app's answer has message, mode, version, timestamp" bash -c "curl -fsS 127.0.0.1:$PORT/ | grep -q message && curl -fsS 127.0.0.1:$PORT/ | grep -q timestamp && curl -fsS 127.0.0.1:$PORT/ | grep -q '\"mode\" *: *\"stable\"'"
check "answers carry X-Deployed-By" bash -c "curl -fsSi 127.0.0.1:$PORT/ | grep -qi '^x-deployed-by: swiftdeploy'"
check "what happened is told" grep -q 'ADMITTED: deploy' run.log
check "status says ready" bash -c "'${SD[0]}' status | grep -q READY"
check "status is JSON on request" bash -c "'${SD[0]}' status -o json | python3 -m json.tool"

load_start 20
echo "--- another version is started beside, proven, switched to"
manifest 1.1.0
check "a changed version is served" within 60 version_is 1.1.0
REPLICAS=2 manifest 1.1.0
check "two replicas" within 60 bash -c "'${SD[0]}' status -o json | grep -q '\"ready\" : 2'"
CONTACT=help@example.com REPLICAS=2 manifest 1.1.0
check "the proxy's settings are changed" within 30 grep -q '"kind":"configure".*help@example.com' history.jsonl

echo "--- deploy, against the running daemon"
CONTACT=help@example.com REPLICAS=1 manifest 1.2.0
sd deploy >deploy.out 2>deploy.err && code=0 || code=$?
is "deploy ends with 0 when it serves" 0 "$code"
check "deploy prints nothing on stdout" test ! -s deploy.out
check "1.2.0 is served" version_is 1.2.0

echo "--- a release that never gets healthy"
CONTACT=help@example.com HEALTH=/not-there DEADLINE=5m manifest 1.3.0
env --default-signal=INT "${SD[@]}" deploy >/dev/null 2>left.err 9>&- &
left=$!
check "deploy waits for it" within 20 grep -q 'waiting for stable-' left.err
kill -INT "$left"; wait "$left" && code=0 || code=$?
is "Ctrl-C ends it with 130" 130 "$code"
check "and it says who goes on" grep -q 'the daemon goes on with it' left.err
CONTACT=help@example.com HEALTH=/not-there DEADLINE=5s manifest 1.3.0
sd deploy >/dev/null 2>bad.err && code=0 || code=$?
is "deploy of it ends with 1" 1 "$code"
check "it says what stopped it" grep -q 'not healthy within 5 s' bad.err
check "the last one serves on" version_is 1.2.0
check "it is refused" bash -c "'${SD[0]}' status | grep -q refused"
CONTACT=help@example.com manifest 1.4.0
check "the next good one is served" within 60 version_is 1.4.0

echo "--- rollback"
sd rollback --reason "a test" >/dev/null 2>rollback.err && code=0 || code=$?
is "rollback ends with 0" 0 "$code"
check "the release before is served" version_is 1.2.0
CONTACT=help@example.com manifest 1.5.0
check "and the next one after it" within 60 version_is 1.5.0

echo "--- a threshold above the free disk"
threshold min_disk_free_gb 99999999
CONTACT=help@example.com manifest 1.6.0
sd deploy >/dev/null 2>blocked.err && code=0 || code=$?
is "deploy ends with 3" 3 "$code"
check "it says BLOCKED, observed and threshold" grep -qE 'BLOCKED: Disk below threshold: .* free, 99999999 GB required' blocked.err
check "the running release is untouched" version_is 1.5.0
sd plan >plan.out 2>/dev/null && code=0 || code=$?
is "plan ends with 3 too" 3 "$code"
check "plan says what policy would say" grep -q 'Disk below threshold' plan.out
threshold min_disk_free_gb 0.001
check "lowered, it goes on by itself" within 60 version_is 1.6.0

echo "--- a second daemon, a broken manifest"
sd run >/dev/null 2>second.err && code=0 || code=$?
is "a second run ends with 5" 5 "$code"
check "and says who holds the lock" grep -q "process [0-9]*, started by" second.err
echo 'spec: [' >>"$M"
check "a broken manifest is told with its line" within 20 grep -qE 'manifest.yaml:[0-9]+' run.log
check "and the service goes on" version_is 1.6.0
CONTACT=help@example.com manifest 1.6.0

echo "--- kill -9 of the daemon"
decisions=$(history_count '"type":"decision"')
kill -KILL "$DAEMON"; wait "$DAEMON" 2>/dev/null || true
check "the service goes on without its daemon" version_is 1.6.0
run_start
check "the next run takes it over" within 30 ready
check "status says ready" bash -c "'${SD[0]}' status | grep -q READY"
is "and repeats no transition" "$decisions" "$(history_count '"type":"decision"')"
load_end "no request failed in all of it"

echo "--- Ctrl-C, and on again"
kill -INT "$DAEMON"; wait "$DAEMON" 2>/dev/null || true
check "Ctrl-C stops the service" bash -c "! curl -fs --max-time 2 127.0.0.1:$PORT/"
check "nothing of it runs" none_runs
sd deploy >/dev/null 2>too.err &
too=$!
sd deploy >/dev/null 2>again.err && code=0 || code=$?
is "deploy goes on from the saved state, in the background" 0 "$code"
wait "$too" && code=0 || code=$?
is "so does a second one at the same time" 0 "$code"
check "with the same release" version_is 1.6.0
is "and no new transition" "$decisions" "$(history_count '"type":"decision"')"

echo "--- teardown"
sd teardown --clean >/dev/null 2>teardown.err && code=0 || code=$?
is "teardown ends with 0" 0 "$code"
check "nothing of it runs" none_runs
check "the audit trail stays" test -s history.jsonl
