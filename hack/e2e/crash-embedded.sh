#!/usr/bin/env bash
# Every crash point of the loop and of the process platform, with the embedded proxy, under 20
# requests per second.
set -euo pipefail
export SWIFTDEPLOY_NGINX=none
# shellcheck source=hack/e2e/machine.bash
. "$(dirname "$0")/machine.bash"
# shellcheck source=hack/e2e/crash.bash
. "$(dirname "$0")/crash.bash"
set_up
manifest 1.0.0
cd "$WORK"
crash_first PROXY_AFTER_SPAWN # later ones are told to reload
load_start 20
crash_in_replacements LOOP_BEFORE_DECISION_RECORD LOOP_AFTER_DECISION_RECORD LOOP_BEFORE_EFFECT LOOP_AFTER_EFFECT \
  LOOP_BEFORE_EFFECT:2 LOOP_AFTER_EFFECT:2 LOOP_BEFORE_OUTCOME_RECORD LOOP_AFTER_OUTCOME_RECORD \
  AUDIT_HALF_LINE AUDIT_HALF_LINE:2 AUDIT_BEFORE_FORCE:2 AUDIT_HALF_LINE:3 \
  AUDIT_AFTER_ARCHIVE:2 AUDIT_AFTER_CHECKPOINT:2 AUDIT_AFTER_ROTATION:2 \
  PROCESS_AFTER_SPAWN PROCESS_AFTER_SIGTERM PROXY_AFTER_WRITE PROXY_AFTER_RELOAD
check "the chain verifies, segments that were closed in between too" chain_verifies
load_end "no request failed in all of it"
