#!/bin/bash
# What a virtual machine boots, made once and kept in a cache. Prints the folder where it is: "disk", an ext4 with the kernel's modules,
# and "xstate.so", which user-mode Linux needs on some hosts.
#
#   vm-root.sh
#
# The kernel is Debian's user-mode-linux with modules of vm-modules.sh. ENGINE_CACHE is the cache (/var/cache/cnid-engines; 2 GB for this).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
suite=bookworm
packages=(systemd systemd-sysv udev dbus kmod docker.io containernetworking-plugins iptables nftables iproute2 procps curl python3
    busybox-static firewalld ufw network-manager libssl3 libgcc-s1)

cache=${ENGINE_CACHE:-/var/cache/cnid-engines}
kernel=$(linux.uml --version)
key() { cat "$@" | sha256sum | cut -c1-8; }
modules=$cache/vm-modules-$kernel-$(key "$here/vm-modules.sh")
result=$cache/vm-$kernel-$(key "$here"/{vm-root.sh,vm-modules.sh,vm-early.service,vm-agent.service,xstate.c})
mkdir -p "$cache"
exec 9> "$cache/vm.lock"
flock 9 # two test runs may want it at once
if [ -d "$result" ]; then
    touch "$result" "$modules"
    echo "$result"
    exit
fi

log=$cache/vm.log
new=$result.new.$$
trap 'rm -rf "$new"; [ -n "${made:-}" ] || { tail -20 "$log" >&2; echo "the virtual machine could not be made; see $log" >&2; }' EXIT
{
    rm -rf "$cache"/vm-*.new.*
    mkdir -p "$new/root"
    mirror() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -1; }
    [ -n "$(mirror)" ] || apt-get update -qq

    [ -d "$modules" ] || "$here/vm-modules.sh" "$modules"

    debootstrap --variant=minbase "$suite" "$new/root" "$(mirror)"
    cp /etc/resolv.conf "$new/root/etc/resolv.conf"
    printf '%s\n' 'Acquire::Check-Valid-Until "false";' 'Acquire::Languages "none";' > "$new/root/etc/apt/apt.conf.d/lab"
    echo force-unsafe-io > "$new/root/etc/dpkg/dpkg.cfg.d/lab"
    printf '#!/bin/sh\nexit 101\n' > "$new/root/usr/sbin/policy-rc.d"
    chmod +x "$new/root/usr/sbin/policy-rc.d"
    chroot "$new/root" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive chroot "$new/root" apt-get install -y -qq --no-install-recommends "${packages[@]}"
    chroot "$new/root" apt-get clean
    rm -rf "$new/root"/var/lib/apt/lists "$new/root"/usr/share/{doc,man,locale} "$new/root/usr/sbin/policy-rc.d"

    cp -r /usr/lib/uml/modules "$new/root/lib/"
    mkdir "$new/root/lib/modules/$kernel/updates"
    cp "$modules"/*.ko "$new/root/lib/modules/$kernel/updates/"
    chroot "$new/root" depmod "$kernel"

    cd "$new/root"
    : > etc/machine-id
    rm -f etc/hostname var/lib/dbus/machine-id
    echo vm > etc/hostname
    printf '127.0.0.1 localhost\n127.0.0.1 vm\n' > etc/hosts
    echo 'nameserver 203.0.113.2' > etc/resolv.conf # refuses at once
    printf '%s\n' '/dev/ubda / ext4 defaults 0 1' 'none /host hostfs defaults 0 0' > etc/fstab
    mkdir -p host
    install -m 0644 "$here"/vm-{early,agent}.service etc/systemd/system/
    chroot . systemctl -q enable vm-early vm-agent
    # What a test is about, it enables.
    chroot . systemctl -q disable firewalld ufw NetworkManager NetworkManager-dispatcher NetworkManager-wait-online nftables
    chroot . systemctl -q mask getty.target apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer dpkg-db-backup.timer fstrim.timer \
        systemd-timesyncd systemd-networkd systemd-firstboot systemd-hwdb-update systemd-binfmt e2scrub_reap \
        modprobe@{configfs,dm_mod,drm,efi_pstore,fuse}
    chroot . passwd -d root
    truncate -s 4G "$new/disk"
    mke2fs -q -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 -d . "$new/disk"
    gcc -shared -fPIC -O2 -Wall -Werror -o "$new/xstate.so" "$here/xstate.c"
    cd /
    rm -rf "$new/root"
} > "$log" 2>&1 9>&-
mv "$new" "$result"
made=1
find "$cache" -mindepth 1 -maxdepth 1 -type d -mtime +30 -exec rm -rf {} +
echo "$result"
