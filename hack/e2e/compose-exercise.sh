#!/usr/bin/env bash
# The exercise with the shortest manifest, as a person goes through it: init, the generated files by
# hand with docker compose, deploy on top of that, promote canary and stable without declared steps,
# a new version, another network, teardown; and what is said when the engine can't be used. Two to
# three minutes.
# shellcheck source=hack/e2e/compose.bash
. "$(dirname "$0")/compose.bash"
shortest() { # VERSION; NET, DRIVER, NGINX, IMAGE, DEADLINE
  cat >"$M.new" <<Y
services:
  image: ${IMAGE:-swiftdeploy-app:1.0.0}
  port: 3000
  mode: ${MODE:-stable}
  version: "$1"${DEADLINE:+
  health: {deadline: $DEADLINE\}}
nginx:
  image: ${NGINX:-nginx:latest}
  port: $PORT
  contact: ops@example.com
network:
  name: ${NET:-swiftdeploy-net}
  driver_type: ${DRIVER:-bridge}
policy: {directory: policies}
Y
  mv "$M.new" "$M"
}
mode_of() { curl -fsSi --max-time 5 "127.0.0.1:$PORT/" | tr -d '\r' | sed -n 's/^X-Mode: //Ip'; }
ids() { docker ps --no-trunc --format '{{.ID}} {{.Names}}' --filter "label=dev.swiftdeploy.role" | sort; }
set_up_compose
NAME=$(basename "$WORK" | tr 'A-Z.' 'a-z-') # after its folder
shortest 1.0.0
cd "$WORK"

echo "--- init, and docker compose by hand"
check "init" sd init
docker compose config --quiet >config.out 2>&1
is "docker compose config has nothing to say" "" "$(cat config.out)"
check "docker compose up" docker compose up --detach
check "the app answers through nginx" within 30 version_is 1.0.0
OPA=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\):8181.*/\1/p' docker-compose.yml)
TOKEN=$(cat .swiftdeploy/manifest/resources/*/opa/*/token)
decides() { curl -sS --max-time 5 -o opa.out -w '%{http_code}' "$@" -d '{"input":{}}' "127.0.0.1:$OPA/v1/data/swiftdeploy/admission/decision"; }
check "OPA answers with its token" within 20 bash -c "curl -fsS -H 'Authorization: Bearer $TOKEN' 127.0.0.1:$OPA/health"
is "it decides for who has the token" 200 "$(decides -H "Authorization: Bearer $TOKEN")"
is "and for nobody else" 401 "$(decides)"
ids >by-hand

echo "--- the daemon takes the same containers"
check "validate passes while they run" sd validate
code_of deploy
is "deploy ends with 0" 0 "$CODE"
check "it serves" settled 1.0.0
ids >taken
is "the containers are the same" "$(cat by-hand)" "$(cat taken)"
is "under one recorded permission" 1 "$(history_count '"type":"decision".*"verdict":"allowed"')"
code_of deploy
is "deploy once more: nothing is to be done, 0" 0 "$CODE"

echo "--- promote canary, promote stable, without declared steps"
code_of promote canary
is "promote canary ends with 0" 0 "$CODE"
check "it gets half of the traffic" candidate_is 1.0.0 50
check "answers say which mode" bash -c "for i in {1..40}; do curl -fsSi 127.0.0.1:$PORT/; done | grep -i '^x-mode: canary'"
check "the manifest's mode is canary" grep -q 'mode: canary' manifest.yaml
echo '{"mode":"error","rate":1}' >chaos.json
check "chaos through the port" within 20 bash -c "curl -fsS -d @chaos.json 127.0.0.1:$PORT/chaos"
check "policy speaks against it" within 30 says 'Error rate too high'
code_of promote stable
is "promote stable ends with 3" 3 "$CODE"
check "and says why" grep -q 'BLOCKED: Error rate too high' said.err
echo '{"mode":"recover"}' >chaos.json
check "recovered" within 20 bash -c "for i in 1 2 3 4; do curl -fsS -d @chaos.json 127.0.0.1:$PORT/chaos; done"
check "then the promotion goes on by itself" within 90 settled 1.0.0
is "no answer is a canary's" "" "$(for _ in 1 2 3 4; do mode_of; done | sort -u)"
code_of promote stable
is "promote stable with nothing to promote ends with 2" 2 "$CODE"

echo "--- another version, at once; another network"
shortest 1.1.0
code_of deploy
is "deploy ends with 0" 0 "$CODE"
check "it serves" settled 1.1.0
NET=elsewhere shortest 1.1.0
code_of deploy
is "deploy into another network ends with 0" 0 "$CODE"
check "as a configure that policy admitted" grep -q '"kind":"configure"' history.jsonl
check "it serves from there" settled 1.1.0
# shellcheck disable=SC2016 # a template of docker's
is "all of it is there" "elsewhere" "$(docker ps -q --filter label=dev.swiftdeploy.role | xargs docker inspect --format '{{range $n, $_ := .NetworkSettings.Networks}}{{$n}}{{end}}' | sort -u)"
is "the network before is gone" "" "$(docker network ls --quiet --filter name=swiftdeploy-net)"
docker network create foreign >/dev/null
NET=foreign shortest 1.1.0
code_of deploy
is "deploy into a network that was not made for it ends with 1" 1 "$CODE"
check "and says so" grep -q 'the network foreign is there, and was not made for this' said.err
check "it serves from where it was" within 60 routed_to_stable 1.1.0
docker network rm foreign >/dev/null
NET=elsewhere shortest 1.1.0
check "the manifest put back, all is well" within 60 settled 1.1.0
DRIVER=overlay NET=elsewhere shortest 1.1.0
code_of validate
is "another driver than bridge is refused" 1 "$CODE"
check "with its place and the fix" grep -q 'manifest.yaml:12:16: network.driver_type: .*write bridge' said.out
NET=elsewhere shortest 1.1.0
check "audit, and the chain verifies" bash -c "'${SD[0]}' audit 9>&- && '${SD[0]}' audit verify 9>&-"
code_of teardown --clean
is "teardown --clean ends with 0" 0 "$CODE"
is "no container is left" "" "$(docker ps -aq)"
is "no network is left" "" "$(docker network ls --quiet --filter driver=bridge)"

echo "--- what is said when the engine can't be used"
mkdir other && cp -r policies other/policies
M=$WORK/other/manifest.yaml
cd other
shortest 1.0.0
# said NAME WORDS FIX COMMAND…: it fails with exit code 1 (or WANTED), one sentence and the fix
said() {
  local name=$1 words=$2 fix=$3 code=0
  shift 3
  timeout 120 "$@" >said.out 2>said.err 9>&- || code=$?
  if [ "$code" = "${WANTED:-1}" ] && grep -q "$words" said.err said.out && grep -q "$fix" said.err said.out && ! grep -q '^\s*at ' said.err; then
    ok "$name"
  else
    bad "$name: exit code $code, $(cat said.err said.out | head -c 600)"
  fi
}
deploy=("${SD[0]}" deploy --platform compose)
said "no engine" "the Docker engine does not run" "systemctl start docker" env DOCKER_HOST=unix:///nowhere.sock "${deploy[@]}"
said "no docker command" "there is no docker command" "install Docker" env SWIFTDEPLOY_DOCKER=/nowhere/docker "${deploy[@]}"
mkdir -p none old/cli-plugins
said "no Compose" "Docker has no Compose v2" "docker-compose-plugin" env DOCKER_CONFIG="$PWD/none" "${deploy[@]}"
cat >old/cli-plugins/docker-compose <<'S'
#!/bin/sh
case $1 in
  docker-cli-plugin-metadata) echo '{"SchemaVersion":"0.1.0","Vendor":"Docker Inc.","Version":"1.29.2"}' ;;
  *) echo 1.29.2 ;;
esac
S
chmod +x old/cli-plugins/docker-compose
said "Compose v1" "Compose 1.29.2 is too old" "docker-compose-plugin" env DOCKER_CONFIG="$PWD/old" "${deploy[@]}"
# A user of this machine who is not in the socket's group, with a docker that it can reach: hack/parts
# wraps the one below root's home.
mkdir user && cp -r manifest.yaml policies user/
cp "$(sed -n 's/^exec \(.*\) "\$@"$/\1/p' "$(type -P docker)" | grep . || type -P docker)" user/docker
chmod 755 "$WORK" . && chown -R 65534:65534 user
said "no permission" "this user may not use the Docker engine" "usermod -aG docker" \
  setpriv --reuid 65534 --regid 65534 --clear-groups env -C "$PWD/user" HOME="$PWD/user" SWIFTDEPLOY_NO_BUILD=1 \
  SWIFTDEPLOY_DOCKER="$PWD/user/docker" DOCKER_CONFIG="$PWD/user" "${deploy[@]}"
IMAGE=nobody/has-it:1 shortest 1.0.0
said "the app's image is missing" "nobody/has-it:1 is not in the Docker engine" "docker pull nobody/has-it:1" "${deploy[@]}"
DEADLINE=20s # after it deploy says what could not be done
NGINX=nginx:0.0.1 shortest 1.0.0
said "nginx's image is missing" "nginx:0.0.1 is not in the Docker engine" "docker pull nginx:0.0.1" "${deploy[@]}"
check "what began is gone again" sd teardown --clean
docker network create foreign >/dev/null
NET=foreign shortest 1.0.0
WANTED=4 # OPA can't be started either, so nothing is admitted
said "the network is another one's" "the network foreign is there, and was not made for this" "network.name" "${deploy[@]}"
WANTED=
docker network rm foreign >/dev/null
check "it goes, and all goes on" sd deploy --timeout 90
check "teardown" sd teardown --clean
shortest 1.0.0
python3 -c "import socket,time; s=socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('0.0.0.0',$PORT)); s.listen(); time.sleep(200)" &
TAKEN=$!
check "a taken port" within 5 bash -c "(exec 3<>/dev/tcp/127.0.0.1/$PORT)"
said "the port is taken" "port $PORT is taken" "nginx.port" "${deploy[@]}"
kill $TAKEN; wait $TAKEN 2>/dev/null || true
check "it is free, and all goes on" sd deploy --timeout 90
check "teardown" sd teardown --clean
