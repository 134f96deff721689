#!/usr/bin/env bash
# The main job on the process platform, with the embedded proxy, in a folder whose name has blanks and
# letters that are not ASCII's.
set -euo pipefail
export SWIFTDEPLOY_NGINX=none LC_ALL=C.UTF-8
# shellcheck disable=SC2034 # used by machine.bash
WORK_NAME=' – ü'
. "$(dirname "$0")/tour.bash"
