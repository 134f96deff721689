#!/usr/bin/env bash
# The main job on the process platform, with the nginx proxy.
set -euo pipefail
export SWIFTDEPLOY_PROXY=nginx
. "$(dirname "$0")/tour.bash"
