#!/usr/bin/env bash
# Kubernetes as a person with kubectl sees it: a real control plane, a real kubelet with real
# containers, nginx as the route, 30 requests per second through it. Needs root.
# shellcheck source=hack/e2e/canaries.bash
. "$(dirname "${BASH_SOURCE[0]}")/canaries.bash"
[ "$(id -u)" = 0 ] || { echo "FAIL a node with containers needs root"; exit 1; }
export SWIFTDEPLOY_CLUSTER=$WORK/cluster SWIFTDEPLOY_ENGINE=$WORK/engine
end() {
  local code=$?
  "$ROOT/hack/cluster" down >>"$WORK/run.log" 2>&1 || true
  "$ROOT/hack/engine" down >>"$WORK/run.log" 2>&1 || true
  (exit "$code")
  finish
}
trap end EXIT

echo "--- images, a cluster, the operator"
set_up
images() { # three releases of the sample service, and the proxy
  local version
  (
    eval "$("$ROOT/hack/engine" up)"
    "$ROOT/hack/engine" app >>"$WORK/run.log"
    for version in 1.0.0 1.1.0 1.2.0; do
      printf 'FROM swiftdeploy-app:1.0.0\nLABEL version=%s\n' "$version" |
        DOCKER_BUILDKIT=0 docker build -q -t "shop:$version" - >>"$WORK/run.log" || exit 1
    done
    docker save -o "$WORK/images.tar" shop:1.0.0 shop:1.1.0 shop:1.2.0 nginx:1.28
  ) && "$ROOT/hack/engine" down
}
check "app/Dockerfile builds" images
environment=$("$ROOT/hack/cluster" up --node 2>>"$WORK/run.log")
eval "$environment"
k() { "$SWIFTDEPLOY_KUBECTL" "$@"; }
check "the node takes them" "$ROOT/hack/cluster" load "$WORK/images.tar"
check "the CRDs are taken" k apply -f "$ROOT/crds"
check "and established" k wait --for=condition=Established crd/swiftdeploys.swiftdeploy.dev crd/transitions.swiftdeploy.dev --timeout=30s
operate() {
  (cd "$WORK" && exec env --default-signal=INT "${SD[@]}" operator --log text --namespace shop --lease-namespace shop \
    --policies "$WORK/policies" --metrics-address 127.0.0.1:0 9>&-) </dev/null >>"$WORK/run.log" 2>&1 &
  OPERATOR=$!
}
k create namespace shop >/dev/null
k label namespace shop pod-security.kubernetes.io/enforce=restricted >/dev/null
operate

# resource VERSION [STEPS]
resource() {
  cat >"$WORK/sd.yaml" <<Y
apiVersion: swiftdeploy.dev/v1alpha1
kind: SwiftDeploy
metadata: {name: demo, namespace: shop}
spec:
  services: {image: "$SWIFTDEPLOY_REGISTRY_ADDRESS/library/shop:$1", port: 3000, version: "$1", mode: ${MODE:-stable}, replicas: 2}
  nginx: {image: "nginx:1.28", port: 8080, drainTimeout: 5s, contact: ops@example.com}
  canary:
    steps: [$STEPS]
    analysis: {interval: 2s, window: 10s}
    probe: {path: /, requestsPerSecond: 10}
    header: X-SwiftDeploy-Mode
Y
  k apply -f "$WORK/sd.yaml" >>"$WORK/run.log"
}
column() { k get sd demo -n shop --no-headers -o custom-columns="X:$1"; }
column_is() { [ "$(column "$1")" = "$2" ]; }
ready() { k wait -n shop --for=condition=Ready sd/demo --timeout="$1"; }
on_kubernetes() { curl -fsS --max-time 15 "$@"; }
# An answer of that version through the proxy.
served() { on_kubernetes "http://$ADDRESS/" | grep -q "\"version\" *: *\"$1\""; }
candidate_is() { # VERSION WEIGHT
  [ "$(column .status.candidate.version,W:.status.candidate.weight,R:.status.route.current | xargs)" = "$1 $2 true" ]
}

# window WEIGHT: sets FROM and TO, between which the records say that the last candidate had it
window() {
  read -r FROM TO < <(k get tr -n shop -o json | python3 -c '
import json, sys
from datetime import datetime
lines = sorted((json.loads(o["spec"]["line"]) for o in json.load(sys.stdin)["items"]), key=lambda r: r["seq"])
at = lambda r: int(datetime.fromisoformat(r["ts"].replace("Z", "+00:00")).timestamp() * 1000)
begun, there = None, None
for r in lines:
    if r["type"] == "decision" and r["verdict"] == "allowed" and r["enact"]:
        if there and begun["transition"].get("weight") == int(sys.argv[1]):
            print(there + 2000, at(r)) # the rules of a node follow within a moment
        begun, there = r, None
    elif r["type"] == "applied":
        there = at(r)
' "$1" | tail -n 1)
  [ -n "$FROM" ]
}

echo "--- the first release"
STEPS='{weight: 10, hold: 12s}, {weight: 50, hold: 8s}, {weight: 100, hold: 4s}'
resource 1.0.0
check "kubectl wait sees it Ready" ready 120s
ADDRESS=$(k get service demo -n shop -o jsonpath='{.spec.clusterIP}'):8080
check "it answers through nginx" within 20 served 1.0.0
check "its pods run by the digest that was admitted" bash -c "'$SWIFTDEPLOY_KUBECTL' get pods -n shop -l swiftdeploy.dev/workload -o jsonpath='{..image}' | tr ' ' '\n' | grep shop | sort -u | grep -qE '@sha256:[0-9a-f]{64}$'"
check "kubectl diff finds nothing" k diff -f "$WORK/sd.yaml"
is "applied again it is unchanged" "swiftdeploy.swiftdeploy.dev/demo unchanged" "$(k apply -f "$WORK/sd.yaml")"
load_start 30 "$ADDRESS"

echo "--- 10, 50, 100 %, each admitted"
resource 1.1.0
check "it is promoted" within 120 column_is .status.stable.version 1.1.0
for weight in 10 50 100; do
  if window "$weight"; then
    share "at $weight % it gets its share" "$weight"
  else
    bad "it never gets $weight %"
  fi
done
check "kubectl wait sees it Ready" ready 60s
check "kubectl get tr tells of each" bash -c "[ \$('$SWIFTDEPLOY_KUBECTL' get tr -n shop --no-headers | grep -cE ' (canary|advance|promote) .*Applied') = 4 ]"
check "Events tell of it" bash -c "'$SWIFTDEPLOY_KUBECTL' get events -n shop -o jsonpath='{.items[*].reason}' | tr ' ' '\n' | sort -u | tr '\n' ' ' | grep -q 'CanaryAdvanced CanaryStarted .*Promoted'"

echo "--- a failing candidate"
threshold max_failed_reviews 4
STEPS='{weight: 50, hold: 3s}, {weight: 100, hold: 2s}'
MODE=canary resource 1.2.0
check "it is held at the last step" within 60 candidate_is 1.2.0 100
load_end "no request failed in all of it"
chaos() { on_kubernetes -H 'X-SwiftDeploy-Mode: canary' -d "$1" "http://$ADDRESS/chaos"; }
check "chaos is ordered" chaos '{"mode":"error","rate":0.5}'
check "and ordered" chaos '{"mode":"error","rate":0.5}'
check "kubectl get sd says PromoteBlocked" within 30 column_is '.status.conditions[?(@.type=="Admitted")].reason' PromoteBlocked
check "policy orders its rollback" within 60 column_is .status.candidate '<none>'
check "1.1.0 serves" within 20 served 1.1.0
check "kubectl describe says why" bash -c "'$SWIFTDEPLOY_KUBECTL' describe sd demo -n shop | grep -q 'Error rate too high'"

echo "--- a person asks, by an annotation"
k annotate sd demo -n shop swiftdeploy.dev/rollback='customers complain' >/dev/null
check "rollback brings back what served before" within 60 column_is .status.stable.version 1.0.0
check "and it answers" within 20 served 1.0.0
check "the request is on record, with its reason" bash -c "'$SWIFTDEPLOY_KUBECTL' get tr -n shop -o jsonpath='{.items[*].spec.line}' | grep -q '\"kind\":\"rollback\".*customers complain'"
is "and used up" '<none>' "$(column '.metadata.annotations.swiftdeploy\.dev/rollback')"

echo "--- an image that does not exist"
k patch sd demo -n shop --type merge -p "{\"spec\":{\"services\":{\"image\":\"$SWIFTDEPLOY_REGISTRY_ADDRESS/library/shop:9.9.9\",\"version\":\"9.9.9\",\"mode\":\"stable\"}}}" >/dev/null
check "status says so" within 30 bash -c "'$SWIFTDEPLOY_KUBECTL' get sd demo -n shop -o jsonpath='{.status.conditions[*].message}' | grep -q 'no such image'"
check "1.0.0 serves on" served 1.0.0

echo "--- gone"
check "kubectl delete ends" k delete sd demo -n shop --timeout=60s
check "with all it made" within 60 bash -c "[ -z \"\$('$SWIFTDEPLOY_KUBECTL' get deploy,svc,cm,pods,networkpolicy -n shop --no-headers -o name | grep demo)\" ]"
check "its records stay" bash -c "'$SWIFTDEPLOY_KUBECTL' get tr -n shop --no-headers | grep -q ' teardown .*Applied'"
kill "$OPERATOR"
wait "$OPERATOR" && code=0 || code=$?
is "SIGTERM ends the operator in order" 0 "$code"
