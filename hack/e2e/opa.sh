#!/usr/bin/env bash
# OPA as the judge, and all that can go wrong with it, under 20 requests per second: never an
# allow, the right reason in status, exit code 4, and the service untouched.
. "$(dirname "${BASH_SOURCE[0]}")/machine.bash"
: "${SWIFTDEPLOY_OPA:?names the opa to use: eval \"\$(hack/parts opa)\"}"
export XDG_CONFIG_HOME=$WORK/config # what is accepted here is accepted here only
set_up
cd "$WORK"

opa_manifest() { # VERSION [URL]
  manifest "$1"
  sed -i "s|policy: {engine: embedded, |policy: {engine: opa, ${2:+url: \"$2\", }|" "$M"
}
status_says() { "${SD[@]}" status -o json 2>/dev/null | grep -q "$1"; }
own_opa() { # the pid of the daemon's own
  local file
  for file in .swiftdeploy/manifest/resources/demo/opa/*/opa.pid; do
    [ ! -f "$file" ] || cut -d' ' -f1 "$file"
  done
}
allows() { history_count '"verdict":"allowed"'; }
# denied_with NAME REASON: a deploy of something new ends with 4 and that reason; 1.0.0 serves on
denied_with() {
  local before after code
  before=$(allows)
  sd deploy --timeout 60 >/dev/null 2>deny.err && code=0 || code=$?
  is "$1: deploy ends with 4" 4 "$code"
  check "$1: status names it $2" within 20 status_says "$2"
  after=$(allows)
  is "$1: nothing was allowed" "$before" "$after"
  check "$1: the service is up, with what it had" version_is "$SERVED"
}

echo "--- an OPA of our own"
opa_manifest 1.0.0
sd deploy --timeout 120 >/dev/null 2>first.err && code=0 || code=$?
is "deploy ends with 0" 0 "$code"
check "1.0.0 is served" version_is 1.0.0
check "the record names opa, and its policy is verified" grep -q '"engine":"opa".*"verified":true' history.jsonl
SERVED=1.0.0
load_start 20

echo "--- it is killed, and started again"
pid=$(own_opa)
kill -KILL "$pid"
check "another one is there" within 30 bash -c "$(declare -f own_opa); p=\$(own_opa); [ -n \"\$p\" ] && [ \"\$p\" != $pid ] && kill -0 \"\$p\""
opa_manifest 1.1.0
sd deploy --timeout 120 >/dev/null 2>again.err && code=0 || code=$?
is "and decides" 0 "$code"
SERVED=1.1.0

echo "--- it is stopped: told, then replaced"
pid=$(own_opa)
kill -STOP "$pid"
opa_manifest 1.2.0
sd deploy --timeout 60 >/dev/null 2>stopped.err && code=0 || code=$?
is "deploy ends with 4" 4 "$code"
check "it is told as PolicyTimeout" grep -q PolicyTimeout stopped.err
check "another one is there" within 60 bash -c "$(declare -f own_opa); p=\$(own_opa); [ -n \"\$p\" ] && [ \"\$p\" != $pid ]"
check "and it goes on by itself" within 60 version_is 1.2.0
check "the one that hung is gone" within 5 bash -c "! kill -0 $pid"
SERVED=1.2.0

echo "--- a threshold is changed"
threshold min_disk_free_gb 99999999
opa_manifest 1.3.0
sd deploy --timeout 60 >/dev/null 2>blocked.err && code=0 || code=$?
is "deploy ends with 3" 3 "$code"
check "it says why" grep -q 'BLOCKED: Disk below threshold' blocked.err
threshold min_disk_free_gb 0.001
check "changed back, it goes on by itself" within 60 version_is 1.3.0
SERVED=1.3.0

echo "--- a policy that nobody here wrote is dropped into the directory"
changes() { history_count '"type":"policy_changed"'; }
more_than() { [ "$(changes)" -gt "$1" ]; }
not_taken() { "${SD[@]}" status 2>/dev/null | grep -q "not taken: $1"; }
before=$(changes)
mv policies ours
mkdir policies
echo '{}' >policies/data.json
cat >policies/admission.rego <<'R'
package swiftdeploy.admission

decision := {"allow": count(found) == 0, "violations": found, "rollback": false, "grants": []}

found contains {
	"code": "not_labelled", "policy": "mine", "severity": "block",
	"message": "Not labelled", "observed": null, "threshold": null,
} if not input.resource.labels.ship == "yes"
R
check "it is taken" within 60 more_than "$before"
check "the record tells the old digest and the new one" grep -qE '"type":"policy_changed".*"from":"[0-9a-f]{64}","to":"[0-9a-f]{64}"' history.jsonl
opa_manifest 1.3.1
sd deploy --timeout 60 >/dev/null 2>mine.err && code=0 || code=$?
is "it decides: deploy ends with 3" 3 "$code"
check "in its own words" grep -q 'BLOCKED: Not labelled' mine.err
echo 'package broken_test' >policies/broken_test.rego
echo 'test_it if input.never' >>policies/broken_test.rego
sed -i 's/"yes"/"no"/' policies/admission.rego
check "a change whose test fails is told with its place" within 60 not_taken 'policies/broken_test.rego:2: test_it fails'
kill -KILL "$(cut -d' ' -f1 .swiftdeploy/manifest/daemon.pid)"
sd deploy --timeout 60 >/dev/null 2>restarted.err && code=0 || code=$?
is "a daemon that is started anew goes on with the last good one" 3 "$code"
check "and tells again" within 60 not_taken 'policies/broken_test.rego:2: test_it fails'
before=$(changes)
mv policies mine
mv ours policies
check "the old directory is taken back" within 60 more_than "$before"
check "what waited goes on" within 60 version_is 1.3.1
SERVED=1.3.1

echo "--- a foreign server"
FOREIGN=$(free_port)
opa_manifest 1.4.0 "http://127.0.0.1:$FOREIGN"
denied_with "not accepted" PolicyNotLoaded
check "it says how to accept it" grep -q -- "--accept-policy-server http://127.0.0.1:$FOREIGN" <(sd status 2>&1)
check "our own OPA has ended" within 20 bash -c "$(declare -f own_opa); [ -z \"\$(own_opa)\" ]"

cat >server.py <<'P'
import http.server, sys, time
what = sys.argv[2]
class Odd(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        status = {"500": 500, "302": 302}.get(what, 200)
        body = {"huge": b'{"result":"' + b"x" * 10_000_000 + b'"}', "500": b"{}", "302": b"",
                "slow": b'{"result":{"allow":true,"violations":[],"rollback":false,"grants":[]}}'}.get(what, what.encode())
        self.send_response(status)
        if status == 302: self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            if what != "slow": self.wfile.write(body)
            else:
                for b in body:
                    self.wfile.write(bytes([b])); self.wfile.flush(); time.sleep(1)
        except OSError: pass
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Odd).serve_forever()
P
SERVER=
server() { # COMMAND...: in place of the one before
  [ -z "$SERVER" ] || { kill -KILL "$SERVER"; wait "$SERVER" 2>/dev/null || true; }
  SERVER=
  [ $# -eq 0 ] || { "$@" >>server.log 2>&1 9>&- & SERVER=$!; }
}
listening() { (exec 8<>"/dev/tcp/127.0.0.1/$FOREIGN") 2>/dev/null; }

sd deploy --timeout 60 --accept-policy-server "http://127.0.0.1:$FOREIGN" >/dev/null 2>gone.err && code=0 || code=$?
is "accepted and not there: deploy ends with 4" 4 "$code"
check "accepted and not there: status says PolicyUnreachable" status_says PolicyUnreachable
check "accepted and not there: the service is up" version_is "$SERVED"
odd() { # NAME BODY REASON
  server python3 "$WORK/server.py" "$FOREIGN" "$2"
  within 10 listening || true
  denied_with "$1" "$3"
}
odd "{}" '{}' PolicyUndefined
odd "result null" '{"result":null}' PolicyMalformed
odd "allow yes" '{"result":{"allow":"yes"}}' PolicyMalformed
odd "500" 500 PolicyServerError
odd "10 MB" huge PolicyMalformed
odd "a byte a second" slow PolicyTimeout
odd "302" 302 PolicyServerError

echo "--- a real one in its place, run by somebody else"
foreign_opa() {
  server "$SWIFTDEPLOY_OPA" run --server --addr "127.0.0.1:$FOREIGN" --log-level error --skip-version-check \
    --ignore '*_test.rego,testdata,bundle,capabilities.json' "$WORK/policies"
}
foreign_opa
within 20 listening || true
sd deploy --timeout 60 >/dev/null 2>real.err && code=0 || code=$?
is "deploy ends with 0" 0 "$code"
check "1.4.0 is served" version_is 1.4.0
check "its records say unverified" grep -q '"engine":"opa".*"verified":false' history.jsonl

echo "--- killed in the middle of a canary: the rollback that it granted works without it"
canary() { # VERSION
  opa_manifest "$1" "http://127.0.0.1:$FOREIGN"
  sed -i 's|canary: {steps: \[\]}|canary: {steps: [{weight: 50, hold: 300s}, {weight: 100}], analysis: {interval: 1s, window: 10s}}|' "$M"
}
canary 1.5.0
check "a canary has half the traffic" within 60 status_says '"actual_weight" : 50'
server
sd rollback --reason "a test" >/dev/null 2>rollback.err && code=0 || code=$?
is "rollback ends with 0" 0 "$code"
check "and rests on a grant" grep -q '"kind":"rollback".*"verdict":"allowed".*"granted_by"' history.jsonl
check "1.4.0 serves" version_is 1.4.0

echo "--- unavailable for as long as its grant says: the candidate is rolled back without a person"
threshold unavailable_for_seconds 5
foreign_opa
check "it is there again" within 20 listening
canary 1.6.0
check "a canary has half the traffic" within 60 status_says '"actual_weight" : 50'
server
check "it is rolled back by itself" within 60 grep -q '"kind":"rollback".*"cause":"unavailable_for".*"verdict":"allowed"' history.jsonl
check "all traffic is at 1.4.0 again" within 30 bash -c "! '${SD[0]}' status -o json | grep -q actual_weight.*50"
check "1.4.0 serves" version_is 1.4.0
load_end "no request failed in all of it"

echo "--- what decided decides so again; what a threshold would have changed"
threshold unavailable_for_seconds 60
sd replay >replay.out 2>&1 && code=0 || code=$?
is "replay ends with 0" 0 "$code"
check "what our own OPA decided, the JVM decides so too; what a foreign one did is left out" \
  grep -qE '^REPLAYED  [0-9]+ decisions.* [1-9][0-9]* of a foreign OPA' replay.out
cp -r policies stricter
sed -i 's/"min_disk_free_gb": *[0-9.]*/"min_disk_free_gb": 99999999/' stricter/data.json
sd what-if --policies stricter >whatif.out 2>&1 && code=0 || code=$?
is "what-if ends with 1" 1 "$code"
check "and names what it would flip, and why" grep -qE '^[0-9]+ +d-[0-9a-f]+ +deploy .* allowed +denied +Disk below threshold: .* 99999999 GB required' whatif.out

echo "--- teardown"
sd teardown >/dev/null 2>teardown.err && code=0 || code=$?
is "teardown ends with 0" 0 "$code"
check "nothing of it runs" none_runs
