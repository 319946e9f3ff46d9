#!/bin/bash
# Puts cnid on this host: the program, its units, the examples; then starts it. Right to repeat: it is also the upgrade.
#
#   sudo packaging/install.sh [CNID]     CNID: a published cnid [default: artifacts/publish/cnid]
#
#   DESTDIR=FOLDER     put the files below FOLDER, and start nothing (packages)
#   PREFIX=/usr        where the program goes [default: /usr/local]
#   UNITDIR=…          where the units go [default: /etc/systemd/system]
#
# packaging/uninstall.sh takes all of it away again.
set -euo pipefail
cd "$(dirname "$0")/.."
cnid=${1:-artifacts/publish/cnid}
root=${DESTDIR:-}
prefix=${PREFIX:-/usr/local}
units=${UNITDIR:-/etc/systemd/system}
fail() { echo "install.sh: $*" >&2; exit 1; }

[ -n "$root" ] || [ "$(id -u)" = 0 ] || fail "this needs root: sudo $0 $*"
[ -x "$cnid" ] || fail "$cnid is not there: dotnet publish src/DockerDriver -c Release -o artifacts/publish"

# Beside it and renamed: a program that runs cannot be written to.
install -D -m 0755 "$cnid" "$root$prefix/bin/.cnid.new"
mv -f "$root$prefix/bin/.cnid.new" "$root$prefix/bin/cnid"
install -D -m 0755 plugin-config/cnid-runtime "$root$prefix/bin/cnid-runtime"
sed -i "s|^cnid=/usr/bin/|cnid=$prefix/bin/|" "$root$prefix/bin/cnid-runtime"
for unit in plugin-config/systemd/*.{service,socket}; do
    install -D -m 0644 "$unit" "$root$units/$(basename "$unit")"
    sed -i "s|^ExecStart=/usr/bin/|ExecStart=$prefix/bin/|" "$root$units/$(basename "$unit")"
done
for folder in /opt/cni/bin /usr/lib/cni /usr/libexec/cni; do
    [ -n "$root" ] || [ ! -x $folder/dhcp ] || { sed -i "s|^ExecStart=.*/dhcp |ExecStart=$folder/dhcp |" "$units/cnid-dhcp.service"; break; }
done
install -d -m 0755 "$root/etc/cnid" "$root/etc/cni/net.d" "$root$prefix/share/doc/cnid"
rm -rf "$root$prefix/share/doc/cnid/examples.new"
cp -r plugin-config "$root$prefix/share/doc/cnid/examples.new"
rm -rf "$root$prefix/share/doc/cnid/examples"
mv "$root$prefix/share/doc/cnid/examples.new" "$root$prefix/share/doc/cnid/examples"

[ -z "$root" ] || exit 0
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl enable -q cnid.socket cnid.service cnid-dhcp.socket
    systemctl start cnid.socket cnid-dhcp.socket
    systemctl restart cnid.service
    systemctl --no-pager -n 0 status cnid.service
else
    echo "systemd does not run here; start it yourself: $prefix/bin/cnid serve"
fi
