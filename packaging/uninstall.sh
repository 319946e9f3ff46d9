#!/bin/bash
# Takes away what install.sh put here. Containers that run keep their networks until they stop. Right to repeat.
#
#   sudo packaging/uninstall.sh            keeps /var/lib/cnid, /etc/cnid and your lists in /etc/cni/net.d
#   sudo packaging/uninstall.sh --purge    removes the first two as well
set -euo pipefail
prefix=${PREFIX:-/usr/local}
units=${UNITDIR:-/etc/systemd/system}
[ "$(id -u)" = 0 ] || { echo "uninstall.sh: this needs root: sudo $0 $*" >&2; exit 1; }
case ${1:-} in '' | --purge) ;; *) echo "usage: $0 [--purge]" >&2; exit 2 ;; esac

if compgen -G '/var/lib/cnid/networks/*.json' > /dev/null; then
    echo "networks of driver cni are left: their containers start again only with cnid. docker network ls -f driver=cni" >&2
fi
if [ -d /run/systemd/system ]; then
    for unit in cnid.socket cnid.service cnid-dhcp.socket cnid-dhcp.service; do
        [ ! -e "$units/$unit" ] || systemctl disable -q --now "$unit"
    done
fi
rm -f "$units"/cnid{,-dhcp}.{service,socket} "$prefix/bin/cnid" "$prefix/bin/cnid-runtime" /run/docker/plugins/cni.sock
rm -rf "$prefix/share/doc/cnid"
[ ! -d /run/systemd/system ] || systemctl daemon-reload
if [ "${1:-}" = --purge ]; then
    umount -q /run/cnid/netns/* || true
    rm -rf /var/lib/cnid /etc/cnid /run/cnid
fi
