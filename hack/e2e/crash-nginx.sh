#!/usr/bin/env bash
# The crash points of the proxy, with nginx.
set -euo pipefail
export SWIFTDEPLOY_PROXY=nginx
POINTS="PROXY_AFTER_WRITE PROXY_AFTER_RELOAD LOOP_AFTER_EFFECT:2"
. "$(dirname "$0")/crash.bash"
