#!/bin/bash
# The Debian package, by one command: packaging/deb.sh [CNID] [VERSION]; prints the file it made in artifacts/.
#   CNID: a published cnid [default: artifacts/publish/cnid]     VERSION: [default: CNID's]
set -euo pipefail
cd "$(dirname "$0")/.."
cnid=${1:-artifacts/publish/cnid}
version=${2:-$("$(realpath "$cnid")" --version)}
version=$(tr - '~' <<< "$version") # a pre-release: for dpkg 0.2.0~alpha.0.7 is older than 0.2.0, and 0.2.0-alpha.0.7 newer
case $(readelf -h "$cnid" | sed -n 's/.*Machine: *//p') in
    *X86-64) architecture=amd64 ;;
    *AArch64) architecture=arm64 ;;
    *) echo "deb.sh: $cnid is for neither amd64 nor arm64" >&2; exit 1 ;;
esac
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 0755 "$root"

DESTDIR=$root PREFIX=/usr UNITDIR=/lib/systemd/system packaging/install.sh "$cnid"
install -D -m 0644 LICENSE "$root/usr/share/doc/cnid/copyright"
install -d "$root/DEBIAN"
install -m 0755 packaging/deb/{postinst,prerm,postrm} "$root/DEBIAN/"
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$(du -sk --exclude=DEBIAN "$root" | cut -f1)/" \
    packaging/deb/control > "$root/DEBIAN/control"
package=artifacts/cnid_${version}_$architecture.deb
mkdir -p artifacts
dpkg-deb --root-owner-group -Zxz --build "$root" "$package" > /dev/null
echo "$package"
