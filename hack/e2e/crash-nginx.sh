#!/usr/bin/env bash
# The crash points of the proxy, with nginx.
set -euo pipefail
[ -n "${SWIFTDEPLOY_NGINX:-}" ] || { echo "FAIL no nginx: eval \"\$(hack/parts nginx)\" first"; exit 1; }
POINTS="PROXY_AFTER_WRITE PROXY_AFTER_RELOAD LOOP_AFTER_EFFECT:2"
. "$(dirname "$0")/crash.bash"
