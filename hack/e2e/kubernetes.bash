#!/usr/bin/env bash
# Sourced by the scenarios on Kubernetes: a cluster of their own with a node that runs containers, and
# images made by an engine of their own. Everything is gone afterwards. Needs root.
# shellcheck shell=bash disable=SC2034 # used by those that source it
# shellcheck source=hack/e2e/canaries.bash
. "$(dirname "${BASH_SOURCE[0]}")/canaries.bash"
[ "$(id -u)" = 0 ] || { echo "FAIL a node with containers needs root"; exit 1; }
export SWIFTDEPLOY_CLUSTER=$WORK/cluster SWIFTDEPLOY_ENGINE=$WORK/engine

finish_kubernetes() {
  local code=$? jobs
  mapfile -t jobs < <(jobs -p)
  [ ${#jobs[@]} -eq 0 ] || kill -KILL "${jobs[@]}" 2>/dev/null || true # a part of the scenario beside it
  "$ROOT/hack/cluster" down >>"$WORK/run.log" 2>&1 || true
  "$ROOT/hack/engine" down >>"$WORK/run.log" 2>&1 || true
  (exit "$code")
  finish
}
trap finish_kubernetes EXIT

k() { "$SWIFTDEPLOY_KUBECTL" "$@"; }

# images IMAGE…: three releases of the sample service, and these, into images.tar
images() {
  local version
  (
    eval "$("$ROOT/hack/engine" up)"
    "$ROOT/hack/engine" app >>"$WORK/run.log"
    case " $* " in *' swiftdeploy-operator:'*) "$ROOT/hack/engine" operator | tee -a "$WORK/run.log" >"$WORK/operator-image" ;; esac
    for version in 1.0.0 1.1.0 1.2.0; do
      printf 'FROM swiftdeploy-app:1.0.0\nLABEL version=%s\n' "$version" |
        DOCKER_BUILDKIT=0 docker build -q -t "shop:$version" - >>"$WORK/run.log" || exit 1
    done
    docker save -o "$WORK/images.tar" shop:1.0.0 shop:1.1.0 shop:1.2.0 "$@"
  ) && "$ROOT/hack/engine" down
}

# set_up_kubernetes IMAGE…: a cluster that has the service's images and these
set_up_kubernetes() {
  local environment
  set_up
  check "the images are built" images "$@"
  environment=$("$ROOT/hack/cluster" up --node 2>>"$WORK/run.log")
  eval "$environment"
  check "the node takes them" "$ROOT/hack/cluster" load "$WORK/images.tar"
  rm -f "$WORK/images.tar"
}

# shop_namespace NAME: one that takes no pod with more rights than the strictest
shop_namespace() {
  k create namespace "$1" >/dev/null
  k label namespace "$1" pod-security.kubernetes.io/enforce=restricted >/dev/null
}

# Of the resource demo in the namespace $NAMESPACE.
NAMESPACE=shop
# resource VERSION; the rest by variables
resource() {
  cat >"$WORK/sd.yaml" <<Y
apiVersion: swiftdeploy.dev/v1alpha1
kind: SwiftDeploy
metadata: {name: demo, namespace: $NAMESPACE}
spec:
  services: {image: "$SWIFTDEPLOY_POD_REGISTRY_ADDRESS/library/shop:${TAG:-$1}", port: 3000, version: "$1", mode: ${MODE:-stable}, replicas: ${REPLICAS:-2}, health: {path: ${HEALTH:-/healthz}, deadline: ${DEADLINE:-60s}}}
  nginx: {image: "nginx:1.28", port: 8080, drainTimeout: 5s, contact: ${CONTACT:-ops@example.com}}
  canary:
    steps: [$STEPS]
    analysis: {interval: 2s, window: 10s}
    probe: {path: /, requestsPerSecond: 10}
    header: X-SwiftDeploy-Mode
  paused: ${PAUSED:-false}
Y
  k apply -f "$WORK/sd.yaml" >>"$WORK/run.log"
}
column() { k get sd demo -n "$NAMESPACE" --no-headers -o custom-columns="X:$1"; }
column_is() { [ "$(column "$1")" = "$2" ]; }
ready() { k wait -n "$NAMESPACE" --for=condition=Ready sd/demo --timeout="$1"; }
on_kubernetes() { curl -fsS --max-time 15 "$@"; }
address() { ADDRESS=$(k get service demo -n "$NAMESPACE" -o jsonpath='{.spec.clusterIP}'):8080; }
# An answer of that version through the proxy.
served() { on_kubernetes "http://$ADDRESS/" | grep -q "\"version\" *: *\"$1\""; }
candidate_is() { # VERSION WEIGHT
  [ "$(column .status.candidate.version,W:.status.candidate.weight,R:.status.route.current | xargs)" = "$1 $2 true" ]
}
chaos() { on_kubernetes -H 'X-SwiftDeploy-Mode: canary' -d "$1" "http://$ADDRESS/chaos"; }
