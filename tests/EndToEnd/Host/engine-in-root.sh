#!/bin/bash
# Runs the engine of another root (engine-root.sh) in a lab: network, processes, /run and state stay, as where packages are upgraded.
#
#   engine-in-root.sh ROOT FOLDER SHARED... -- COMMAND...    FOLDER: scratch on a real disk; the engine sees it and SHARED
#
# /run is a shared mount: the namespaces that the engine mounts there are seen by cnid.
set -euo pipefail
root=$1 folder=$2
shift
if [ -z "${IN_ROOT:-}" ]; then
    IN_ROOT=1 exec unshare --mount --propagation unchanged -- "$0" "$root" "$@"
fi
new=$folder/engine-$(basename "$root")
mkdir -p "$new" "$new.upper" "$new.work"
mount -t overlay lab -o "lowerdir=$root,upperdir=$new.upper,workdir=$new.work" "$new"
shared=(/proc /sys /dev /run)
while [ "$1" != -- ]; do
    shared+=("$1")
    shift
done
shift
for path in "${shared[@]}"; do
    mkdir -p "$new$path"
    mount --rbind "$path" "$new$path"
done
mkdir -p "$new/host"
cd "$new"
pivot_root . host
cd /
mount --make-rprivate /host # its /run is the lab's: unmounting it would take along what is mounted there
umount --lazy /host
exec "$@"
