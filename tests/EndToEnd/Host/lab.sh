#!/bin/bash
# A lab: a host of its own for one test run. Mounts, network and processes are private; when this script's parent closes its
# standard input, or dies, everything in it is gone. Prints "ready" when dockerd answers.
#
#   lab.sh FOLDER [SHARED...]    FOLDER: scratch on a real disk (overlay2 cannot stand on an overlay)
#
# With ENGINE_ROOT the lab stands on that root (engine-root.sh) instead of this host's: its engine, its plugins, its iptables. Of this
# host it sees FOLDER and SHARED, at the same paths; what it writes elsewhere goes to FOLDER, and the root stays as it is.
# ENGINE_BACKEND is the engine's firewall back end, iptables or nftables; without it, the engine chooses.
set -euo pipefail
folder=$1
shift

if [ -z "${IN_LAB:-}" ]; then
    # --kill-child: the lab's first process dies with this one, and its namespaces with it.
    IN_LAB=1 exec unshare --mount --net --pid --fork --kill-child=KILL --mount-proc -- "$0" "$folder" "$@"
fi

# An image without a registry: busybox, and a folder to serve.
image=$folder/image
mkdir -p "$image"/{bin,www,tmp,etc,proc,sys,dev} "$folder/data"
cp /bin/busybox "$image/bin/busybox"
for applet in sh ping ping6 nc httpd ip wget cat sleep hostname nslookup kill true ifconfig; do
    ln -sf busybox "$image/bin/$applet"
done
gcc -static -O2 -o "$image/bin/udpecho" "$(dirname "$0")/udpecho.c"
echo hello > "$image/www/index.html"

mount --make-rprivate /
if [ -n "${ENGINE_ROOT:-}" ]; then
    # pivot_root, not chroot: runc refuses to pivot from within one.
    root=$folder/root
    mkdir -p "$root" "$folder/upper" "$folder/work"
    mount -t overlay lab -o "lowerdir=$ENGINE_ROOT,upperdir=$folder/upper,workdir=$folder/work" "$root"
    for path in /proc /sys /dev "$folder" "$@"; do
        mkdir -p "$root$path"
        mount --rbind "$path" "$root$path"
    done
    mkdir -p "$root/host"
    cd "$root"
    pivot_root . host
    cd /
    umount --lazy /host
    rmdir /host
    hash -r
    echo 'nameserver 203.0.113.2' > /etc/resolv.conf # refuses at once, where this host's would not be reached
fi
for path in /run /etc/cni /etc/cnid /var/lib/cni /var/lib/cnid /opt/cni; do
    mkdir -p "$path"
    mount -t tmpfs lab "$path"
done
# A new namespace has this host's settings: the kernel copies net.ipv4.conf, forwarding with it, and on some hosts IPv6's too. Each
# namespace that an engine or a test makes in the lab would have them again, so only what is the lab's own can be set here.
settings() { # rp_filter forwarding disable_ipv6 accept_ra others
    local level
    for level in all default lo; do
        for name in accept_local arp_filter arp_ignore arp_notify log_martians promote_secondaries proxy_arp route_localnet src_valid_mark; do
            echo "$5" > /proc/sys/net/ipv4/conf/$level/$name
        done
        echo "$1" > /proc/sys/net/ipv4/conf/$level/rp_filter
        [ -d /proc/sys/net/ipv6 ] || continue
        echo "$3" > /proc/sys/net/ipv6/conf/$level/disable_ipv6
        echo "$4" > /proc/sys/net/ipv6/conf/$level/accept_ra
    done
    echo "$2" > /proc/sys/net/ipv4/ip_forward # an engine closes FORWARD only where it is the one that turns forwarding on
    [ ! -d /proc/sys/net/ipv6 ] || echo "$2" > /proc/sys/net/ipv6/conf/all/forwarding
}
[ "${TEST_HOST:-}" != router ] || settings 1 1 1 2 1
settings 0 0 0 1 0
if [ "${ENGINE_BACKEND:-}" = nftables ]; then
    # This back end switches forwarding on for nobody: without it the engine does not even make a bridge of its own.
    echo 1 > /proc/sys/net/ipv4/ip_forward
    [ ! -d /proc/sys/net/ipv6 ] || echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
fi
mkdir -p /run/netns /etc/cni/net.d /opt/cni/bin
echo $$ > "$folder/pid" # 1, seen from inside; the parent reads its own view

. "$(dirname "$0")/internet.sh"

# The runtime as it is installed, and by arguments; both use the program under test.
engine=${ENGINE_BACKEND:+"\"firewall-backend\": \"$ENGINE_BACKEND\""}
echo "{$engine}" > "$folder/daemon.json"
if [ -n "${CNID:-}" ]; then
    script=$(dirname "$0")/cnid-runtime # beside the built tests; the benches call this file where its source is
    [ -e "$script" ] || script=$(dirname "$0")/../../../plugin-config/cnid-runtime
    sed "s|^cnid=.*|cnid=$CNID|" "$script" > /run/cnid-runtime
    chmod +x /run/cnid-runtime
    cat > "$folder/daemon.json" <<EOF
{"runtimes": {"cni": {"path": "/run/cnid-runtime"}, "cni-by-arguments": {"path": "$CNID", "runtimeArgs": ["runtime"]}}${engine:+, $engine}}
EOF
fi

# A container inherits what its engine ignores: SIGHUP, where the tests run under nohup.
cat > "$folder/dockerd.sh" <<EOF
#!/bin/bash
exec env --default-signal dockerd -H unix:///var/run/docker.sock --data-root "$folder/data" --exec-root /run/docker --pidfile /run/docker.pid --config-file "$folder/daemon.json" \
    --cgroup-parent "/cnid-lab-$(basename "$folder")" "\$@" >> "$folder/dockerd.log" 2>&1
EOF
chmod +x "$folder/dockerd.sh"
"$folder/dockerd.sh" &
for _ in $(seq 200); do
    docker version > /dev/null 2>&1 && break
    kill -0 $! || { tail -5 "$folder/dockerd.log" >&2; exit 1; }
    sleep 0.1
done
tar -C "$image" -c . | docker import - lab > /dev/null
echo ready
cat > /dev/null # until standard input is closed
