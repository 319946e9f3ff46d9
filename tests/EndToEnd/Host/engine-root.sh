#!/bin/bash
# The root of a machine with another Docker Engine, made once with debootstrap and kept in a cache.
#
#   engine-root.sh ENGINE PACKAGE...    ENGINE: 20, 26 or 28; prints where the root is, or nothing where this host has that engine itself
#
# ENGINE_CACHE is where roots are kept (/var/cache/cnid-engines; a GB each). One that nobody used for a month goes.
set -euo pipefail
engine=$1
shift
case $engine in
    20) suite=bookworm script=bookworm client= ;;
    26) suite=trixie script=sid client=docker-cli ;; # the package of the engine no longer holds its client
    28) suite=forky script=sid client=docker-cli ;;
    *) echo "there is no root for engine $engine: 20, 26 and 28 can be had" >&2; exit 2 ;;
esac

if dockerd --version 2> /dev/null | grep -q "version $engine\."; then
    exit 0
fi
[ "$(id -u)" = 0 ] || { echo "the root of engine $engine can only be made by root" >&2; exit 1; }

cache=${ENGINE_CACHE:-/var/cache/cnid-engines}
kind=$(cat "$0" - <<< "$*" | sha256sum | cut -c1-8)
root=$cache/$engine-$kind
mkdir -p "$cache"
exec 9> "$cache/$engine.lock"
flock 9 # two test runs may want the same root at once
if [ ! -d "$root" ]; then
    # Where this host gets its packages from; security and updates have other labels and suites.
    mirror() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -1; }
    [ -n "$(mirror)" ] || apt-get update -qq >&2
    from=$(mirror)
    [ -n "$from" ] || { echo "apt knows no Debian mirror to make a root of $suite from" >&2; exit 1; }

    new=$root.new.$$
    trap 'rm -rf "$new"; [ -z "${made:-}" ] && { tail -20 "$cache/$engine.log" >&2; echo "the root of engine $engine could not be made; see $cache/$engine.log" >&2; }' EXIT
    echo "making the root of engine $engine ($suite) in $cache, a minute or two" >&2
    {
        rm -rf "$cache/$engine-"*.new.*
        # The script is named: a debootstrap does not know the suites that came after it.
        debootstrap --variant=minbase "$suite" "$new" "$from" "/usr/share/debootstrap/scripts/$script"
        cp /etc/resolv.conf "$new/etc/resolv.conf"
        echo '127.0.0.1 localhost' > "$new/etc/hosts"
        # A mirror that lags is no fault here: nothing but tests runs on it.
        printf '%s\n' 'Acquire::Check-Valid-Until "false";' 'Acquire::Languages "none";' > "$new/etc/apt/apt.conf.d/lab"
        echo force-unsafe-io > "$new/etc/dpkg/dpkg.cfg.d/lab"
        printf '#!/bin/sh\nexit 101\n' > "$new/usr/sbin/policy-rc.d"
        chmod +x "$new/usr/sbin/policy-rc.d"
        chroot "$new" apt-get update -qq
        DEBIAN_FRONTEND=noninteractive chroot "$new" apt-get install -y -qq --no-install-recommends $client "$@"
        chroot "$new" apt-get clean
        rm -rf "$new/var/lib/apt/lists" "$new/usr/share/doc" "$new/usr/share/man"
    } > "$cache/$engine.log" 2>&1 9>&-
    mv "$new" "$root"
    made=1
fi
touch "$root"
find "$cache" -mindepth 1 -maxdepth 1 -type d -mtime +30 -exec rm -rf {} +
version=$(chroot "$root" dockerd --version)
[[ $version == *" $engine."* ]] || echo "note: $suite has moved on; the root for engine $engine holds $version" >&2
echo "$root"
