#!/usr/bin/env bash
# Sourced by the scenarios on Docker Compose: an engine of their own, the app's image built from
# app/Dockerfile, a manifest in the flat form. Everything is gone afterwards.
# shellcheck shell=bash disable=SC2034 # used by those that source it
# shellcheck source=hack/e2e/canaries.bash
. "$(dirname "${BASH_SOURCE[0]}")/canaries.bash"

finish_compose() {
  local code=$?
  trap - EXIT
  if [ "$code" != 0 ] || [ "$FAILED" -gt 0 ]; then
    docker ps -a 2>/dev/null || true
    tail -n 30 "$ROOT/.run/engine/dockerd.log" 2>/dev/null || true
  fi
  ( (exit "$code"); finish ) && code=0 || code=1
  "$ROOT/hack/engine" down || code=1
  exit "$code"
}
trap finish_compose EXIT

# manifest VERSION; the rest by variables. IMAGE, MODE, STEPS, CONTACT, NET
STEPS='[{weight: 10, hold: 4s}, {weight: 50, hold: 3s}]'
manifest() {
  cat >"$M.new" <<Y
name: ${NAME:-demo}
services:
  image: ${IMAGE:-swiftdeploy-app:1.0.0}
  port: 3000
  mode: ${MODE:-stable}
  version: "$1"
  restart_policy: unless-stopped
  resources: {cpu: "1", memory: 256Mi}
nginx:
  image: nginx:latest
  port: $PORT
  proxy_timeout: 30
  drain_timeout: 10
  contact: ${CONTACT:-ops@example.com}
network:
  name: ${NET:-swiftdeploy-net}
  driver_type: bridge
canary:
  steps: $STEPS
  analysis: {interval: 1s, window: 5s}
  probe: {path: /, requests_per_second: 10}
  header: X-SwiftDeploy-Mode
policy: {directory: policies}
Y
  mv "$M.new" "$M"
}
set_up_compose() {
  local engine
  set_up
  engine=$("$ROOT/hack/engine" up)
  eval "$engine"
  "$ROOT/hack/engine" app
  threshold max_p99_ms 1500 # this machine is busy with tests
}
container() { docker ps -a --filter "label=dev.swiftdeploy.resource=${NAME:-demo}" --filter "name=$1" --format '{{.Names}}'; }
repaired() { history_count '"type":"repaired"'; }
before=0
# repairs NAME SECONDS: since `before` was counted one more is recorded, and it serves
repairs() {
  check "$1: it is repaired" within "$2" bash -c "[ \$(grep -c '\"type\":\"repaired\"' history.jsonl) -gt $before ]"
  sd status >/dev/null 2>&1 || true # looks at what is there now, not at what was told before
  check "$1: and serves" within 60 settled "$V"
}
