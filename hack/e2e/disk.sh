#!/usr/bin/env bash
# The chain on a small file system of its own: one whose fsync fails, one that is full, one that is
# read-only. No record, no transition; what rests on an earlier record goes on; and all goes on by
# itself when there is room. Then the chain is damaged under the running daemon. Needs root.
set -euo pipefail
export SWIFTDEPLOY_NGINX=none
. "$(dirname "$0")/machine.bash"
BASE=$WORK
unmount_all() {
  cd / # nothing of it is in use
  for place in "$WORK/.swiftdeploy" "$BASE/disk" "$BASE/under"; do
    # What was killed a moment ago may still hold it.
    ! mountpoint -q "$place" || within 20 umount "$place" || true
  done
  if mountpoint -q "$BASE/under"; then bad "a file system is left mounted"; fi
  [ "$FAILED" -gt 0 ] || rm -rf "$BASE"
}
[ "$(id -u)" = 0 ] || { bad "only root can mount a file system"; exit 1; }
mkdir "$BASE/under" "$BASE/disk" "$BASE/state"
PATH=$PATH:/usr/sbin:/sbin
mount -t tmpfs -o size=40m tmpfs "$BASE/under" || { bad "no tmpfs can be mounted"; exit 1; }
truncate -s 16M "$BASE/under/image" # only what is written takes room below: that is how an fsync fails
mkfs.ext4 -q -b 4096 -O ^has_journal "$BASE/under/image" || { bad "there is no mkfs.ext4"; exit 1; }
mount -o loop "$BASE/under/image" "$BASE/disk" || { bad "no image can be mounted (loop)"; exit 1; }
WORK=$BASE/disk
export CHECK_LOG=$BASE/check.log
M=$WORK/manifest.yaml
mkdir "$WORK/.swiftdeploy"
mount --bind "$BASE/state" "$WORK/.swiftdeploy" # only the chain is on the small one
cd "$WORK"
set_up

decisions() { history_count '"type":"decision"'; }
workloads() { find .swiftdeploy/ -type d -path '*/workloads/*' -name "$1*" | wc -l; }
no_workload() { [ "$(workloads "$1")" = 0 ]; }
ready() { "${SD[0]}" status 2>/dev/null | head -1 | grep -q READY; }
stage() { cp manifest.yaml kept.yaml; manifest "$1"; mv manifest.yaml "staged-$1.yaml"; mv kept.yaml manifest.yaml; }
take() { # a rename needs no room, and what it replaces must not make any
  ln manifest.yaml "was-before-$1.yaml"
  mv "staged-$1.yaml" manifest.yaml
}
# fill FILE: more than once, as some room is only counted free later
fill() { for _ in 1 2 3; do dd if=/dev/zero bs=1k oflag=append conv=notrunc of="$1" >/dev/null 2>&1 || true; done; }
said() { grep -q "$1" "$BASE/run.log"; }
run_start() { # its log is not on the small disk
  (exec env --default-signal=INT "${SD[@]}" run) </dev/null >>"$BASE/run.log" 2>&1 &
  DAEMON=$!
}
# What is left of the chain's last block takes some records yet: starts, until one finds no room.
use_up() {
  local _
  for _ in {1..20}; do
    kill -KILL "$DAEMON"; wait "$DAEMON" 2>/dev/null || true
    : >"$BASE/run.log"
    run_start
    within 20 grep -q 'daemon [0-9]* on' "$BASE/run.log" || return 1
    within 2 grep -qE "the start can't be recorded|serves|goes on|holds" "$BASE/run.log" || true
    if said "the start can't be recorded"; then return; fi
  done
  return 1
}
instances() { # pids of the workloads' programs, not of the shells beside them
  local p
  for p in $(leftovers); do
    if grep -qzs '^SWIFTDEPLOY_INSTANCE=demo/stable-' "/proc/$p/environ" && [[ $(readlink "/proc/$p/exe") = */java ]]; then echo "$p"; fi
  done
}

manifest 1.0.0
run_start
check "1.0.0 serves" within 60 version_is 1.0.0
check "and is ready" within 20 ready

# ---- fsync fails -------------------------------------------------------------------
stage 2.0.0
sync
fstrim "$WORK" # no block of the image has room below but those in use
fill "$BASE/under/filler"
check "forced to disk is what fits into blocks that are there" use_up
before=$(decisions)
take 2.0.0
check "a record that can't be forced to disk is told" within 30 said "no record, no transition"
is "it is not in the chain" "$before" "$(decisions)"
is "and nothing of the release is there" 1 "$(workloads stable-)"
check "1.0.0 serves on" version_is 1.0.0
rm "$BASE/under/filler"
check "with room again it goes on by itself" within 60 version_is 2.0.0
check "and is ready again" within 20 ready
is "by one transition" $((before + 1)) "$(decisions)"

# ---- full ---------------------------------------------------------------------------
stage 2.0.0
stage 4.0.0
CANARY='{steps: [{weight: 50, hold: 300s}, {weight: 100}], probe: {path: /, requestsPerSecond: 5}}'
manifest 3.0.0
check "a candidate takes half" within 60 grep -q '"kind":"canary".*"enact":true' history.jsonl
check "and is there" within 30 bash -c "'${SD[0]}' status | grep -q 'canary-.* 1/1'"
rm -f was-before-*
fill filler
check "on a full disk what fits into the last block" use_up
before=$(wc -l <history.jsonl)
take 2.0.0
check "a retreat that can't be recorded says so" within 30 said "the retreat can't be recorded"
check "and goes on under its grant" within 60 no_workload canary-
before_kill=$(instances)
# shellcheck disable=SC2086 # pids
kill -KILL $before_kill
check "an instance is killed" within 10 bash -c "! kill -0 $before_kill"
check "what was admitted is repaired" within 60 version_is 2.0.0
take 4.0.0
check "what is new is seen" within 20 said "the manifest changed"
check "and waits for room: 2.0.0 serves on" version_is 2.0.0
is "with no workload of it" 1 "$(workloads stable-)"
is "no record was written" "$before" "$(wc -l <history.jsonl)"
rm filler
check "with room again it goes on by itself, to 4.0.0" within 60 version_is 4.0.0
check "the retreat is on record now" grep -q '"kind":"rollback".*"granted_by"' history.jsonl
check "and all is ready" within 20 ready

# ---- read-only ------------------------------------------------------------------------
kill -KILL "$DAEMON"; wait "$DAEMON" 2>/dev/null || true
mount -o remount,ro "$BASE/disk"
code=0; sd run >"$BASE/ro.out" 2>&1 </dev/null || code=$?
is "on a read-only disk a daemon ends with 1" 1 "$code"
check "and says why" grep -qi "read-only" "$BASE/ro.out"
check "the service runs on" version_is 4.0.0
mount -o remount,rw "$BASE/disk"
run_start
check "writable again, the daemon takes over" within 30 ready
check "the chain verifies" chain_verifies

# ---- what is kept is somebody else's ----------------------------------------------------
chown nobody .swiftdeploy
for command in status teardown deploy run plan; do # root, without the right to read it all the same
  setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search \
    "${SD[@]}" $command >"$BASE/else.out" 2>&1 </dev/null && code=0 || code=$?
  is "$command ends with 1 where it can't be read" 1 "$code"
  check "and says whose it is" grep -q "is nobody's, and root can't read it" "$BASE/else.out"
done
chown root .swiftdeploy
check "the service runs on" version_is 4.0.0

# ---- a person edits the chain ------------------------------------------------------------
sed -i '2s/demo/dome/' history.jsonl
check "an edit under the running daemon is told in status, with its place" \
  within 20 bash -c "'${SD[0]}' status | grep -q 'STALLED  AuditDamaged' && '${SD[0]}' status | grep -q 'line 2: edited'"
code=0; sd audit verify >"$BASE/verify.out" 2>&1 || code=$?
is "audit verify ends with 1" 1 "$code"
check "and names the line" grep -q 'line 2: edited' "$BASE/verify.out"
check "the service runs on, damaged chain or not" version_is 4.0.0
code=0; sd teardown >"$BASE/teardown.out" 2>&1 || code=$?
is "nobody waits for a teardown then" 1 "$code"
check "and it says how to go on" grep -q 'take note of it, and it goes on: swiftdeploy audit acknowledge --reason TEXT' "$BASE/teardown.out"
rm .swiftdeploy/manifest/requests/* # it would be done
sd audit acknowledge --reason "it was a test" >"$BASE/acknowledge.out" 2>&1 && code=0 || code=$?
is "a person acknowledges it" 0 "$code"
check "which is a record" grep -q '"type":"acknowledged".*"reason":"it was a test"' history.jsonl
check "what was there is kept" test -s history.jsonl.damaged-*
check "the chain verifies again" chain_verifies

# ---- the oldest part of the chain is removed -----------------------------------------------
closed() { find history.segments/ -name '*.gz' 2>/dev/null; }
has_closed() { [ -n "$(closed)" ]; }
kill -KILL "$DAEMON"; wait "$DAEMON" 2>/dev/null || true
export SWIFTDEPLOY_SEGMENT_BYTES=1 # each record closes a segment
run_start
check "a segment is closed" within 30 has_closed
check "and all is ready" within 30 ready
sleep 2 # so that it is older than this second
old=$(closed | sort | head -1)
code=0; sd audit prune --before "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$BASE/prune.out" 2>&1 || code=$?
is "a person has what is old removed" 0 "$code"
check "by the daemon that runs" test ! -e "$old"
check "which is a record" grep -q 'had records 1 to .* removed' "$BASE/prune.out"
check "and the chain verifies" chain_verifies
sleep 2 # it looks at its segments each second
check "to the daemon it is no damage" ready
check "that record lies in a closed segment by now" has_closed
find history.segments/ -name '*.gz' -delete
check "one that nobody had removed is missed" \
  within 20 bash -c "'${SD[0]}' status | grep -q 'STALLED  AuditDamaged' && '${SD[0]}' status | grep -q 'none was pruned'"
