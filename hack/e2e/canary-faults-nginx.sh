#!/usr/bin/env bash
# Canaries in trouble on the process platform, with the nginx proxy.
set -euo pipefail
[ -n "${SWIFTDEPLOY_NGINX:-}" ] || { echo "FAIL no nginx: eval \"\$(hack/parts nginx)\" first"; exit 1; }
. "$(dirname "$0")/canary-faults.bash"
