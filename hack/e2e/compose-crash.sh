#!/usr/bin/env bash
# Every crash point of the loop, of the audit chain and of the compose platform, on a real engine,
# under 30 requests per second through nginx.
# shellcheck source=hack/e2e/compose.bash
. "$(dirname "$0")/compose.bash"
# shellcheck source=hack/e2e/crash.bash
. "$(dirname "$0")/crash.bash"
workloads() {
  docker ps -a --filter label=dev.swiftdeploy.role=instance --format '{{.Label "dev.swiftdeploy.workload"}}' | sort -u
}
set_up_compose
STEPS='[]'
manifest 1.0.0
cd "$WORK"
crash_first COMPOSE_DURING_UP # that of OPA
load_start 30
crash_in_replacements LOOP_BEFORE_DECISION_RECORD LOOP_AFTER_DECISION_RECORD LOOP_BEFORE_EFFECT LOOP_AFTER_EFFECT \
  LOOP_BEFORE_EFFECT:2 LOOP_AFTER_EFFECT:2 LOOP_BEFORE_OUTCOME_RECORD LOOP_AFTER_OUTCOME_RECORD \
  AUDIT_HALF_LINE:2 AUDIT_BEFORE_FORCE:2 AUDIT_AFTER_ARCHIVE:2 AUDIT_AFTER_CHECKPOINT:2 AUDIT_AFTER_ROTATION:2 \
  COMPOSE_AFTER_PROJECT COMPOSE_DURING_UP COMPOSE_AFTER_UP PROXY_AFTER_WRITE PROXY_AFTER_CHECK PROXY_AFTER_RELOAD \
  COMPOSE_AFTER_STOP COMPOSE_AFTER_REMOVE
check "the chain verifies, segments that were closed in between too" chain_verifies
load_end "no request failed in all of it"
