#!/usr/bin/env bash
# make-bases.sh: the two base images of the Dockerfile from Debian's packages and the pinned Node, for machines that reach no
# image registry. They stand in for node:…-bookworm-slim and distroless/cc (the same packages), as localhost/eco2-node and
# localhost/eco2-runtime. Needs buildah, apt-get and npm's packages installed.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
apt() { (cd "$work/debs" && apt-get download -qq "$@" >/dev/null); }

# rootfs NAME PACKAGE…: unpacks packages into a folder laid out like a merged-usr Debian
rootfs() {
  local root=$work/$1
  shift
  mkdir -p "$root"/{usr/bin,usr/sbin,usr/lib,usr/lib64,tmp,root,etc,dev,proc,sys,run} "$work/debs"
  chmod 1777 "$root/tmp"
  for dir in bin sbin lib lib64; do ln -sfn "usr/$dir" "$root/$dir"; done
  rm -f "$work"/debs/*
  apt "$@"
  for deb in "$work"/debs/*.deb; do dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$root"; done
  rm -rf "$root"/usr/share/{doc,man,locale,info,lintian}
  # What the packages' own scripts would have done.
  mkdir -p "$root/etc/ssl/certs"
  cat "$root"/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt" 2>/dev/null || true
  printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin\n' >"$root/etc/passwd"
  printf 'root:x:0:\nnonroot:x:65532:\n' >"$root/etc/group"
}

# image NAME ROOT: a folder as an image
image() {
  local container
  container=$(buildah from scratch)
  buildah copy -q "$container" "$2" / >/dev/null
  buildah commit -q "$container" "localhost/$1" >/dev/null
  buildah rm "$container" >/dev/null
}

runtime=(base-files libc6 libgcc-s1 libstdc++6 libgomp1 libssl3 ca-certificates tzdata netbase)
rootfs runtime "${runtime[@]}"
image eco2-runtime "$work/runtime"

rootfs node "${runtime[@]}" gcc-12-base dash coreutils findutils libacl1 libattr1 libselinux1 libpcre2-8-0 libgmp10 libcrypt1
ln -sf dash "$work/node/usr/bin/sh"
install -D "$here/node_modules/node/bin/node" "$work/node/usr/local/bin/node"
npm_home=$(dirname "$(readlink -f "$(command -v npm)")")/..
mkdir -p "$work/node/usr/local/lib/node_modules"
cp -rL "$npm_home" "$work/node/usr/local/lib/node_modules/npm"
printf '#!/bin/sh\nexec node /usr/local/lib/node_modules/npm/bin/npm-cli.js "$@"\n' >"$work/node/usr/local/bin/npm"
chmod 755 "$work/node/usr/local/bin/npm"
image eco2-node "$work/node"
