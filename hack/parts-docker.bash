# The Docker engine, Compose and the images that the compose platform's tests use. Sourced by
# hack/parts, whose find_PART and make_PART conventions these follow.
# shellcheck shell=bash disable=SC2154

# ---- docker --------------------------------------------------------------------
# The folder that holds it holds all that an engine starts by name: dockerd, containerd, runc,
# docker-proxy, docker-init and iptables.
INSTALL_DOCKER="It comes as Debian's or Ubuntu's packages docker.io, containerd, runc and iptables, which this
  machine's apt-get fetches and hack/parts unpacks; elsewhere put such a folder's docker into SWIFTDEPLOY_DOCKER"

about_docker() { echo "a Docker engine with its command line, of this machine's distribution"; }

find_docker() {
  local c
  if [ -n "${SWIFTDEPLOY_DOCKER:-}" ]; then
    is_docker "$SWIFTDEPLOY_DOCKER" || die "SWIFTDEPLOY_DOCKER=$SWIFTDEPLOY_DOCKER has no docker, dockerd, containerd and runc. $INSTALL_DOCKER"
    echo "$SWIFTDEPLOY_DOCKER"
    return
  fi
  for c in "$CACHE"/docker-*/bin/docker; do
    if is_docker "$c"; then echo "$c"; return; fi
  done
  return 1
}
is_docker() { says "$1" "Docker version" --version && [ -x "${1%/*}/dockerd" ] && [ -x "${1%/*}/containerd" ] && [ -x "${1%/*}/runc" ]; }

make_docker() {
  local version home root
  unpack_packages docker "$INSTALL_DOCKER" docker.io containerd runc iptables || return
  root=$SCRATCH/root
  version=$(unpacked "$root" usr/bin/docker --version | sed -n 's/^Docker version \([0-9.]*\).*/\1/p')
  [ -n "$version" ] || die "the docker that came does not run. $INSTALL_DOCKER"
  home=$CACHE/docker-$version
  wrap_tools "$root" "$home" "$INSTALL_DOCKER" docker dockerd docker-proxy docker-init containerd containerd-shim \
    containerd-shim-runc-v2 runc || return
  # Copied into every container's file system, where no library of ours is: the program itself.
  cp --remove-destination "$root/$(cd "$root" && find usr -name docker-init | head -n 1)" "$root/bin/docker-init" || return
  rm -rf "$home" && mv "$root" "$home" || return
  is_docker "$home/bin/docker" || die "the docker that came does not run. $INSTALL_DOCKER"
  say "docker $version: there"
}

# ---- compose: a plugin of docker -------------------------------------------------
about_compose() { echo "Docker Compose $COMPOSE_VERSION: the plugin of docker that the compose platform drives"; }

find_compose() { find_go compose "$COMPOSE_VERSION" "v$COMPOSE_VERSION" docker-cli-plugin-metadata; }

make_compose() {
  local module=github.com/docker/compose/v2
  go_ready compose "$COMPOSE_VERSION" || return
  go_get compose "$module/cmd@v$COMPOSE_VERSION" || return
  go_compile compose "$COMPOSE_VERSION" "$module/cmd" "-s -w -X $module/internal.Version=v$COMPOSE_VERSION" "three to seven minutes, once"
}

# ---- images ----------------------------------------------------------------------
# Root file systems, each made into an image under the name that users pull by hack/engine: no
# registry of images is asked. One small base (busybox, the C library) with nginx, opa or a Java
# runtime on it.
about_images() { echo "file systems of the images nginx, opa and Java, which no registry is asked for"; }

find_images() {
  local c=${SWIFTDEPLOY_IMAGES:-$CACHE/images-$IMAGES_VERSION-$OPA_VERSION}
  is_images "$c" || { [ -z "${SWIFTDEPLOY_IMAGES:-}" ] || die "SWIFTDEPLOY_IMAGES=$c holds no images: correct it, or unset it"; return 1; }
  echo "$c"
}
is_images() { [ -s "$1/nginx.tar" ] && [ -s "$1/opa.tar" ] && [ -s "$1/java.tar" ]; }

make_images() {
  local opa root java home=$CACHE/images-$IMAGES_VERSION-$OPA_VERSION
  need jlink tar
  opa=$(bring opa) || return
  scratch || return
  say "images: fetching what they are made of (a few seconds)"
  fetch_all busybox-static libc6 libcrypt1 libgcc-s1 libstdc++6 zlib1g libpcre2-8-0 libssl3 nginx nginx-common ||
    die "the packages of the images can't be fetched: $(tail -n 1 "$SCRATCH/log")"
  root=$SCRATCH/root
  base_system "$root" || return
  mkdir "$SCRATCH/made" || return

  cp -a "$root" "$SCRATCH/opa" && cp "$opa" "$SCRATCH/opa/opa" && packed opa || return

  java=$SCRATCH/java
  cp -a "$root" "$java" && unpack_into "$java" zlib1g libstdc++6 libgcc-s1 libc6 || return
  jlink --add-modules java.se,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.naming.dns,jdk.net,jdk.unsupported,jdk.zipfs \
    --strip-java-debug-attributes --no-header-files --no-man-pages --compress=1 --output "$java/opt/java/openjdk" || return
  packed java || return

  cp -a "$root" "$SCRATCH/nginx" && unpack_into "$SCRATCH/nginx" libc6 libcrypt1 zlib1g libpcre2-8-0 libssl3 nginx nginx-common || return
  rm -rf "$SCRATCH"/nginx/etc/nginx/{sites-enabled,sites-available,modules-enabled,conf.d}
  packed nginx || return

  rm -rf "$home" && mv "$SCRATCH/made" "$home" || return
  say "images: there ($(du -sh "$home" | cut -f1))"
}

fetch_all() { # package…: as they are in the distribution, installed here or not
  mkdir -p "$SCRATCH/debs" || return
  (cd "$SCRATCH/debs" && apt_aside download "$@") >"$SCRATCH/log" 2>&1 && return
  mkdir -p "$SCRATCH/lists/partial"
  (cd "$SCRATCH/debs" && apt_aside update && apt_aside download "$@") >"$SCRATCH/log" 2>&1
}
unpack_into() { # root, package…
  local root=$1 package
  shift
  for package; do
    dpkg-deb --fsys-tarfile "$SCRATCH/debs/${package}"_*.deb |
      tar -C "$root" --keep-directory-symlink --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale -xf - || return
  done
}
base_system() { # root
  local root=$1 folder applet
  for folder in bin sbin lib lib64; do mkdir -p "$root/usr/$folder" && ln -s "usr/$folder" "$root/$folder" || return; done
  mkdir -p "$root"/{dev,etc,proc,run,sys,root,var/log,var/cache} && mkdir -m 1777 "$root/tmp" "$root/var/tmp" && chmod 755 "$root" || return
  unpack_into "$root" busybox-static || return
  for applet in $("$root/bin/busybox" --list); do [ -e "$root/bin/$applet" ] || ln -s busybox "$root/bin/$applet" || return; done
  printf 'root:x:0:0:root:/root:/bin/sh\nnginx:x:101:101:nginx:/nonexistent:/bin/false\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' >"$root/etc/passwd"
  printf 'root:x:0:\nnginx:x:101:\nnogroup:x:65534:\n' >"$root/etc/group"
}
packed() { tar -C "$SCRATCH/$1" --sort=name --mtime=@0 --numeric-owner --owner=0 --group=0 -cf "$SCRATCH/made/$1.tar" .; }
