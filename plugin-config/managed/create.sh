#!/bin/bash
# Makes the managed plugin from this host's libraries, iptables and reference plugins (packaging/rootfs.sh), and gives it to the engine.
#
#   plugin-config/managed/create.sh [NAME [CNID]]     [default: cnid artifacts/publish/cnid]
#
# NAME is the driver's name too, with its tag: docker network create -d cnid:latest …
set -euo pipefail
name=${1:-cnid}
tree=$(realpath "$(dirname "$0")/../..")
cnid=${2:-$tree/artifacts/publish/cnid}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 0755 "$folder"

"$tree/packaging/rootfs.sh" "$folder/rootfs" "$cnid"
mkdir -p "$folder/rootfs/pinned"
sed "s|@VERSION@|$("$(realpath "$cnid")" --version)|" "$(dirname "$0")/config.json" > "$folder/config.json"
docker plugin create "$name" "$folder"
