#!/usr/bin/env bash
# What becomes of a service on Docker Compose when others touch it: containers stopped, killed and
# removed, the network deleted, generated files edited, the engine restarted, an engine that stops
# in the middle of a promotion, an image's tag that moves, two manifests on one engine.
# shellcheck source=hack/e2e/compose.bash
. "$(dirname "$0")/compose.bash"
set_up_compose
V=1.0.0
manifest $V
cd "$WORK"
code_of deploy
is "deploy ends with 0" 0 "$CODE"
APP=$(container stable-)

echo "--- drift"
before=$(repaired); docker stop "$APP" >/dev/null; repairs "a container stopped" 30
before=$(repaired); docker kill "$APP" >/dev/null; repairs "a container killed" 30
before=$(repaired); docker rm -f "$APP" >/dev/null; repairs "a container removed" 30
check "it tells what it found" bash -c "grep '\"type\":\"repaired\"' history.jsonl | grep -q 'stable-[0-9a-f]*/0 has exited: exited with 0'"
before=$(repaired); docker rm -f "$(container nginx)" >/dev/null; repairs "nginx removed" 30
before=$(repaired); docker rm -f "$(container evidence)" >/dev/null; repairs "the container evidence removed" 30
before=$(repaired); sed -i 's/read_only: true/read_only: false/' docker-compose.yml; repairs "docker-compose.yml edited" 30
check "docker-compose.yml is as it was" bash -c "! grep -q 'read_only: false' docker-compose.yml"
before=$(repaired); sed -i 's/100/99/' nginx.conf; rm docker-compose.yml; repairs "nginx.conf edited, docker-compose.yml deleted" 30
# What the daemon repairs meanwhile is taken out of it again.
emptied() {
  local c
  for c in $(docker ps -q); do docker network disconnect -f swiftdeploy-net "$c" 2>/dev/null || true; done
  docker network rm swiftdeploy-net >/dev/null 2>&1
}
delete_network() { within 20 emptied || { echo "swiftdeploy-net can't be deleted"; exit 1; }; }
before=$(repaired); delete_network; repairs "the network deleted" 60
before=$(repaired); docker stop "$APP" >/dev/null; delete_network; repairs "the network deleted under an ended container" 60
# As two that bring containers up at the same time may leave them; then nothing starts in either.
before=$(repaired)
curl -fsS --unix-socket "${DOCKER_HOST#unix://}" -H 'Content-Type: application/json' \
  -d '{"Name": "swiftdeploy-net", "CheckDuplicate": false}' http://engine/networks/create >/dev/null
docker rm -f "$APP" >/dev/null
repairs "another network of the same name" 60
check "one is left of that name" test "$(docker network ls -q --filter name=^swiftdeploy-net$ | wc -l)" = 1

echo "--- an image's tag moves: what was admitted runs on, the new one is a new release"
ID=$(docker inspect --format '{{.Image}}' "$(container stable-)")
printf 'FROM swiftdeploy-app:1.0.0\nENV MOVED=1\n' | DOCKER_BUILDKIT=0 docker build --quiet --tag swiftdeploy-app:1.0.0 - >/dev/null
check "the moved tag is a candidate" within 40 bash -c "grep -q '\"kind\":\"canary\"' history.jsonl"
check "beside the admitted image" bash -c "docker inspect --format '{{.Image}}' \$(docker ps -q --filter name=stable-) | grep -qx '$ID'"
check "it goes all the way" within 60 bash -c "docker inspect --format '{{.Config.Env}}' \$(docker ps -q --filter name=stable-) | grep -q MOVED=1"
check "and serves" within 30 settled $V

echo "--- the engine restarted"
before=$(repaired)
"$ROOT/hack/engine" stop
check "it is told" within 30 says 'the Docker engine does not run'
check "and not called ready" within 10 says '"type":"Ready","status":"UNKNOWN"'
"$ROOT/hack/engine" start
check "it serves again" within 90 settled $V

echo "--- the engine stopped in the middle of a promotion"
STEPS='[{weight: 50, hold: 2s}]'
manifest 1.1.0
check "a candidate is there" within 60 candidate_is 1.1.0 50
"$ROOT/hack/engine" stop
sleep 3
"$ROOT/hack/engine" start
check "then the promotion goes on, or is begun anew" within 150 settled 1.1.0
check "and the chain verifies" sd audit verify

echo "--- two manifests on one engine"
mkdir other && cp -r policies other/policies
FIRST=$M PORTS=("$PORT" "$(free_port)")
M=$WORK/other/manifest.yaml PORT=${PORTS[1]} NAME=other
manifest 2.0.0
M=$FIRST PORT=${PORTS[0]} NAME=demo
check "the other one is deployed" bash -c "cd other && '${SD[0]}' deploy 9>&-"
check "each answers for itself" bash -c "curl -fsS 127.0.0.1:${PORTS[1]}/ | grep -q '\"version\":\"2.0.0\"' && curl -fsS 127.0.0.1:$PORT/ | grep -q '\"version\":\"1.1.0\"'"
check "one goes" bash -c "cd other && '${SD[0]}' teardown --clean 9>&-"
check "and the first one is untouched" settled 1.1.0
