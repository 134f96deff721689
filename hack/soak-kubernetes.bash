# Sourced by hack/soak: pods, on a node of a cluster of their own.
# shellcheck shell=bash disable=SC2034,SC2154
# shellcheck source=hack/e2e/kubernetes.bash
. "$(dirname "${BASH_SOURCE[0]}")/e2e/kubernetes.bash"
# shellcheck source=hack/e2e/operator.bash
. "$(dirname "${BASH_SOURCE[0]}")/e2e/operator.bash"

STEPS='' TAG=1.0.0 DEADLINE=30s
prepare() {
  set_up_kubernetes nginx:1.28
  set_up_operator
  threshold max_p99_ms 1500
  threshold max_failed_reviews 5
  shop_namespace "$NAMESPACE"
}
declare_version() { resource "$1"; }
LED=0
led() { grep -c ' Leading: ' "$WORK/operator.log" || true; }
led_once_more() { [ "$(led)" -gt "$LED" ]; }
daemon_start() {
  if [ -e "$WORK/operator.log" ]; then LED=$(led); fi
  operator_start ''
}
# Once it leads: killed before, it would never get to do anything. Each second time its lease has to expire.
kill_daemon() {
  within 120 led_once_more || bad "the operator does not get to lead"
  draw 2
  operator_kill
  [ "$DRAWN" = 0 ] || forget_lease
  daemon_start
}
settled_at() { # VERSION
  k get sd demo -n "$NAMESPACE" -o json | jq -e --arg version "$1" '.status.observedGeneration == .metadata.generation
    and .status.route.current and .status.stable.version == $version and .status.candidate == null
    and any(.status.conditions[]; .type == "Ready" and .status == "True")' && address && served "$1"
}
load_on() { load_start "$1" "$ADDRESS"; }
ask() { k annotate sd demo -n "$NAMESPACE" --overwrite "swiftdeploy.dev/$1=soak" >>"$WORK/asked.log" 2>&1 || true; }
ask_rollback() { ask rollback; }
ask_retry() { ask retry; }
ask_promote() { ask promote-now; }
ask_canary() { k patch sd demo -n "$NAMESPACE" --type merge -p '{"spec":{"services":{"mode":"canary"}}}' >>"$WORK/asked.log" 2>&1 || true; }
asked_is_over() { :; }
delete_pod() { # COMPONENT
  local pods
  mapfile -t pods < <(k get pods -n "$NAMESPACE" -l "app.kubernetes.io/component=$1" -o name)
  if one_of "${pods[@]}"; then k delete -n "$NAMESPACE" "$ONE" --wait=false >>"$WORK/asked.log" 2>&1 || true; fi
}
kill_app() { delete_pod workload; }
kill_proxy() { delete_pod proxy; }
# What is on its way out is left out.
instances_left() {
  k get pods -n "$NAMESPACE" -l app.kubernetes.io/component=workload -o json | jq '[.items[] | select(.metadata.deletionTimestamp == null)] | length'
}
all_records() { k get tr -n "$NAMESPACE" -o json | jq -r '.items[].spec.line'; }
chain_is_whole() { "${SD[@]}" audit verify --namespace "$NAMESPACE"; }
