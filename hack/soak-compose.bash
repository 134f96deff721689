# Sourced by hack/soak: containers, by Docker Compose.
# shellcheck shell=bash disable=SC2034,SC2154
# shellcheck source=hack/e2e/compose.bash
. "$(dirname "${BASH_SOURCE[0]}")/e2e/compose.bash"
# shellcheck source=hack/soak-machine.bash
. "$(dirname "${BASH_SOURCE[0]}")/soak-machine.bash"

prepare() {
  set_up_compose
  prepare_machine
}
# In the resource form: the flat one knows no health path.
declare_version() {
  cat >"$M.new" <<Y
apiVersion: swiftdeploy.dev/v1alpha1
kind: SwiftDeploy
metadata: {name: demo}
spec:
  services:
    image: swiftdeploy-app:1.0.0
    port: 3000
    mode: ${MODE:-stable}
    version: "$1"
    replicas: ${REPLICAS:-1}
    health: {path: ${HEALTH:-/healthz}, deadline: ${DEADLINE:-30s}}
    resources: {cpu: "1", memory: 256Mi}
  nginx: {image: "nginx:1.28", port: $PORT, proxyTimeout: 10s, drainTimeout: 10s, contact: ${CONTACT:-ops@example.com}}
  network: {name: swiftdeploy-net, driverType: bridge}
  canary:
    steps: [$STEPS]
    analysis: {interval: 1s, window: 5s}
    probe: {path: /, requestsPerSecond: 10}
    header: X-SwiftDeploy-Mode
  policy: {directory: policies}
  paused: ${PAUSED:-false}
Y
  mv "$M.new" "$M"
}
kill_container() { # ROLE
  local ids
  mapfile -t ids < <(docker ps -q --filter "label=dev.swiftdeploy.role=$1")
  if one_of "${ids[@]}"; then docker kill "$ONE" >/dev/null 2>&1 || true; fi
}
kill_app() { kill_container instance; }
kill_proxy() { kill_container nginx; }
instances_left() { docker ps -aq --filter label=dev.swiftdeploy.role=instance | wc -l; }
