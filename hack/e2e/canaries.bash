#!/usr/bin/env bash
# Sourced by the scenarios with candidates: what is there, and whose answers the load got.
# shellcheck shell=bash
# shellcheck source=hack/e2e/machine.bash
. "$(dirname "${BASH_SOURCE[0]}")/machine.bash"

now() { date +%s%3N; } # milliseconds
say_json() { cat "$WORK/.swiftdeploy/manifest/status.json"; }
# candidate_is VERSION WEIGHT: admitted at that step, and the proxy routes so
candidate_is() {
  say_json | grep -E "\"candidate\":\{[^}]*\"version\":\"$1\"[^}]*\"weight\":$2[,}]" | grep -qE "canary-[0-9a-f]{12} $2 %"
}
no_candidate() { ! say_json | grep -q '"candidate":{'; }
routed_to_stable() { # VERSION: it has all traffic, whatever else is asked for
  no_candidate && version_is "$1" && say_json | grep -qE '"weights":"stable-[0-9a-f]{12} 100 %"'
}
settled() { # VERSION: it has all traffic, and nothing else is there
  say_json | grep -q '"type":"Ready","status":"TRUE"' && routed_to_stable "$1"
}
says() { say_json | grep -q "$1"; }
refused() { say_json | grep -qE "\"refused\":\[[^]]*$1"; }
to_candidate() { curl -fsS --max-time 15 -H 'X-SwiftDeploy-Mode: canary' "http://127.0.0.1:$PORT/"; }
to_candidate_all() { # HOW_MANY
  local i urls=()
  for ((i = 0; i < $1; i++)); do urls+=("http://127.0.0.1:$PORT/" -o /dev/null); done
  curl -fsS --max-time 15 -H 'X-SwiftDeploy-Mode: canary' "${urls[@]}"
}
chaos() { curl -fsS --max-time 15 -H 'X-SwiftDeploy-Mode: canary' -d "$1" "http://127.0.0.1:$PORT/chaos"; }

# at_step VERSION WEIGHT: sets FROM and TO, between which the proxy gave the candidate that weight: from
# the record that the step was applied to the decision on the next one. For a step that is over.
at_step() {
  local times
  times=$(history | python3 "$ROOT/hack/e2e/at_step.py" "$1" "$2") && read -r FROM TO <<<"$times"
}
# share NAME WEIGHT: of the answers between FROM and TO, those in mode canary. A proxy that draws as
# it should is that far off once in a billion times.
share() {
  local told
  if told=$(python3 "$ROOT/hack/e2e/share.py" "$WORK/answers" "$FROM" "$TO" "$2"); then
    ok "$1 ($told)"
  else
    bad "$1: $told"
  fi
}
answered() { # HOW_MANY: so many requests sent since FROM have their answer
  [ "$(awk -v from="$FROM" '$1 >= from' "$WORK/answers" | wc -l)" -ge "$1" ]
}
# shellcheck disable=SC2034 # not each scenario looks
code_of() { # COMMAND...: its exit code in CODE, its words in said.err
  sd "$@" >"$WORK/said.out" 2>"$WORK/said.err" && CODE=0 || CODE=$?
}
# Pids of this scenario's processes, the shells beside them left out.
instance_pids() { # PREFIX of workloads
  local p
  for p in $(leftovers); do
    grep -qzs "^SWIFTDEPLOY_INSTANCE=demo/$1" "/proc/$p/environ" && is_no_shell "$p" && echo "$p"
  done
  return 0
}
proxy_pids() {
  local p
  for p in $(leftovers); do
    tr '\0' ' ' 2>/dev/null <"/proc/$p/cmdline" | grep -qE 'nginx: master|EmbeddedProxyMain' && is_no_shell "$p" && echo "$p"
  done
  return 0
}
is_no_shell() { grep -qvE '^(sh|bash|dash)$' "/proc/$1/comm" 2>/dev/null; }
