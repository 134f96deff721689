#!/usr/bin/env bash
# The crash points of the proxy, with nginx, under 20 requests per second.
set -euo pipefail
[ -n "${SWIFTDEPLOY_NGINX:-}" ] || { echo "FAIL no nginx: eval \"\$(hack/parts nginx)\" first"; exit 1; }
# shellcheck source=hack/e2e/machine.bash
. "$(dirname "$0")/machine.bash"
# shellcheck source=hack/e2e/crash.bash
. "$(dirname "$0")/crash.bash"
set_up
manifest 1.0.0
cd "$WORK"
crash_first PROXY_AFTER_SPAWN # later ones are told to reload
load_start 20
crash_in_replacements PROXY_AFTER_WRITE PROXY_AFTER_CHECK PROXY_AFTER_RELOAD LOOP_AFTER_EFFECT:2
check "the chain verifies" chain_verifies
load_end "no request failed in all of it"
