#!/bin/bash
# A root file system with cnid and all that it needs to run, and nothing else: no shell, no package manager. For the image and the
# managed plugin. Its libraries, iptables, nft and plugins are this system's (Debian: iptables nftables containernetworking-plugins).
#
#   packaging/rootfs.sh FOLDER [CNID]     CNID: a published cnid [default: artifacts/publish/cnid]
set -euo pipefail
root=${1:?usage: $0 FOLDER [CNID]}
cnid=${2:-$(dirname "$0")/../artifacts/publish/cnid}
fail() { echo "rootfs.sh: $*" >&2; exit 1; }
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

[ -x "$cnid" ] || fail "$cnid is not there: dotnet publish src/DockerDriver -c Release -o artifacts/publish"
libraries=$(dirname "$(ldconfig -p | awk '$1 == "libssl.so.3" { print $NF; exit }')")
[ "$libraries" != . ] || fail "libssl.so.3 is missing (Debian: libssl3)" # .NET loads it when it hashes, and ends where there is none
[ -x /usr/sbin/nft ] || fail "nft is missing (Debian: nftables)" # for portmap's conditions
[ -x /usr/sbin/xtables-nft-multi ] || fail "iptables is missing"
plugins=
for folder in /opt/cni/bin /usr/lib/cni /usr/libexec/cni; do
    [ ! -x $folder/bridge ] || { plugins=$folder; break; }
done
[ -n "$plugins" ] || fail "the reference plugins are missing (Debian: containernetworking-plugins)"

mkdir -p "$root"/{dev,etc/cni/net.d,etc/cnid,proc,run,sys,tmp,usr/bin,usr/sbin,usr/lib/cni,opt/cni/bin,var/lib/cni,var/lib/cnid}
for merged in bin sbin lib lib64; do
    mkdir -p "$root/usr/$merged"
    ln -sfn usr/$merged "$root/$merged"
done
ln -sfn ../run "$root/var/run"
with_libraries() { # FILE...: each to its place, and what it is linked with
    for file in "$@"; do
        case $(realpath "$(dirname "$file")")/$(basename "$file") in
            /usr/* | /opt/*) to=$root$(realpath "$(dirname "$file")")/$(basename "$file") ;;
            *) to=$root/usr/bin/$(basename "$file") ;;
        esac
        [ ! -e "$to" ] || continue
        install -D "$file" "$to"
        mapfile -t needed < <(ldd "$file" 2> /dev/null | awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^\//) { print $i; next } }')
        [ ${#needed[@]} = 0 ] || with_libraries "${needed[@]}"
    done
}
install "$cnid" "$root/usr/bin/cnid"
mapfile -t needed < <(ldd "$cnid" | awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^\//) { print $i; next } }')
with_libraries "${needed[@]}" "$libraries/libssl.so.3" "$libraries/libcrypto.so.3" /usr/sbin/nft /usr/sbin/xtables-nft-multi /usr/sbin/xtables-legacy-multi "$libraries"/xtables/*.so
for family in iptables ip6tables; do
    for verb in '' -save -restore; do
        for backend in nft legacy; do
            ln -sf xtables-$backend-multi "$root/usr/sbin/$family-$backend$verb"
        done
        ln -sf xtables-nft-multi "$root/usr/sbin/$family$verb"
    done
done
for plugin in "$plugins"/*; do
    with_libraries "$plugin"
    [ "$plugins" = /usr/lib/cni ] || { mv "$root$plugin" "$root/usr/lib/cni/"; }
done
