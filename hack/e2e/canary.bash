#!/usr/bin/env bash
# Canaries as a person sees them, under 20 requests per second: steps that policy advances,
# stops and rolls back, and the commands promote, rollback, deploy --retry.
# SWIFTDEPLOY_NGINX names the proxy, none: the embedded one.
. "$(dirname "${BASH_SOURCE[0]}")/canaries.bash"
set_up
canary() { # STEPS
  CANARY="{steps: [$1], analysis: {interval: 1s, window: 5s}, probe: {path: /, requestsPerSecond: 10}, header: X-SwiftDeploy-Mode}"
}
canary '{weight: 10, hold: 10s}, {weight: 50, hold: 6s}, {weight: 100, hold: 4s}'
manifest 1.0.0
cd "$WORK"
run_start
check "the first release is deployed at once: there is nothing to fall back on" within 60 settled 1.0.0
load_start 45

echo "--- 10, 50, 100 % by itself"
manifest 1.1.0
for weight in 10 50 100; do
  check "it gets $weight %" within 40 candidate_is 1.1.0 "$weight"
done
check "then it is promoted" within 30 settled 1.1.0
for weight in 10 50 100; do
  if at_step 1.1.0 "$weight"; then
    share "at $weight % it got its share" "$weight"
  else
    bad "what it got at $weight % is not on record"
  fi
done
is "by four admitted transitions" 4 "$(grep -E '"kind":"(canary|advance|promote)"' history.jsonl | grep '"enact":true' | grep -c '"verdict":"allowed"')"
check "each step on the evidence of enough requests" python3 - history.jsonl <<'P'
import json, sys
steps = [r for r in map(json.loads, open(sys.argv[1])) if r["type"] == "decision" and r["enact"]
         and r["transition"]["kind"] in ("advance", "promote")]
for r in steps:
    m = r["input"]["metrics"]["candidate"]
    assert m["requests"] + m["synthetic_requests"] >= 20 and m["error_rate"] == 0, m
assert len(steps) == 3, len(steps)
P

echo "--- mode canary: held at the last step"
canary '{weight: 10, hold: 1s}, {weight: 50, hold: 1s}'
MODE=canary manifest 1.2.0
code_of deploy
is "deploy ends with 0 when it is held" 0 "$CODE"
check "at the last step" candidate_is 1.2.0 50
FROM=$(now)
check "the header picks the candidate" bash -c "for i in 1 2 3 4 5 6 7 8 9 10; do curl -fsS -H 'X-SwiftDeploy-Mode: canary' 127.0.0.1:$PORT/ | grep -q '\"version\":\"1.2.0\"' || exit 1; done"
check "its promotion is reviewed, and not enacted" within 20 grep -qE '"type":"decision".*"kind":"promote".*"enact":false.*"verdict":"allowed"' history.jsonl
check "hundreds of requests are answered" within 20 answered 250
TO=$(now)
check "it stays there" candidate_is 1.2.0 50
share "at 50 % it gets its share" 50
load_end "no request failed so far"
load_start 20

echo "--- chaos: slow"
check "chaos is ordered" chaos '{"mode":"slow","duration":2}'
check "policy speaks against its promotion" within 20 says 'Latency too high'
cp "$M" before.yaml
code_of promote stable
is "promote stable ends with 3" 3 "$CODE"
check "and says why" grep -qE 'BLOCKED: Latency too high: p99 [0-9.]+ ms, at most 1000 ms \(canary/latency_too_high, decision d-' said.err
is "one line of the manifest changed" "<    mode: canary>    mode: stable" "$(diff before.yaml "$M" | grep '^[<>]' | tr -d '\n' | sed 's/< /</; s/> />/')"
check "the weight is as it was" candidate_is 1.2.0 50
check "chaos is over" chaos '{"mode":"recover"}'
check "it goes on by itself" within 30 settled 1.2.0
load_end "no request failed in all of it"

echo "--- promote, with nothing to promote, and on an unchanged release"
code_of promote stable
is "promote stable of what is stable ends with 2" 2 "$CODE"
code_of promote canary
is "promote canary ends with 0 when it is held" 0 "$CODE"
check "the same release runs in canary mode" candidate_is 1.2.0 50
check "beside the stable one" bash -c "ls -d .swiftdeploy/manifest/resources/demo/workloads/* | sed 's/.*-//' | sort | uniq -c | grep -q '^ *2 '"

echo "--- chaos: error"
# Of errors only four failed reviews in a row are to come, and not of a slow start on a busy machine.
threshold max_p99_ms 10000
threshold max_failed_reviews 4
check "chaos is ordered" chaos '{"mode":"error","rate":0.5}'
check "policy speaks against it" within 20 says 'Error rate too high'
check "after as many failed reviews as it bears it orders the rollback" within 30 no_candidate
check "it has all traffic" routed_to_stable 1.2.0
check "and the other one is gone" bash -c "[ \$(ls -d .swiftdeploy/manifest/resources/demo/workloads/* | wc -l) = 1 ]"
sd status >status.out 2>/dev/null
check "status says what for" grep -q 'policy orders the rollback of release .*: Error rate too high' status.out
code_of promote stable
is "promote stable of a refused release ends with 3" 3 "$CODE"
check "and says why it was refused" grep -q 'BLOCKED: .*refused: policy orders the rollback .*Error rate too high' said.err
code_of deploy
is "deploy of it ends with 3" 3 "$CODE"
code_of deploy --retry
is "deploy --retry lets it be tried again" 0 "$CODE"
check "it is a candidate again" candidate_is 1.2.0 50
check "its promotion would be allowed" within 20 says 'WOULD ADMIT: promote'
code_of promote stable --now --reason "it was a test"
is "promote stable --now ends with 0" 0 "$CODE"
check "it is stable" settled 1.2.0
check "the request is on record with its reason" grep -q '"kind":"promote_now".*"reason":"it was a test"' history.jsonl

echo "--- rollback"
canary '{weight: 10, hold: 2m}, {weight: 100}'
manifest 1.3.0
check "another version is at its first step" within 30 candidate_is 1.3.0 10
code_of rollback --reason "at a step"
is "rollback at a step ends with 0" 0 "$CODE"
check "the stable one has all traffic" within 10 routed_to_stable 1.2.0
check "the candidate is gone, and refused" refused 'rolled back by .*at a step'
canary '{weight: 100}'
manifest 1.4.0
check "the next version goes home" within 40 settled 1.4.0
code_of rollback --reason "after a promote"
is "rollback after a promote ends with 0" 0 "$CODE"
check "the release before serves" version_is 1.2.0
check "the promoted one is refused" refused 'after a promote'
code_of audit verify
is "the chain verifies" 0 "$CODE"
