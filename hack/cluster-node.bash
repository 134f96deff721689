# The node of hack/cluster: scheduler, kubelet, kube-proxy, containerd and a registry, and what of
# the machine they use. Sourced by it; its functions are called when there is to be a node.
# shellcheck shell=bash disable=SC2034,SC2154

NODE=swiftdeploy-node
NODE_ADDRESS=10.250.0.1
NODE_LINK=swiftdeploy-n0 # holds the address: a bridge without ports, as not every kernel has dummies
POD_LINK=swiftdeploy-p0
PODS=10.244.0.0/24
NODE_PARTS=(kube-scheduler kubelet kube-proxy containerd registry pause)
NODE_PROCESSES=(kube-scheduler kube-proxy kubelet registry registry-tls containerd)
PAUSE=registry.k8s.io/pause:3.10
SETTINGS="net.ipv4.ip_forward net.ipv4.conf.all.route_localnet net.bridge.bridge-nf-call-iptables
  vm.overcommit_memory kernel.panic kernel.panic_on_oops fs.inotify.max_user_instances"
NODE_CHAINS='^(KUBE|CNI|SWIFTDEPLOY)-'

# ---- the place: an address of the machine's own, and what has to be given back ---------
node_place() {
  local setting file
  [ "$(id -u)" = 0 ] || die "a node needs root: namespaces, mounts and rules of the kernel are its work. Without root: hack/cluster up"
  need ip jq curl
  [ ! -e /sys/class/net/$NODE_LINK ] || die "there is $NODE_LINK already: another cluster with a node runs, or one died. Its hack/cluster down ends it"
  PATH=$(dirname "$SWIFTDEPLOY_CONTAINERD"):$PATH
  export PATH
  mkdir -p "$DIR"/{containerd,run,kubelet,pod-logs,network,certificates}
  : >"$DIR/node"
  echo "$PATH" >"$DIR/node.path"
  for setting in $SETTINGS; do
    file=/proc/sys/${setting//.//}
    [ ! -e "$file" ] || echo "$setting $(cat "$file")" >>"$DIR/settings"
  done
  node_chains >"$DIR/chains"
  set_kernel net.ipv4.ip_forward 1
  set_kernel fs.inotify.max_user_instances 1024
  set_kernel net.bridge.bridge-nf-call-iptables 1
  ip link add $NODE_LINK type bridge
  ip addr add "$NODE_ADDRESS/32" dev $NODE_LINK
  ip link set $NODE_LINK up
  # A Docker engine beside it drops what is forwarded.
  iptables -w -N SWIFTDEPLOY-FORWARD
  iptables -w -A SWIFTDEPLOY-FORWARD -s "$PODS" -j ACCEPT
  iptables -w -A SWIFTDEPLOY-FORWARD -d "$PODS" -j ACCEPT
  iptables -w -I FORWARD -j SWIFTDEPLOY-FORWARD
}

set_kernel() { # name, value
  local file=/proc/sys/${1//.//}
  [ ! -e "$file" ] || [ "$(cat "$file")" = "$2" ] || echo "$2" >"$file"
}

node_chains() { # the chains that are there, as `table chain`
  local table
  for table in filter nat mangle; do
    iptables-save -t $table 2>/dev/null | sed -n "s/^:\([^ ]*\).*/$table \1/p"
  done
}

# ---- up --------------------------------------------------------------------------
node_up() { # the API server's port
  local registry user
  for user in system:node:$NODE system:kube-scheduler system:kube-proxy; do
    (umask 077 && kubeconfig "$user" "$1" >"$DIR/kubeconfig-${user//:/-}")
  done
  registry=127.0.0.1:$(free_port $(($1 + 1)))
  registry_config "$registry" >"$DIR/registry.yml"
  OTEL_TRACES_EXPORTER=none start registry "$SWIFTDEPLOY_REGISTRY" serve "$DIR/registry.yml"
  # The same images for those in pods, who reach no loopback of this machine: with TLS.
  registry_config "$NODE_ADDRESS:${registry#*:}" ", tls: {certificate: $DIR/registry.crt, key: $DIR/registry.key}" >"$DIR/registry-tls.yml"
  OTEL_TRACES_EXPORTER=none start registry-tls "$SWIFTDEPLOY_REGISTRY" serve "$DIR/registry-tls.yml"
  containerd_config "$registry"
  start containerd containerd --config "$DIR/containerd.toml"
  eventually 120 curl -fs "http://$registry/v2/" || failed registry
  eventually 120 curl -fs --cacert "$DIR/ca.crt" "https://$NODE_ADDRESS:${registry#*:}/v2/" || failed registry-tls
  echo "$registry" >"$DIR/registry.address"
  eventually 120 in_containerd version || failed containerd
  pause_image >"$DIR/pause.tar"
  in_containerd images import "$DIR/pause.tar" >"$DIR/images.log" 2>&1 || failed containerd
  start kube-scheduler "$SWIFTDEPLOY_KUBE_SCHEDULER" --kubeconfig "$DIR/kubeconfig-system-kube-scheduler" \
    --authentication-skip-lookup --secure-port 0 --leader-elect=false --profiling=false
  kubelet_config
  start kubelet "$SWIFTDEPLOY_KUBELET" --config "$DIR/kubelet.yml" --kubeconfig "$DIR/kubeconfig-system-node-$NODE" \
    --root-dir "$DIR/kubelet" --cert-dir "$DIR/certificates" --hostname-override $NODE --node-ip $NODE_ADDRESS
  proxy_config "$(free_port $(($1 + 200)))" "$(free_port $(($1 + 300)))"
  start kube-proxy "$SWIFTDEPLOY_KUBE_PROXY" --config "$DIR/kube-proxy.yml"
  eventually 180 kubectl wait --for=condition=Ready node/$NODE --timeout=1s || failed kubelet
}

in_containerd() { ctr --address "$DIR/run/containerd.sock" -n k8s.io "$@"; }

registry_config() { # address, more of its http
  cat <<Y
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $DIR/registry}}
http: {addr: "$1"${2:-}}
Y
}

containerd_config() { # registry's address
  mkdir -p "$DIR/registries/_default"
  # Every registry's name leads to ours: an image that isn't there fails at once, as a mistyped
  # name does elsewhere.
  printf 'server = "http://%s"\n[host."http://%s"]\n  capabilities = ["pull", "resolve"]\n' "$1" "$1" >"$DIR/registries/_default/hosts.toml"
  cat >"$DIR/containerd.toml" <<T
version = 2
root = "$DIR/containerd"
state = "$DIR/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]
[grpc]
  address = "$DIR/run/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE"
  enable_unprivileged_ports = true
  netns_mounts_under_state_dir = true
  tolerate_missing_hugetlb_controller = true
  # Where no OOM score may be lowered (a sandboxed machine), runc would end without a reason.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
      Root = "$DIR/run/runc"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$(cd "$(dirname "$SWIFTDEPLOY_CONTAINERD")/../cni" && pwd)"
    conf_dir = "$DIR/network"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$DIR/registries"
[plugins."io.containerd.internal.v1.opt"]
  path = "$DIR/containerd/opt"
T
  cat >"$DIR/network/10-pods.conflist" <<J
{"cniVersion": "1.0.0", "name": "swiftdeploy", "plugins": [
  {"type": "bridge", "bridge": "$POD_LINK", "isGateway": true, "hairpinMode": true, "ipMasq": false,
   "ipam": {"type": "host-local", "dataDir": "$DIR/network/addresses",
            "ranges": [[{"subnet": "$PODS"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
J
}

kubelet_config() {
  : >"$DIR/resolv.conf" # pods don't inherit this machine's name servers
  cat >"$DIR/kubelet.yml" <<Y
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $NODE_ADDRESS
port: $(free_port 10250)
healthzPort: 0
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $DIR/ca.crt}}
authorization: {mode: Webhook} # whoever asks it needs the right, as elsewhere
tlsCertFile: $DIR/kubelet.crt
tlsPrivateKeyFile: $DIR/kubelet.key
containerRuntimeEndpoint: unix://$DIR/run/containerd.sock
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
clusterDomain: cluster.local
resolvConf: $DIR/resolv.conf
podLogsDir: $DIR/pod-logs
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, nodefs.inodesFree: 1%, imagefs.available: 1%}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
serializeImagePulls: false
oomScoreAdj: 0
maxPods: 200
syncFrequency: 5s # a changed ConfigMap is in its volumes within some 10 s, not within two minutes
Y
}

proxy_config() { # port of its health, port of its metrics
  cat >"$DIR/kube-proxy.yml" <<Y
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $DIR/kubeconfig-system-kube-proxy}
mode: iptables
nodePortAddresses: [127.0.0.0/8, $NODE_ADDRESS/32]
clusterCIDR: $PODS
hostnameOverride: $NODE
healthzBindAddress: 127.0.0.1:$1
metricsBindAddress: 127.0.0.1:$2
oomScoreAdj: 0
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
iptables: {localhostNodePorts: true, minSyncPeriod: 0s}
Y
}

# An image of one file, as `docker save` writes it.
pause_image() {
  local root=$DIR/pause digest config
  mkdir -p "$root"
  cp "$SWIFTDEPLOY_PAUSE" "$root/pause"
  tar -C "$root" --sort=name --mtime=@0 --numeric-owner -cf "$DIR/pause.layer" ./pause
  digest=$(sha256 "$DIR/pause.layer")
  config=$(jq -cn --arg d "sha256:$digest" '{architecture: "amd64", os: "linux", config: {Entrypoint: ["/pause"], User: "65535:65535"}, rootfs: {type: "layers", diff_ids: [$d]}}')
  mkdir -p "$root/image"
  mv "$DIR/pause.layer" "$root/image/layer.tar"
  printf %s "$config" >"$root/image/config.json"
  jq -cn --arg t "$PAUSE" '[{Config: "config.json", RepoTags: [$t], Layers: ["layer.tar"]}]' >"$root/image/manifest.json"
  tar -C "$root/image" -cf - manifest.json config.json layer.tar
}

# ---- images -----------------------------------------------------------------------
load() { # file…
  local file tag reference address
  [ $# -gt 0 ] || usage_error "which image? A file that docker save wrote"
  alive containerd || die "there is no node: hack/cluster up --node"
  PATH=$(cat "$DIR/node.path")
  address=$(cat "$DIR/registry.address")
  for file; do
    twice in_containerd images import "$file" || die "$file can't be loaded: $(tail -n 1 "$DIR/images.log")"
    for tag in $(tar -xOf "$file" manifest.json | jq -r '.[].RepoTags[]?'); do
      reference=$(full_name "$tag")
      # One name for the node, and one by which this machine's registry is asked.
      twice in_containerd images push --plain-http "$address/${reference#*/}" "$reference" ||
        die "$tag can't be pushed to $address: $(tail -n 1 "$DIR/images.log")"
      say "loaded: $tag, as $address/${reference#*/}"
    done
  done
}

# What is there already does no harm, so what fails is tried once more.
twice() { # command…
  "$@" >"$DIR/images.log" 2>&1 || {
    say "tried again: $*: $(tail -n 1 "$DIR/images.log")"
    "$@" >"$DIR/images.log" 2>&1
  }
}

full_name() { # an image's name as containerd keeps it
  case $1 in
    *.*/* | *:*/* | localhost/*) echo "$1" ;;
    */*) echo "docker.io/$1" ;;
    *) echo "docker.io/library/$1" ;;
  esac
}

# ---- down ---------------------------------------------------------------------------
node_down() {
  local part mount link group try
  PATH=$(cat "$DIR/node.path" 2>/dev/null || echo "$PATH")
  for part in kubelet kube-proxy kube-scheduler; do stop "$part"; done
  end_containers
  for part in registry registry-tls containerd; do stop "$part"; done
  for try in 1 2 3; do
    awk -v d="$DIR/" 'index($5, d) == 1 {print $5}' /proc/self/mountinfo | sort -r | while read -r mount; do
      umount "$mount" 2>/dev/null || umount -l "$mount" 2>/dev/null || true
    done
  done
  for link in $(ip -o link show master $POD_LINK 2>/dev/null | sed 's/^[0-9]*: \([^@:]*\).*/\1/') $POD_LINK $NODE_LINK; do
    ip link del "$link" 2>/dev/null || true
  done
  for part in iptables ip6tables; do end_chains $part; done
  for group in /sys/fs/cgroup/kubepods /sys/fs/cgroup/*/kubepods; do
    [ ! -d "$group" ] || eventually 5 end_group "$group" || say "this group of processes could not be removed: $group"
  done
  while read -r part mount; do set_kernel "$part" "$mount"; done <"$DIR/settings"
  # These paths are fixed in the kubelet and in the network plugins.
  find /var/log/containers -maxdepth 1 -type l -lname "$DIR/*" -delete 2>/dev/null || true
  rm -f /var/lib/cni/results/swiftdeploy-* /var/lib/kubelet/device-plugins/{kubelet_internal_checkpoint,kubelet.sock,DEPRECATION} 2>/dev/null || true
  rmdir /var/log/containers /var/lib/kubelet/device-plugins /var/lib/kubelet 2>/dev/null || true
  rm -f "$DIR/node"
}

end_group() { find "$1" -depth -type d -exec rmdir {} +; }

# Through their own containerd, so that their shims end in order.
end_containers() {
  local id try
  [ -s "$DIR/containerd.toml" ] || return 0
  alive containerd || start containerd containerd --config "$DIR/containerd.toml"
  eventually 20 in_containerd version || return 0
  for try in 1 2 3; do
    for id in $(in_containerd tasks list -q 2>/dev/null || true); do in_containerd tasks kill -s KILL "$id" >/dev/null 2>&1 || true; done
    for id in $(in_containerd tasks list -q 2>/dev/null || true); do in_containerd tasks delete -f "$id" >/dev/null 2>&1 || true; done
    for id in $(in_containerd containers list -q 2>/dev/null || true); do
      in_containerd containers delete "$id" >/dev/null 2>&1 || true
      rm -f /var/lib/cni/results/*-"$id"-*
    done
    [ -n "$(in_containerd containers list -q 2>/dev/null || true)" ] || return 0
    sleep 0.3
  done
}

# The chains that came with the node, in one go for each table: another's stay as they are.
end_chains() { # iptables or ip6tables
  local table rules chains pattern
  for table in filter nat mangle; do
    rules=$("$1-save" -t $table 2>/dev/null || true)
    chains=$(sed -n 's/^:\([^ ]*\).*/\1/p' <<<"$rules" | grep -E "$NODE_CHAINS" | grep -vxFf <(sed -n "s/^$table //p" "$DIR/chains"; echo '#') || true)
    [ -n "$chains" ] || continue
    pattern=$(tr '\n' '|' <<<"$chains" | sed 's/|$//')
    {
      echo "*$table"
      awk '{print ":" $0 " - [0:0]"}' <<<"$chains" # emptied
      grep -E -- "^-A .* -j ($pattern)( |$)" <<<"$rules" | grep -vE -- "^-A ($pattern) " | sed 's/^-A/-D/' || true
      awk '{print "-X " $0}' <<<"$chains"
      echo COMMIT
    } | "$1-restore" --noflush -w 5 || say "these rules could not be removed: $1 $table: $(xargs <<<"$chains")"
  done
}
