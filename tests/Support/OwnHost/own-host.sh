#!/bin/bash
# A host of its own for a run of unit tests: network and mounts are private, and the folders in which a host keeps what runs on it are
# empty. A test meets no port, rule, address or file of this host, and no D-Bus behind which a firewalld listens.
#
#   own-host.sh PROGRAM [ARGUMENT...]
set -euo pipefail
if [ -z "${IN_OWN_HOST:-}" ]; then
    IN_OWN_HOST=1 exec unshare --mount --net -- "$0" "$@"
fi
mount --make-rprivate /
for path in /run /etc/cni /etc/cnid /var/lib/cni /var/lib/cnid; do
    mkdir -p "$path"
    mount -t tmpfs tests "$path"
done
ip link set lo up
if [ -n "${TMPDIR:-}" ]; then # a socket's path has 108 bytes
    mkdir /run/tmp
    mount --bind "$TMPDIR" /run/tmp
    export TMPDIR=/run/tmp
fi
exec "$@"
