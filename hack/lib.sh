# Shared by the scripts of this folder: the one list of versions, the cache, small helpers.
# Sourced, not run. Human talk goes to stderr, so that stdout stays free for data.
# shellcheck shell=bash disable=SC2034
set -euo pipefail
# Without this a failing command inside $(…) would go unnoticed.
shopt -s inherit_errexit 2>/dev/null || { echo "error: bash 4.4 or later is needed, this is $BASH_VERSION" >&2; exit 1; }

# ---- versions of the real parts that tests run against ------------------------
OPA_VERSION=1.22.2
OPA_GO_VERSION=1.26 # the oldest Go that OPA_VERSION compiles with
KUBERNETES_VERSION=1.34.4
ETCD_VERSION=3.6.16
REGISTRY_VERSION=3.0.0
COMPOSE_VERSION=2.40.3
IMAGES_VERSION=2 # of how hack/parts-docker.bash makes them
KUBERNETES_GO_VERSION=1.24 # the oldest Go that these three compile with

# ---- where things live ---------------------------------------------------------
HACK=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$HACK")
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/swiftdeploy # may be deleted at any time
BIN=$CACHE/bin                                    # NAME-VERSION

# ---- helpers -------------------------------------------------------------------
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "error: $*"; exit 1; }
usage_error() { say "error: $* (see ${0##*/} --help)"; exit 2; }

need() { # command...
  local c
  for c in "$@"; do command -v "$c" >/dev/null || die "$c is missing: install it and run this again"; done
}

# The comment block at the head of a script is its help.
help() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

# scratch: sets SCRATCH to a new folder below the cache, deleted when this (sub)shell
# ends. Below the cache, so that what is made there can be renamed into place.
scratch() {
  mkdir -p "$CACHE"
  SCRATCH=$(mktemp -d "$CACHE/scratch.XXXXXX")
  trap 'rm -rf "$SCRATCH"' EXIT
}

sha256() { # file: its digest in hex
  if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d' ' -f1
}

# eventually SECONDS COMMAND…: waits until the command succeeds
eventually() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}
