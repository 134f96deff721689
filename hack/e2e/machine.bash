#!/usr/bin/env bash
# Sourced by the scenarios of one machine: a manifest of their own in a folder of
# their own, the built ./swiftdeploy, a steady load. Everything is gone afterwards.
# shellcheck shell=bash
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
WORK=$(mktemp -d "${TMPDIR:-/tmp}/swiftdeploy-e2e${WORK_NAME:-}.XXXXXX")
SD=("$ROOT/swiftdeploy")
PASSED=0 FAILED=0
LOAD_PID=

ok() { PASSED=$((PASSED + 1)); echo "PASS $*"; }
bad() { FAILED=$((FAILED + 1)); echo "FAIL $*"; }
# check NAME COMMAND... : an obligation; where it fails, the last line that it printed says why
check() {
  local name=$1 log=${CHECK_LOG:-$WORK/check.log} before
  shift
  before=$(wc -c 2>/dev/null <"$log" || echo 0)
  if "$@" >>"$log" 2>&1; then
    ok "$name"
  else
    bad "$name$(tail -c "+$((before + 1))" "$log" | tail -n 1 | cut -c 1-300 | sed 's/^/: /')"
  fi
}
# is NAME WANTED GOT
is() { if [ "$2" = "$3" ]; then ok "$1"; else bad "$1: wanted '$2', got '$3'"; fi; }
# within SECONDS COMMAND... : until it succeeds; a machine that does much else has thrice the time
within() {
  local end=$(($(date +%s) + 3 * $1)); shift
  until "$@" >/dev/null 2>&1; do [ "$(date +%s)" -lt "$end" ] || return 1; sleep 0.2; done
}
# Not one that the kernel gives to who connects, or it may be taken before it is listened on; nor
# one of hack/cluster's.
free_port() {
  python3 -c '
import random, socket
while True:
    port = random.randrange(10000, 19500)
    try:
        with socket.socket() as s:
            s.bind(("", port))
    except OSError:
        continue
    print(port)
    break'
}

PORT=$(free_port)
APP_PORT=$((PORT + 100))
M=$WORK/manifest.yaml
COMMAND='[java, -XX:+UseSerialGC, -XX:TieredStopAtLevel=1, -Xmx64m, -jar, app.jar]'
CANARY='{steps: []}'
manifest() { # VERSION; the rest by variables
  cat >"$M.new" <<Y
apiVersion: swiftdeploy.dev/v1alpha1
kind: SwiftDeploy
metadata: {name: demo}
spec:
  services:
    image: swiftdeploy-app:1.0.0
    command: $COMMAND
    port: $APP_PORT
    mode: ${MODE:-stable}
    version: "$1"
    replicas: ${REPLICAS:-1}
    health: {path: ${HEALTH:-/healthz}, interval: 500ms, deadline: ${DEADLINE:-30s}}
  nginx: {image: "nginx:1.28", port: $PORT, proxyTimeout: 10s, drainTimeout: 10s, contact: ${CONTACT:-ops@example.com}}
  canary: $CANARY
  policy: {engine: embedded, directory: policies}
  paused: ${PAUSED:-false}
Y
  mv "$M.new" "$M"
}
# thresholds KEY VALUE : edited in the policies' data, as a policy owner would
threshold() {
  sed -E "s/(\"$1\": *)[-0-9.a-z]+/\1$2/" "$WORK/policies/data.json" >"$WORK/policies/data.json.new"
  mv "$WORK/policies/data.json.new" "$WORK/policies/data.json"
}
set_up() {
  "${SD[@]}" version >/dev/null # built, so that building is not timed
  cp "$ROOT/app/target/app.jar" "$WORK/app.jar"
  cp -r "$ROOT/policies" "$WORK/policies"
  threshold max_load_per_cpu 1000 # this machine is busy with tests
  threshold max_p99_ms 1000
  threshold max_failed_reviews 100 # twelve of a second each are over before some commands have started
  threshold min_disk_free_gb 0.001
  threshold max_memory_used_percent 100
}
sd() { "${SD[@]}" "$@" 9>&-; } # fd 9 holds the load: no daemon may inherit it
get() { curl -fsS --max-time 10 "http://127.0.0.1:$PORT/$1"; }
version_is() { get "" | grep -q "\"version\" *: *\"$1\""; }
# The chain's lines but for checkpoints, which hold what was before them; closed segments first.
history() {
  if [ -d "$WORK/history.segments" ]; then gzip -cd "$WORK"/history.segments/*.gz; fi
  cat "$WORK/history.jsonl"
}
history_count() { history | grep -v '^{"seq":[0-9]*,"ts":"[^"]*","type":"checkpoint"' | grep -c "$1" || true; }
# The chain is whole, as we read it and as anyone does.
chain_verifies() {
  (cd "$WORK" && sd audit verify)
  local segments=()
  mapfile -t segments < <(find "$WORK/history.segments" -name '*.gz' 2>/dev/null | sort)
  python3 "$ROOT/docs/verify_chain.py" "${segments[@]}" "$WORK/history.jsonl"
}

load_start() { # RPS [HOST:PORT]
  mkfifo "$WORK/load.stop"
  java -XX:TieredStopAtLevel=1 -Xmx64m "$ROOT/hack/e2e/Load.java" "${2:-$PORT}" "$1" "${LOAD_SECONDS:-900}" "$WORK/answers" \
    <"$WORK/load.stop" >"$WORK/load.out" 2>"$WORK/load.err" &
  LOAD_PID=$!
  exec 9>"$WORK/load.stop"
}
load_stop() {
  exec 9>&-
  wait "$LOAD_PID" || true
  LOAD_PID=
  rm -f "$WORK/load.stop"
  echo "load: $(cat "$WORK/load.out")"
}
load_end() { # NAME
  load_stop
  if grep -q ' failed=0 ' "$WORK/load.out"; then ok "$1"; else bad "$1: $(head -3 "$WORK/load.err")"; fi
}
# load_end_but NAME PATTERN [FROM]: of what failed, each did so in that way, and not before that time
load_end_but() {
  local other
  load_stop
  other=$(awk -v way="$2" -v from="${3:-}" '/^2/ && (substr($1, 1, 19) < from || $0 !~ way)' "$WORK/load.err" | head -n 3)
  if [ -z "$other" ]; then ok "$1 ($(grep -c '^2' "$WORK/load.err") did)"; else bad "$1: $other"; fi
}

DAEMON=
run_start() { # in the background of this script, where a shell would have it ignore Ctrl-C
  (cd "$WORK" && exec 9>&- && exec env --default-signal=INT "${SD[@]}" run) </dev/null >>"$WORK/run.out" 2>>"$WORK/run.log" &
  # shellcheck disable=SC2034 # not each scenario kills it
  DAEMON=$!
}
leftovers() { # processes of this scenario, by the folder in their environment or command
  local p
  # shellcheck disable=SC2013 # pids
  for p in $(grep -lzsF -- "$WORK" /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3 | sort -un); do
    [ ! -d "/proc/$p" ] || echo "$p"
  done
}
# None of this scenario's processes; the last act of the shells beside instances may come a little later.
none_runs() { within 5 none_left || { leftovers | xargs ps -o pid,args -p; return 1; }; }
none_left() { [ -z "$(leftovers)" ]; }
# The daemon that runs now says that all is as declared; not the one before it, which was killed.
ready() {
  grep "\"pid\":$DAEMON," "$WORK/.swiftdeploy/manifest/status.json" | grep -q '"type":"Ready","status":"TRUE"'
}
finish() {
  local code=$? p
  trap - EXIT
  exec 9>&- 2>/dev/null || true
  [ -z "$LOAD_PID" ] || kill "$LOAD_PID" 2>/dev/null || true
  [ ! -f "$M" ] || (cd "$WORK" && timeout 90 "${SD[@]}" teardown) >>"$WORK/finish.log" 2>&1 || true
  for p in $(leftovers); do kill -KILL "$p" 2>/dev/null || true; done
  [ "$code" = 0 ] || bad "${0##*/} ended with exit code $code"
  if [ "$FAILED" -gt 0 ]; then
    echo "kept: $WORK"
    tail -40 "$WORK/run.log" "$WORK"/.swiftdeploy/manifest/daemon.log 2>/dev/null || true
  else
    rm -rf "$WORK" 2>/dev/null || true # a mounted one is emptied
  fi
  if declare -F unmount_all >/dev/null; then unmount_all; fi
  echo "${0##*/}: $PASSED passed, $FAILED failed"
  [ "$FAILED" = 0 ] || exit 1
}
trap finish EXIT
