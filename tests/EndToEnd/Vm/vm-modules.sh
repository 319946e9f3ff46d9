#!/bin/bash
# The modules of nftables that Debian's user-mode-linux leaves out (inet tables, NAT, fib), built from the source of that very kernel.
#
#   vm-modules.sh FOLDER      FOLDER: where they go; made only if all of them could be built
set -euo pipefail
result=$1
kernel=$(linux.uml --version)
series=${kernel%.*}
source=$(mktemp -d "$result.new.XXXXXX")
trap 'rm -rf "$source"' EXIT
cd "$source"

# A module of another version would not load.
version=$(apt-cache madison "linux-source-$series" | awk -v "kernel=$kernel" 'index($3, kernel "-") == 1 { print $3; exit }')
[ -n "$version" ] || { echo "apt has no linux-source-$series of the version $kernel" >&2; exit 1; }
apt-get download -q "linux-source-$series=$version"
dpkg-deb --fsys-tarfile linux-source-*.deb | tar -xO "./usr/src/linux-source-$series.tar.xz" | tar -xJ --strip-components=1 \
    --exclude='*.rst' --exclude='*.dts*' --exclude='linux-source-*/drivers/*.[ch]' --exclude='linux-source-*/sound/*.[ch]'

linux.uml --showconfig > .config
scripts/config --disable DEBUG_INFO --enable DEBUG_INFO_NONE --disable LOCALVERSION_AUTO \
    --enable NF_TABLES_INET --enable NF_TABLES_NETDEV --enable NF_TABLES_IPV4 --enable NF_TABLES_IPV6 --enable NF_TABLES_ARP \
    --module NFT_NAT --module NFT_FIB_INET --module NFT_FIB_IPV4 --module NFT_FIB_IPV6 --module NFT_FIB_NETDEV \
    --module NFT_DUP_IPV4 --module NFT_DUP_IPV6 --module NFT_SYNPROXY --module NFT_BRIDGE_META --module NFT_BRIDGE_REJECT
make -s ARCH=um olddefconfig modules_prepare
objects() { # FOLDER: its modules in this configuration
    printf 'include .config\ninclude %s/Makefile\nlist: ; @printf "%s/%%s\\n" $(obj-m)\n' "$1" "$1" | make -s -f - list
}
# All of nftables, and what has something for it within: of one configuration.
mapfile -t modules < <(
    for folder in net/netfilter net/ipv4/netfilter net/ipv6/netfilter net/bridge/netfilter; do
        objects $folder
    done | grep -E '/(nf_tables|nf_nat|nft_[a-z0-9_]+)\.o$' | sed 's/\.o$/.ko/' | sort -u)
make -s -j"$(nproc)" ARCH=um "${modules[@]}"
mkdir modules
cp "${modules[@]}" modules/
mv modules "$result"
