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
chaos() { curl -fsS --max-time 15 -H 'X-SwiftDeploy-Mode: canary' -d "$1" "http://127.0.0.1:$PORT/chaos"; }

# follow VERSION WEIGHT: until it is at that step, then until it is no more; sets FROM and TO,
# between which the proxy gave it that weight
follow() {
  local seen
  within "${3:-40}" candidate_is "$1" "$2" || return 1
  FROM=$(now)
  TO=$FROM
  while seen=$(now) && candidate_is "$1" "$2"; do
    TO=$((seen - 500)) # the route is changed a moment before it is told
    sleep 0.1
  done
}
# share NAME WEIGHT: of the answers between FROM and TO, those in mode canary, within 4 sigma
share() {
  local told
  if told=$(awk -v from="$FROM" -v to="$TO" -v weight="$2" '
    $1 >= from && $1 < to { n++; k += $3 == "canary" }
    END {
      p = weight / 100; off = k - n * p; bound = 4 * sqrt(n * p * (1 - p))
      printf "%d of %d answers, %.1f %%, within %.1f of %.1f", k, n, n ? 100 * k / n : 0, bound, n * p
      exit !(n > 50 && off <= bound && -off <= bound)
    }' "$WORK/answers"); then ok "$1 ($told)"; else bad "$1: $told"; fi
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
