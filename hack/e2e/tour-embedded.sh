#!/usr/bin/env bash
# The main job on the process platform, with the embedded proxy.
set -euo pipefail
export SWIFTDEPLOY_NGINX=none
. "$(dirname "$0")/tour.bash"
