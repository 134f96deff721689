#!/usr/bin/env bash
# Every crash point of the loop and of the operator's requests to the API server, on a node with real
# containers, under traffic through nginx. Three resources in namespaces of their own go the same way,
# through each kind of transition, each with an operator that is a process of this machine and that is
# killed, by a signal, at other points; a fourth goes it undisturbed. No request may fail, and what
# they end up as, and what their chains say was done, must be what the fourth's say. Needs root.
# shellcheck source=hack/e2e/kubernetes.bash
. "$(dirname "$0")/kubernetes.bash"
# shellcheck source=hack/e2e/operator.bash
. "$(dirname "$0")/operator.bash"

echo "--- images, a cluster"
set_up_kubernetes nginx:1.28
threshold max_p99_ms 10000 # this machine is busy with tests
threshold min_requests 5   # what an operator has seen goes with it; the next one begins to count anew
set_up_operator

# ---- what is to be seen -------------------------------------------------------------
records() { k get tr -n "$NAMESPACE" -o json | jq -r '.items[].spec.line'; }
# Each workload that is there was admitted.
each_is_recorded() {
  k get deployments,tr -n "$NAMESPACE" -o json | jq -e '
    ([.items[] | select(.kind == "Transition") | .spec.line | fromjson
      | select(.type == "decision" and .enact and .verdict == "allowed") | tostring]) as $admitted
    | [.items[] | select(.kind == "Deployment")] | all(. as $there | $admitted
      | any(contains(($there.metadata.labels["swiftdeploy.dev/workload"] // "" | sub("^[a-z]*-"; "")))))'
}
# over KIND VERSION CANDIDATE WEIGHT: it is on record as done, and shows
over() {
  k get sd,tr -n "$NAMESPACE" -o json | jq -e --arg kind "$1" --arg version "$2" --arg candidate "$3" --arg weight "$4" \
    --argjson times "${TIMES[$1]}" '
    ([.items[] | select(.kind == "Transition" and .spec.kind == $kind and .spec.outcome == "Applied")] | length) == $times
    and any(.items[] | select(.kind == "SwiftDeploy");
      .status.observedGeneration == .metadata.generation and .status.stable.version == $version and (.status.candidate.version // "") == $candidate
      and (.status.candidate.weight // "" | tostring) == $weight
      and ($candidate != "" or any(.status.conditions[]; .type == "Reconciling" and .status == "False")))'
}
# The garbage collector follows by seconds where it has much to do.
collected() {
  k get deploy,svc,cm -n "$NAMESPACE" -o json | jq -e '[.items[].metadata.uid] as $there
    | [.items[].metadata.ownerReferences[]? | select(.kind == "Deployment") | .uid] - $there == []'
}
gone() {
  local names
  names=$(k get sd,deploy,rs,svc,cm,pods,networkpolicy,pdb,controllerrevision -n "$NAMESPACE" -o name) && ! grep -q demo <<<"$names"
}

operator_end() {
  operator_kill
  forget_lease
}

# ---- the way through all kinds of transitions ----------------------------------------
declare -A TIMES=()
# through KIND POINTS END…: what was asked for is brought about by operators that are killed at these
# points, one after the other, and one that is not; without points by the one that runs
through() {
  local kind=$1 point code
  TIMES[$kind]=$((${TIMES[$kind]:-0} + 1))
  for point in $2; do
    operator_start "$point"
    if ! within 180 operator_ended; then
      bad "$SHOP: in $kind $point is never passed"
      operator_end
      continue
    fi
    code=0
    wait "$OPERATOR" || code=$?
    OPERATOR=
    is "$SHOP: in $kind killed at $point" 137 "$code"
    echo "${point%:*}" >>"$WORK/points"
    check "$SHOP: nothing is there without its record" each_is_recorded
    [ "$point" = KUBERNETES_AFTER_LEASE ] || forget_lease
  done
  operator_runs || operator_start ''
  check "$SHOP: $kind is brought about" patiently "${@:3}"
  [ -z "$2" ] || operator_end
}
patiently() { # COMMAND…: looks once a second, as four do
  local end=$((SECONDS + 300))
  until "$@" >/dev/null; do
    [ "$SECONDS" -lt "$end" ] && operator_runs || return 1
    sleep 1
  done
}
# way DEPLOY CANARY ADVANCE PROMOTE CONFIGURE SCALE_DOWN ROLLBACK REPLACE TEARDOWN: the points in each
way() {
  REPLICAS=1 MODE=stable DEADLINE=180s
  STEPS='{weight: 20, hold: 3600s}, {weight: 60}'
  resource 1.0.0
  through deploy "$1" over deploy 1.0.0 '' ''
  address
  check "$SHOP: it answers" within 120 served 1.0.0
  load_start 10 "$ADDRESS"
  MODE=canary resource 1.1.0
  through canary "$2" over canary 1.0.0 1.1.0 20
  STEPS='{weight: 20, hold: 1s}, {weight: 60}'
  MODE=canary resource 1.1.0
  through advance "$3" over advance 1.0.0 1.1.0 60
  resource 1.1.0
  through promote "$4" over promote 1.1.0 '' ''
  REPLICAS=2 CONTACT=oncall@example.com
  resource 1.1.0
  through configure "$5" over configure 1.1.0 '' ''
  REPLICAS=1
  resource 1.1.0
  through configure "$6" over configure 1.1.0 '' ''
  k annotate sd demo -n "$NAMESPACE" swiftdeploy.dev/rollback='it is slow' >/dev/null
  through rollback "$7" over rollback 1.0.0 '' ''
  STEPS=
  resource 1.2.0
  through deploy "$8" over deploy 1.2.0 '' ''
  load_end "$SHOP: no request failed in all of it"
  check "$SHOP: what went with its Deployment is gone, too" within 180 collected
  k get deploy,svc,cm,networkpolicy,pdb,sd -n "$NAMESPACE" -o json >"$WORK/end.json"
  k delete sd demo -n "$NAMESPACE" --wait=false >/dev/null
  through teardown "$9" gone
  operator_end
  records >"$WORK/records"
  check "$SHOP: one decision and one outcome for each" bash -c "'$ROOT/hack/e2e/transitions.py' <'$WORK/records' >'$WORK/transitions'"
  check "$SHOP: its chain verifies" "${SD[@]}" audit verify --namespace "$NAMESPACE"
}
shop() { # NAME and the points of its way: in a subshell of its own, so with what is its own
  SHOP=$1 NAMESPACE=$1 WORK=$WORK/$1
  mkdir "$WORK"
  shop_namespace "$NAMESPACE"
  way "${@:2}"
}

echo "--- three by crashes, one without, side by side"
shop undisturbed '' '' '' '' '' '' '' '' '' >"$WORK/undisturbed.out" 2>"$WORK/undisturbed.err" &
shop a \
  "KUBERNETES_AFTER_CLAIM LOOP_BEFORE_OUTCOME_RECORD" \
  "KUBERNETES_AFTER_RELEASE LOOP_AFTER_EFFECT" \
  "LOOP_BEFORE_DECISION_RECORD KUBERNETES_AFTER_APPLY" \
  "KUBERNETES_BEFORE_RECORD KUBERNETES_AFTER_DELETE" \
  "LOOP_AFTER_DECISION_RECORD LOOP_AFTER_OUTCOME_RECORD" \
  "LOOP_AFTER_EFFECT" \
  "KUBERNETES_AFTER_CLAIM LOOP_BEFORE_EFFECT" \
  "LOOP_BEFORE_DECISION_RECORD KUBERNETES_AFTER_STATUS" \
  "LOOP_AFTER_DECISION_RECORD KUBERNETES_AFTER_DELETE" >"$WORK/a.out" 2>"$WORK/a.err" &
shop b \
  "KUBERNETES_BEFORE_RECORD KUBERNETES_BEFORE_APPLY" \
  "LOOP_BEFORE_DECISION_RECORD KUBERNETES_AFTER_APPLY" \
  "LOOP_AFTER_DECISION_RECORD KUBERNETES_AFTER_STATUS" \
  "LOOP_BEFORE_EFFECT KUBERNETES_AFTER_EVENT" \
  "KUBERNETES_AFTER_LEASE LOOP_AFTER_EFFECT" \
  "KUBERNETES_AFTER_APPLY" \
  "KUBERNETES_AFTER_RECORD KUBERNETES_AFTER_DELETE" \
  "LOOP_AFTER_DECISION_RECORD LOOP_AFTER_OUTCOME_RECORD" \
  "LOOP_BEFORE_DECISION_RECORD LOOP_BEFORE_OUTCOME_RECORD" >"$WORK/b.out" 2>"$WORK/b.err" &
shop c \
  "KUBERNETES_AFTER_POLICY LOOP_AFTER_EFFECT" \
  "LOOP_AFTER_DECISION_RECORD LOOP_AFTER_OUTCOME_RECORD" \
  "LOOP_BEFORE_EFFECT LOOP_BEFORE_OUTCOME_RECORD" \
  "KUBERNETES_AFTER_RECORD KUBERNETES_AFTER_EVENT" \
  "LOOP_BEFORE_DECISION_RECORD KUBERNETES_BEFORE_APPLY" \
  "LOOP_BEFORE_OUTCOME_RECORD" \
  "KUBERNETES_BEFORE_RECORD LOOP_BEFORE_OUTCOME_RECORD" \
  "KUBERNETES_AFTER_RELEASE KUBERNETES_AFTER_DELETE" \
  "LOOP_AFTER_EFFECT KUBERNETES_AFTER_CLAIM" >"$WORK/c.out" 2>"$WORK/c.err" &
wait

for name in undisturbed a b c; do
  echo "--- $name"
  cat "$WORK/$name.out"
  PASSED=$((PASSED + $(grep -c '^PASS' "$WORK/$name.out" || true))) FAILED=$((FAILED + $(grep -c '^FAIL' "$WORK/$name.out" || true)))
  check "$name: its way was gone to its end" test -s "$WORK/$name/transitions"
done

echo "--- the same end"
# Of all that was there at the end, what a person would care for; not which addresses its Services
# got, which the proxy's configuration names, as the name of that does by its content.
end_of() { # NAME
  sed -E 's/10\.97\.[0-9]+\.[0-9]+/ADDRESS/g; s/demo-nginx-[0-9a-f]{12}/demo-nginx-CONTENT/g' "$WORK/$1/end.json" |
    jq -S '[.items[] | {kind, name: .metadata.name, data, spec, status: (if .kind == "SwiftDeploy" then .status
      | {version, stable: (.stable | {release, version, replicas}), candidate, refused, conditions: [.conditions[] | {type, status, reason}]}
      else null end)}]'
}
end_of undisturbed >"$WORK/end"
for name in a b c; do
  end_of "$name" >"$WORK/$name/end"
  check "$name: what is there is the same" diff "$WORK/end" "$WORK/$name/end"
  check "$name: and so is what its chain says was done" diff "$WORK/undisturbed/transitions" "$WORK/$name/transitions"
done
is "no crash point was left out" "$(grep -oE '(LOOP|KUBERNETES)_[A-Z_]+' "$ROOT/operator/core/src/main/java/dev/swiftdeploy/core/loop/CrashPoint.java" | sort -u | xargs)" \
  "$(cat "$WORK"/[abc]/points | sort -u | xargs)"
echo "    killed $(cat "$WORK"/[abc]/points | wc -l) times"
