#!/usr/bin/env bash
# Canaries on the process platform, with the embedded proxy.
set -euo pipefail
export SWIFTDEPLOY_NGINX=none
. "$(dirname "$0")/canary.bash"
