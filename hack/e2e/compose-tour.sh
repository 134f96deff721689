#!/usr/bin/env bash
# The exercise on Docker Compose, from a flat-form manifest, on a real engine: init, validate,
# deploy, promote canary, blocked by chaos, promote stable, status, audit, teardown; under 30
# requests per second all the time, of which none fails but while errors are ordered.
# shellcheck source=hack/e2e/compose.bash
. "$(dirname "$0")/compose.bash"
set_up_compose
check "the app's image is under 300 MB, and not root" bash -c "'$ROOT/hack/engine' app | grep -E ': [0-9]+ MB, user 10001:10001'"
manifest 1.0.0
cd "$WORK"

echo "--- init"
# The port that OPA would be given first is taken: the one that init finds instead is kept.
python3 -c "import socket,time; s=socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('127.0.0.1',8181)); s.listen(); time.sleep(60)" &
TAKEN=$!
check "OPA's first port is taken" within 5 bash -c "(exec 3<>/dev/tcp/127.0.0.1/8181)"
check "init" sd init
kill $TAKEN; wait $TAKEN 2>/dev/null || true
check "OPA gets another port" bash -c "! grep -q '127.0.0.1:8181:' docker-compose.yml"
for file in docker-compose.yml nginx.conf; do check "it writes $file" test -s $file; cp $file $file.first; rm $file; done
check "init again" sd init
for file in docker-compose.yml nginx.conf; do check "a deleted $file comes back byte for byte" cmp $file $file.first; done
check "Compose takes docker-compose.yml" docker compose -f docker-compose.yml config --quiet
docker compose -f docker-compose.yml config --format json >config.json
check "non-root, no capabilities, read-only; only nginx published, OPA and evidence on loopback" python3 - <<'P'
import json
services = json.load(open("config.json"))["services"]
assert len(services) == 4, services.keys()
for name, s in services.items():
    assert s["cap_drop"] == ["ALL"] and s["read_only"] and s["restart"] == "unless-stopped", name
    assert s["security_opt"] == ["no-new-privileges:true"] and "healthcheck" in s and s["labels"], name
    ports = s.get("ports", [])
    if name == "nginx":
        assert len(ports) == 1 and "host_ip" not in ports[0], ports
    elif name.startswith("stable-"):
        assert not ports and s["image"].startswith("sha256:"), s
        assert s["deploy"]["resources"]["limits"], s
    else:
        assert [p["host_ip"] for p in ports] == ["127.0.0.1"], ports
P

echo "--- validate"
sd validate >validate.out 2>/dev/null && CODE=0 || CODE=$?
is "validate passes" 0 "$CODE"
is "by six checks" 6 "$(grep -c '^PASS' validate.out)"
IMAGE=not-there:1 manifest 1.0.0
sd validate --platform compose >validate.out 2>/dev/null && CODE=0 || CODE=$?
is "validate fails for an image that is not there" 1 "$CODE"
check "and says what to do" grep -q 'FAIL  demo: what is to run exists .*not-there:1 is not in the Docker engine.*Fix: build it' validate.out
manifest 1.0.0
python3 -c "import socket,time; s=socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('0.0.0.0',$PORT)); s.listen(); time.sleep(60)" &
TAKEN=$!
check "a taken port" within 5 bash -c "(exec 3<>/dev/tcp/127.0.0.1/$PORT)"
sd validate >validate.out 2>/dev/null || true
check "a taken port fails, with who has it" grep -q "FAIL  demo: the proxy's port is free, or ours (port $PORT is taken by python3" validate.out
kill $TAKEN; wait $TAKEN 2>/dev/null || true

echo "--- deploy"
code_of deploy
is "deploy ends with 0" 0 "$CODE"
check "on Compose, since the engine has the image" grep -q 'on Docker Compose' said.err
check "it serves" version_is 1.0.0
for file in docker-compose.yml nginx.conf; do check "$file is what init said" cmp $file $file.first; done
check "metrics" bash -c "curl -fsS 127.0.0.1:$PORT/metrics | grep -q http_requests_total"
check "another platform is refused while it runs" bash -c "! '${SD[0]}' deploy --platform process 2>refused.err && grep -q 'platform is compose' refused.err"
load_start 30

echo "--- a canary by weights"
code_of promote canary
is "promote canary ends with 0 when it is held" 0 "$CODE"
check "at the last step" candidate_is 1.0.0 50
FROM=$(now)
check "hundreds of requests are answered" within 20 answered 250
TO=$(now)
share "at 50 % it gets its share" 50
check "both are in docker-compose.yml" bash -c "grep -q '^  stable-' docker-compose.yml && grep -q '^  canary-' docker-compose.yml"

echo "--- blocked: slow, then errors"
check "chaos is ordered" chaos '{"mode":"slow","duration":3}'
check "policy speaks against it" within 20 says 'Latency too high'
code_of promote stable
is "promote stable ends with 3" 3 "$CODE"
check "and says why" grep -q 'BLOCKED: Latency too high' said.err
check "what was routed is still routed" candidate_is 1.0.0 50
check "recovered" chaos '{"mode":"recover"}'
MODE=canary manifest 1.0.0
check "policy agrees again" within 30 bash -c "tail -n 3 history.jsonl | grep -q '\"verdict\":\"allowed\"'"
load_end "30 requests per second through deploy and canary: none failed"
load_start 30
check "chaos is ordered" chaos '{"mode":"error","rate":0.5}'
check "policy speaks against it" within 30 says 'Error rate too high'
code_of promote stable
is "promote stable ends with 3" 3 "$CODE"
check "recovered" bash -c "for i in 1 2 3 4 5 6 7 8 9 10; do curl -fsS -H 'X-SwiftDeploy-Mode: canary' -d '{\"mode\":\"recover\"}' 127.0.0.1:$PORT/chaos && exit; done; exit 1"
load_end_but "while errors were ordered, nothing but those failed" "HTTP/1.1 500"

echo "--- promote stable, a new release"
load_start 30
check "the promotion goes through once it recovered" within 60 settled 1.0.0
STEPS='[{weight: 50, hold: 1s}]'
manifest 1.1.0
code_of deploy
is "deploy of another version ends with 0" 0 "$CODE"
check "it serves" settled 1.1.0
CONTACT=help@example.com manifest 1.1.0
check "the proxy's settings are changed" within 30 grep -q '"kind":"configure".*help@example.com' history.jsonl
check "the error bodies have them" within 20 grep -q help@example.com nginx.conf

echo "--- no way from the public port to OPA or an admin listener"
python3 "$ROOT/hack/e2e/public_port.py" "$PORT" >public.out 2>&1 && CODE=0 || CODE=$?
is "whatever is asked there ($(tail -n 1 public.out))" 0 "$CODE"

decides() { curl -fsS --max-time 5 -H "Authorization: Bearer $(cat .swiftdeploy/manifest/resources/demo/opa/*/token)" "127.0.0.1:$(docker port "$OPA" 8181 | sed 's/.*://')/health"; }

echo "--- OPA stopped"
OPA=$(container opa-)
docker stop "$OPA" >/dev/null
manifest 1.2.0
code_of deploy
is "deploy ends with 4" 4 "$CODE"
check "and says what to do" grep -q "docker start $OPA" said.err
check "the service runs on" version_is 1.1.0
docker start "$OPA" >/dev/null
STEPS='[{weight: 50, hold: 300s}]'
manifest 1.2.0
check "started again, the canary goes on" within 60 candidate_is 1.2.0 50
docker stop "$OPA" >/dev/null
code_of promote stable --now
is "promote ends with 4" 4 "$CODE"
code_of rollback --reason "OPA is gone"
is "a granted rollback works" 0 "$CODE"
check "and is done" within 30 routed_to_stable 1.1.0
echo "--- OPA removed, and killed, in the middle"
docker rm -f "$OPA" >/dev/null
manifest 1.1.0
check "a removed OPA is started anew" within 60 bash -c "docker ps --filter name=opa- --format '{{.Names}}' | grep -qx $OPA"
STEPS='[{weight: 50, hold: 300s}]'
manifest 1.3.0
check "and admits the next canary" within 60 candidate_is 1.3.0 50
docker kill "$OPA" >/dev/null
code_of promote stable --now
is "promote ends with 4 while it is killed" 4 "$CODE"
check "what was routed is still routed" candidate_is 1.3.0 50
code_of rollback --reason "OPA was killed"
is "a granted rollback works" 0 "$CODE"
check "and is done" within 30 routed_to_stable 1.1.0
docker start "$OPA" >/dev/null
check "OPA decides again" within 60 decides
BEFORE=$(docker inspect --format '{{.Id}}' "$OPA")
kill -STOP "$(docker inspect --format '{{.State.Pid}}' "$OPA")"
STEPS='[{weight: 50, hold: 1s}]'
manifest 1.3.1
check "one that hangs is replaced, and then the next release goes home" within 120 settled 1.3.1
check "by another container" bash -c "[ \"\$(docker inspect --format '{{.Id}}' $OPA)\" != $BEFORE ]"
load_end "30 requests per second through all of that: none failed"

echo "--- status, audit, teardown"
check "status" bash -c "'${SD[0]}' status | grep -q 'platform *compose'"
check "audit" sd audit
check "the chain verifies" sd audit verify
check "the report is there" test -s audit_report.md
STEPS='[{weight: 10, hold: 300s}]'
manifest 1.4.0
check "another candidate" within 60 candidate_is 1.4.0 10
check "chaos is ordered" chaos '{"mode":"slow","duration":5}'
load_start 30
to_candidate >slow.out 2>&1 &
SLOW=$!
sleep 1
code_of teardown --clean
is "teardown --clean ends with 0" 0 "$CODE"
BEGAN=$(history | grep '"type":"decision".*"kind":"teardown"' | tail -n 1 | sed 's/.*"ts":"\([^"]*\)".*/\1/' | cut -c 1-19)
load_end_but "until the route was taken away none failed" "refused|reset|empty answer" "$BEGAN"
wait "$SLOW" || true
check "what was on its way then, for seconds, was answered" grep -q '"version":"1.4.0"' slow.out
is "no container is left" "" "$(docker ps -aq)"
is "no network is left" "" "$(docker network ls --quiet --filter name=swiftdeploy-net)"
check "the generated files are gone, the history stays" bash -c "[ ! -e docker-compose.yml ] && [ ! -e nginx.conf ] && [ -s history.jsonl ]"
