#!/usr/bin/env bash
# Sourced by the scenarios on Kubernetes in which the operator is killed: it is a process of this
# machine, of $NAMESPACE alone.
# shellcheck shell=bash disable=SC2034,SC2154 # used by those that source it; NAMESPACE and WORK are theirs

# set_up_operator: the CRDs, and as in the operator's image its classes, loaded once and for all
set_up_operator() {
  check "without the CRDs an operator says how to get them" refuses none 'has no swiftdeploys.swiftdeploy.dev. Fix: kubectl apply'
  check "and where its address is taken, which option that is" \
    refuses "$(grep -o 'https://[^"]*' "$KUBECONFIG" | sed 's|https://||')" 'Fix: name another --metrics-address'
  k apply --server-side -f "$ROOT/crds" >/dev/null
  check "the CRDs are established" k wait --for=condition=Established -f "$ROOT/crds" --timeout=120s
  CLASSES=$WORK/classes.jsa POLICIES=$WORK/policies
  KUBECONFIG=$WORK/none SWIFTDEPLOY_JAVA_OPTS="-XX:ArchiveClassesAtExit=$CLASSES" "${SD[@]}" operator --metrics-address none \
    >>"$WORK/run.log" 2>&1 || true # there is no cluster
}
refuses() { # METRICS-ADDRESS TEXT
  ! "${SD[@]}" operator --metrics-address "$1" >"$WORK/refused.log" 2>&1 && grep -q "$2" "$WORK/refused.log" && [ "$(wc -l <"$WORK/refused.log")" -lt 5 ]
}
OPERATOR=
operator_start() { # POINT where it is killed, or nothing
  (
    exec 9>&-
    cd "$WORK"
    SWIFTDEPLOY_CRASH_AT=$1 SWIFTDEPLOY_JAVA_OPTS="-XX:SharedArchiveFile=$CLASSES" exec "${SD[@]}" operator \
      --namespace "$NAMESPACE" --lease-namespace "$NAMESPACE" --policies "$POLICIES" \
      --registry-ca "$SWIFTDEPLOY_REGISTRY_CA" --metrics-address none --log text
  ) </dev/null >>"$WORK/operator.log" 2>&1 &
  OPERATOR=$!
}
operator_runs() { [ -n "$OPERATOR" ] && kill -0 "$OPERATOR" 2>/dev/null; }
operator_ended() { ! operator_runs; }
operator_kill() {
  [ -n "$OPERATOR" ] || return 0
  kill -KILL "$OPERATOR" 2>/dev/null || true
  wait "$OPERATOR" 2>/dev/null || true
  OPERATOR=
}
# Nobody else waits, and the killed one leads no more: without this the next would wait for 15 s.
forget_lease() { k delete lease swiftdeploy-operator -n "$NAMESPACE" --ignore-not-found >/dev/null; }
