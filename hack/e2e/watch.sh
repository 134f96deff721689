#!/usr/bin/env bash
# What a person sees of a canary, and what it leaves behind: the live view on a real terminal,
# piped, as JSON; samples in the chain; the report.
. "$(dirname "${BASH_SOURCE[0]}")/machine.bash"
set_up
canary() { # VERSION
  manifest "$1"
  sed 's/^  canary: .*/  canary: {steps: [{weight: 20, hold: 25s}, {weight: 100}], analysis: {interval: 2s, window: 10s}, probe: {path: \/, requestsPerSecond: 10}}/' "$M" >"$M.new"
  mv "$M.new" "$M"
}
terminal() { python3 "$ROOT/hack/e2e/terminal.py" "$1" "$2" "${SD[@]}" status --watch 9>&- >"$WORK/terminal-$1.out" 2>&1; }
saw() { grep -qx -- "$2" "$WORK/terminal-$1.out"; }
fits() { # END: no frame is wider or higher than the terminal was
  awk '$1 == "wide" { w = $2 <= 80 && $3 <= 100 && $3 > 0 } $1 == "high" { h = $2 <= 24 && $3 <= 30 && $3 > 0 } END { exit !(w && h) }' "$WORK/terminal-$1.out"
}
canary 1.0.0
cd "$WORK"

echo "--- one release, nothing else"
run_start
check "it serves" within 60 version_is 1.0.0
within 30 bash -c "'${SD[0]}' status | grep -q '^demo  READY'"
check "status says so" bash -c "'${SD[0]}' status | grep -q '^demo  READY'"
check "and has the daemon keep a sample of it" grep -q '"type":"sample"' history.jsonl
lines=$(wc -l <history.jsonl)
terminal q 6
check "the live view is on a screen of its own, and leaves it" saw q left
check "q ends it with 0" saw q "exit 0"
check "the terminal is as before" saw q same
check "no frame is larger than the terminal, also after it grew" fits q
is "who only watches leaves nothing in the chain" "$lines" "$(wc -l <history.jsonl)"

echo "--- a canary"
"${SD[@]}" status --watch -o json >watch.json 2>/dev/null &
json=$!
"${SD[@]}" status --watch >watch.txt 2>/dev/null &
piped=$!
canary 1.1.0
check "the step is shown" within 60 grep -q 'step  .* 1 of 2 ' watch.txt
terminal int 4
check "Ctrl-C ends it with 0" saw int "exit 0"
check "and the terminal is as before" saw int same
check "both sides are shown" grep -q 'stable .* candidate' terminal-int.out
terminal term 4
check "SIGTERM gives the terminal back" saw term left
check "as it was" saw term same
check "it is promoted" within 90 version_is 1.1.0
check "watched until it is ready" within 30 bash -c "tail -40 watch.txt | grep -q '^demo  READY'"
kill "$json" "$piped"
wait "$json" "$piped" 2>/dev/null || true
check "JSON is a document a line, with weights and latency of the candidate" python3 -c '
import json
shares = set()
for line in open("watch.json"):
    if line.endswith("\n"):
        candidate = json.loads(line)["resources"][0].get("candidate", {})
        if candidate.get("metrics"):
            shares.add((candidate["actual_weight"], candidate["metrics"]["p99_ms"] is not None))
assert (20, True) in shares, shares'

echo "--- what it leaves behind"
check "samples of both sides, at most one for each interval of the canary" python3 - history.jsonl <<'P'
import datetime, json, sys
records = list(map(json.loads, open(sys.argv[1])))
def at(record):
    return datetime.datetime.fromisoformat(record["ts"].replace("Z", "+00:00")).timestamp()
steps = {r["decision_id"]: r for r in records if r["type"] == "decision" and r["enact"] and r["verdict"] == "allowed"}
begin = min(at(r) for r in steps.values() if r["transition"]["kind"] == "canary")
end = max(at(r) for r in records if r["type"] == "applied" and steps[r["decision_id"]]["transition"]["kind"] == "promote")
samples = sum(r["type"] == "sample" for r in records)
assert 3 <= samples <= (end - begin) / 2 + 4, f"{samples} in {end - begin:.0f} s"
P
check "the chain verifies" bash -c "'${SD[0]}' audit verify"
check "the report is written" bash -c "'${SD[0]}' audit --since 1h"
check "with the candidate's share over time" grep -qE '^  line \[0, .*20, .*100\]' audit_report.md
check "the last decision is explained" bash -c "'${SD[0]}' explain --input | grep -q swiftdeploy.dev/input/v1"
kill -INT "$DAEMON"
wait "$DAEMON" 2>/dev/null || true
