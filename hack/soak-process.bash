# Sourced by hack/soak: a machine's processes.
# shellcheck shell=bash disable=SC2034
export SWIFTDEPLOY_NGINX=${SWIFTDEPLOY_NGINX:-none}
# shellcheck source=hack/e2e/canaries.bash
. "$(dirname "${BASH_SOURCE[0]}")/e2e/canaries.bash"
# shellcheck source=hack/soak-machine.bash
. "$(dirname "${BASH_SOURCE[0]}")/soak-machine.bash"

prepare() {
  set_up
  prepare_machine
  echo "proxy: ${SWIFTDEPLOY_NGINX##*/}"
}
declare_version() {
  CANARY="{steps: [$STEPS], analysis: {interval: 1s, window: 5s}, probe: {path: /, requestsPerSecond: 10}, header: X-SwiftDeploy-Mode}"
  DEADLINE=15s manifest "$1"
}
kill_app() {
  local pids
  mapfile -t pids < <(instance_pids "")
  if one_of "${pids[@]}"; then kill -KILL "$ONE" 2>/dev/null || true; fi
}
kill_proxy() {
  local pids
  mapfile -t pids < <(proxy_pids)
  if one_of "${pids[@]}"; then kill -KILL "$ONE" 2>/dev/null || true; fi
}
instances_left() { find .swiftdeploy -type d -path '*/workloads/*' -name '*-*' | wc -l; }
