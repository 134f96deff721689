#!/usr/bin/env bash
# Kubernetes as a person with kubectl sees it: a real control plane, a real kubelet with real
# containers, the operator from its own image with the rights of install.yaml, nginx as the route, 30
# requests per second through it. Then with OPA as its sidecar, which is killed, with what the kubelet
# tells of its node, and with policies from a ConfigMap. Needs root.
# shellcheck source=hack/e2e/kubernetes.bash
. "$(dirname "$0")/kubernetes.bash"

echo "--- images, a cluster, the operator"
eval "$("$ROOT/hack/parts" opa)" # a policy is built
INSTALL=$ROOT/operator/kubernetes/install
SYSTEM=swiftdeploy-system
set_up_kubernetes nginx:1.28 swiftdeploy-operator:0.1.0 openpolicyagent/opa:1.22.2-static
sed 's/^/    /' "$WORK/operator-image"
shop_namespace shop

# What is this cluster's own: the authority of its registry.
our_registry='[
  {"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": "--registry-ca=/etc/swiftdeploy-authority/ca.crt"},
  {"op": "add", "path": "/spec/template/spec/containers/0/volumeMounts/-", "value": {"name": "authority", "mountPath": "/etc/swiftdeploy-authority"}},
  {"op": "add", "path": "/spec/template/spec/volumes/-", "value": {"name": "authority", "configMap": {"name": "authority"}}}]'
# install_with COMPONENT…: install.yaml's installation with these of install/ added, and thresholds
# changed by the sed script THRESHOLDS
install_with() {
  mkdir -p "$WORK/install"
  {
    echo "resources: [$(realpath --relative-to="$WORK/install" "$INSTALL/cluster")]"
    echo 'components:'
    for component; do echo "- $(realpath --relative-to="$WORK/install" "$INSTALL/$component")"; done
    echo "patches: [{target: {kind: Deployment}, patch: '$(tr -d '\n' <<<"$our_registry")'}]"
  } >"$WORK/install/kustomization.yaml"
  k kustomize "$WORK/install" | sed "${THRESHOLDS:-}" >"$WORK/install.yaml" && k apply --server-side --force-conflicts -f "$WORK/install.yaml"
  k rollout status deployment/swiftdeploy-operator -n "$SYSTEM" --timeout=120s
}
rolled_out() { k rollout status deployment/swiftdeploy-operator -n "$SYSTEM" --timeout=120s; }
# of_operator COMMAND…: with the name of each of its pods at the end
of_operator() {
  local pod
  for pod in $(k get pods -n "$SYSTEM" -l app.kubernetes.io/name=swiftdeploy-operator -o name); do "$@" "$pod" || return; done
}
operator_log() { of_operator k logs -n "$SYSTEM" -c operator --tail=-1; }
operator_said() { operator_log | grep "$1" >/dev/null; } # all is read, or kubectl would end with an error
# A threshold, in the cluster's ConfigMap, as a policy owner would change it.
cluster_threshold() { # KEY VALUE
  k get configmap swiftdeploy-thresholds -n "$SYSTEM" -o jsonpath='{.data.data\.json}' |
    sed -E "s/(\"$1\": *)[-0-9.a-z]+/\1$2/" >"$WORK/data.json"
  k create configmap swiftdeploy-thresholds -n "$SYSTEM" --from-file="$WORK/data.json" --dry-run=client -o yaml |
    k apply --server-side --force-conflicts -f - >>"$WORK/run.log"
}

check "install.yaml is taken" k apply --server-side -f "$INSTALL/install.yaml"
check "and the CRDs established" k wait --for=condition=Established crd/swiftdeploys.swiftdeploy.dev crd/transitions.swiftdeploy.dev --timeout=120s
k create configmap authority -n "$SYSTEM" --from-file=ca.crt="$SWIFTDEPLOY_REGISTRY_CA" >/dev/null
k patch deployment swiftdeploy-operator -n "$SYSTEM" --type json -p "$our_registry" >/dev/null
check "two operators run, in a namespace that enforces restricted Pod Security" rolled_out
check "one of them leads" within 120 operator_said '"reason":"Leading"'

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
STEPS='{weight: 10, hold: 12s}, {weight: 50, hold: 8s}, {weight: 100, hold: 8s}'
resource 1.0.0
check "kubectl wait sees it Ready" ready 120s
address
check "it answers through nginx" within 120 served 1.0.0
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
check "kubectl wait sees it Ready" ready 120s
check "kubectl get tr tells of each" bash -c "[ \$('$SWIFTDEPLOY_KUBECTL' get tr -n shop --no-headers | grep -cE ' (canary|advance|promote) .*Applied') = 4 ]"
check "Events tell of it" bash -c "'$SWIFTDEPLOY_KUBECTL' get events -n shop -o jsonpath='{.items[*].reason}' | tr ' ' '\n' | sort -u | tr '\n' ' ' | grep -q 'CanaryAdvanced CanaryStarted .*Promoted'"

echo "--- a failing candidate"
cluster_threshold max_failed_reviews 4
STEPS='{weight: 50, hold: 3s}, {weight: 100, hold: 2s}'
MODE=canary resource 1.2.0
check "it is held at the last step" within 120 candidate_is 1.2.0 100
load_end "no request failed in all of it"
check "chaos is ordered" chaos '{"mode":"error","rate":0.5}'
check "and ordered" chaos '{"mode":"error","rate":0.5}'
check "kubectl get sd says PromoteBlocked" within 120 column_is '.status.conditions[?(@.type=="Admitted")].reason' PromoteBlocked
check "policy orders its rollback" within 120 column_is .status.candidate '<none>'
check "1.1.0 serves" within 120 served 1.1.0
is "kubectl get sd says that 1.2.0 gets nothing" "1.2.0 0" "$(column .status.version,W:.status.weight | xargs)"
check "kubectl describe says why" bash -c "'$SWIFTDEPLOY_KUBECTL' describe sd demo -n shop | grep -q 'Error rate too high'"

echo "--- a person asks, by an annotation"
k annotate sd demo -n shop swiftdeploy.dev/rollback='customers complain' >/dev/null
check "rollback brings back what served before" within 120 column_is .status.stable.version 1.0.0
check "and it answers" within 120 served 1.0.0
check "the request is on record, with its reason" bash -c "'$SWIFTDEPLOY_KUBECTL' get tr -n shop -o jsonpath='{.items[*].spec.line}' | grep -q '\"kind\":\"rollback\".*customers complain'"
is "and used up" '<none>' "$(column '.metadata.annotations.swiftdeploy\.dev/rollback')"

echo "--- an image that does not exist"
k patch sd demo -n shop --type merge -p "{\"spec\":{\"services\":{\"image\":\"$SWIFTDEPLOY_POD_REGISTRY_ADDRESS/library/shop:9.9.9\",\"version\":\"9.9.9\",\"mode\":\"stable\"}}}" >/dev/null
check "status says so" within 120 bash -c "'$SWIFTDEPLOY_KUBECTL' get sd demo -n shop -o jsonpath='{.status.conditions[*].message}' | grep -q 'no such image'"
check "1.0.0 serves on" served 1.0.0

echo "--- gone"
check "kubectl delete ends" k delete sd demo -n shop --timeout=120s
check "with all it made" within 120 bash -c "[ -z \"\$('$SWIFTDEPLOY_KUBECTL' get deploy,svc,cm,pods,networkpolicy -n shop --no-headers -o name | grep demo)\" ]"
check "its records stay" bash -c "'$SWIFTDEPLOY_KUBECTL' get tr -n shop --no-headers | grep -q ' teardown .*Applied'"

echo "--- OPA as a sidecar; what the node has left"
# A machine that runs tests is busy: its CPU and memory are known, and keep nothing out.
THRESHOLDS='s/"min_disk_free_gb": 10/"min_disk_free_gb": 1000000/; s/\("max_[a-z]*_used_percent"\): 90/\1: 100/; s/"deploy": \[\]/"deploy": ["conditions", "disk", "cpu", "memory"]/'
check "install/opa and install/node-stats are taken, and the pods are ready" install_with opa node-stats
THRESHOLDS=
check "it decides with the operator's policies" within 120 operator_said 'opa decides with policy'
STEPS='{weight: 50, hold: 2s}, {weight: 100, hold: 2s}'
resource 1.0.0
says() { column "$1" | grep -q "$2"; }
ready_message='.status.conditions[?(@.type=="Ready")].message'
check "a node with too little disk keeps it out, by name" within 120 says "$ready_message" 'Disk below threshold: [0-9.]* GB free, 1000000 GB required (node swiftdeploy-node)'
echo "    $(column "$ready_message")"
cluster_threshold min_disk_free_gb 0.1
check "a new resource gets Ready by it" ready 120s
address
check "it answers" within 120 served 1.0.0
load_start 30 "$ADDRESS"
MODE=canary resource 1.1.0
check "its canary is held at the last step" within 120 candidate_is 1.1.0 100
last_decision() { k get tr -n shop -o json | python3 -c '
import json, sys
lines = sorted((json.loads(o["spec"]["line"]) for o in json.load(sys.stdin)["items"]), key=lambda r: r["ts"])
print([r for r in lines if r["type"] == "decision"][-1])'; }
check "records name the engine, and its policy as verified" bash -c "grep -q \"'engine': 'opa'\" <<<\"\$1\" && grep -q \"'verified': True\" <<<\"\$1\"" - "$(last_decision)"
opa_image() { k set image -n "$SYSTEM" "$2" opa="$1"; }
check "OPA is killed, and stays away" of_operator opa_image openpolicyagent/opa:none
check "kubectl get sd says so" within 120 column_is '.status.conditions[?(@.type=="Stalled")].reason' PolicyUnavailable
is "and which failure it is" PolicyUnreachable "$(column '.status.conditions[?(@.type=="Admitted")].reason')"
echo "    $(k get sd demo -n shop --no-headers)"
check "1.1.0 serves on" served 1.1.0
MODE=stable resource 1.0.0
check "the retreat that was granted works without it" within 120 column_is .status.candidate '<none>'
check "1.0.0 serves" within 120 served 1.0.0
resource 1.2.0
check "all else waits" within 120 column_is '.status.conditions[?(@.type=="Stalled")].reason' PolicyUnavailable
check "OPA is back" of_operator opa_image openpolicyagent/opa:1.22.2-static
check "and what waited goes on" within 120 column_is .status.stable.version 1.2.0
load_end "no request failed in all of it"

echo "--- policies from a ConfigMap"
policies_of() { # FOLDER
  "${SD[@]}" policy config-map "$1" | k apply --server-side --force-conflicts -f - >>"$WORK/run.log"
}
policies_of "$WORK/policies"
check "install/policies is taken, with the embedded engine" install_with policies
cat >"$WORK/policies/guards/owner.rego" <<'R'
# METADATA
# title: Nobody owns it
package swiftdeploy.guards.owner

# METADATA
# title: Nobody owns it
# custom:
#   code: owner_missing
violations contains {"code": "owner_missing", "message": "Owner missing: label the resource with one"} if {
	input.transition.kind in {"deploy", "canary"}
	not input.resource.labels.owner
}
R
check "a rule of one's own is built" "${SD[@]}" policy build "$WORK/policies"
policies_of "$WORK/policies"
started() { k get pods -n "$SYSTEM" -l app.kubernetes.io/name=swiftdeploy-operator -o jsonpath='{.items[*].metadata.name} {.items[*].status.containerStatuses[*].restartCount}'; }
two() { [ "$(k get pods -n "$SYSTEM" -l app.kubernetes.io/name=swiftdeploy-operator -o name | wc -l)" = 2 ]; }
check "the operators before them are gone" within 120 two
before=$(started)
changed() { [ "$(k logs -n "$SYSTEM" -c operator "$1" | grep -c 'embedded decides with policy')" = 2 ]; }
check "both operators take it" within 120 of_operator changed
MODE=stable resource 1.0.0
check "it decides" within 120 bash -c "'$SWIFTDEPLOY_KUBECTL' get sd demo -n shop -o jsonpath='{.status.conditions[*].message}' | grep -q 'Owner missing'"
k patch configmap swiftdeploy-policies -n "$SYSTEM" --type merge -p '{"data": {"guards.owner.rego": "package swiftdeploy.guards.owner # edited by hand"}}' >/dev/null
check "an edit that was not built is refused: the log says so" within 120 operator_said '"reason":"PolicyNotTaken".*guards.owner.rego was edited after the bundle was built.*goes on deciding'
check "the status, too" within 120 bash -c "'$SWIFTDEPLOY_KUBECTL' get sd demo -n shop -o jsonpath='{.status.policy.problem}' | grep -q 'guards.owner.rego was edited'"
refused() { k get --raw "/api/v1/namespaces/$SYSTEM/${1/pod/pods}:9090/proxy/metrics" | grep '^swiftdeploy_policy_refused 1.0' >/dev/null; }
check "and the metric" of_operator refused
k label sd demo -n shop owner=payments >/dev/null
check "the policy before goes on deciding" within 120 column_is .status.stable.version 1.0.0
is "all of that without a restart" "$before" "$(started)"
k delete pods -n "$SYSTEM" -l app.kubernetes.io/name=swiftdeploy-operator --grace-period=5 --wait=false >/dev/null
TAG=1.0.0 STEPS='' MODE=stable resource 1.0.1
anew() { [ "$(started)" != "$before" ] && [ "$(column .status.stable.version)" = 1.0.1 ]; }
check "and it goes on where operators start anew, too" within 120 anew
is "with what was refused refused" 1 "$(column .status.policy.problem | grep -c 'guards.owner.rego was edited')"

k scale deployment/swiftdeploy-operator -n "$SYSTEM" --replicas=0 >/dev/null
lease_is_free() { [ -z "$(k get lease swiftdeploy-operator -n "$SYSTEM" -o jsonpath='{.spec.holderIdentity}')" ]; }
check "SIGTERM ends the operator in order: its lease is given back" within 120 lease_is_free
