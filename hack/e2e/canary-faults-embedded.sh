#!/usr/bin/env bash
# Canaries in trouble on the process platform, with the embedded proxy.
set -euo pipefail
export SWIFTDEPLOY_NGINX=none
. "$(dirname "$0")/canary-faults.bash"
