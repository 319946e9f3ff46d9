#!/bin/bash
# A machine: a clean Debian with systemd as its first process and Docker in it, in namespaces of its own. When standard input is
# closed it is gone. Prints "ready PID" when systemd answers; PID is systemd's, seen from here.
#
#   machine.sh FOLDER BASE     FOLDER: scratch on a real disk     BASE: the Debian to start from, made if it is not there
set -euo pipefail
folder=$1
base=$2

if [ -z "${IN_MACHINE:-}" ]; then
    exec 9> "$base.lock"
    flock 9
    if [ ! -d "$base" ]; then
        # network: a clean root needs Debian's archive once
        debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,docker.io,iptables,nftables,containernetworking-plugins,iproute2,procps,busybox-static \
            bookworm "$base.new" > "$folder/debootstrap.log" 2>&1 || { tail -5 "$folder/debootstrap.log" >&2; exit 1; }
        rm -rf "$base.new"/var/cache/apt/archives/*.deb
        : > "$base.new/etc/machine-id"
        ln -sf /dev/null "$base.new/etc/systemd/system/systemd-networkd.service"
        ln -sf /dev/null "$base.new/etc/systemd/system/systemd-networkd-wait-online.service"
        ln -sf /dev/null "$base.new/etc/systemd/system/systemd-firstboot.service"
        mv "$base.new" "$base"
    fi
    exec 9>&-
    group=cnid-machine-$(basename "$folder")
    # cgroup 2, wherever it is mounted: with a hierarchy of its own systemd needs nothing of the host's.
    unified=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
    mkdir -p "$unified/$group"
    (
        echo $BASHPID > "$unified/$group/cgroup.procs"
        IN_MACHINE=1 exec unshare --mount --net --pid --uts --ipc --cgroup --fork --kill-child=KILL -- "$0" "$folder" "$base" < /dev/null > "$folder/console.log" 2>&1
    ) &
    keeper=$!
    init=
    for _ in $(seq 600); do
        kill -0 $keeper 2> /dev/null || { tail -5 "$folder/console.log" >&2; exit 1; }
        init=$(cat "/proc/$keeper/task/$keeper/children" 2> /dev/null | tr -d ' ')
        case $([ -z "$init" ] || nsenter -t "$init" -a systemctl is-system-running 2> /dev/null) in running | degraded) break ;; esac
        sleep 0.1
    done
    echo "ready $init"
    cat > /dev/null # until standard input is closed
    kill -KILL $keeper
    wait $keeper 2> /dev/null || true
    for _ in $(seq 100); do
        find "$unified/$group" -depth -type d -exec rmdir {} + 2> /dev/null || true
        [ -d "$unified/$group" ] || break
        sleep 0.1
    done
    exit 0
fi

mount --make-rprivate /
mkdir -p "$folder"/{upper,work,root,docker}
mount -t overlay overlay -o "lowerdir=$base,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
cd "$folder/root"
mkdir -p var/lib/docker shared
mount --bind "$folder/docker" var/lib/docker # overlay2 cannot stand on an overlay
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=755 dev dev
for device in null zero full random urandom tty; do
    touch dev/$device
    mount --bind /dev/$device dev/$device
done
mkdir dev/pts dev/shm .old
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t tmpfs shm dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ip link set lo up
[ ! -d "$folder/shared" ] || mount --bind "$folder/shared" shared
pivot_root . .old
umount -l /.old
rmdir /.old
mount --make-rshared / # as systemd does on a host
exec env -i container=cnid-machine PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd
