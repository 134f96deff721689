# Sourced by hack/soak's platforms on a machine, after their scenarios' functions.
# shellcheck shell=bash disable=SC2034,SC2154

STEPS=
prepare_machine() {
  threshold max_p99_ms 1500
  threshold max_failed_reviews 5
  cd "$WORK"
}
daemon_start() { run_start; }
kill_daemon() {
  local pid # a command may have started it; or it has only begun, and not yet said so
  pid=$(sed 's/.*"pid":\([0-9]*\).*/\1/' .swiftdeploy/manifest/daemon.json 2>/dev/null || true)
  kill -KILL ${pid:+"$pid"} "$DAEMON" 2>/dev/null || true
  wait "$DAEMON" 2>/dev/null || true
  run_start
}
settled_at() { settled "$1"; }
load_on() { load_start "$1"; }

ASKED=()
ask() { # WORDS of a command that is not waited for
  (exec 9>&-; timeout 60 "${SD[@]}" "$@" </dev/null >>"$WORK/asked.log" 2>&1 || true) &
  ASKED+=($!)
}
ask_rollback() { ask rollback --reason soak; }
ask_retry() { ask deploy --retry --timeout 20; }
ask_promote() { ask promote stable --now --timeout 20; }
ask_canary() { ask promote canary --timeout 20; }
asked_is_over() {
  local pid
  for pid in "${ASKED[@]}"; do wait "$pid" 2>/dev/null || true; done
}
all_records() { history | grep -vE '^\{"seq":[0-9]*,"ts":"[^"]*","type":"checkpoint"'; }
chain_is_whole() { chain_verifies; }
