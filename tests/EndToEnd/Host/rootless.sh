#!/bin/bash
# A rootless engine in the lab: of a user who is root nowhere but in its own namespaces. Runs until it is killed; what it mounts goes with it.
#
#   rootless.sh FOLDER    FOLDER: the user's home; its docker.sock is the engine, its "inside COMMAND..." runs in the engine's namespaces
set -euo pipefail
home=$1
if [ -z "${IN_ROOTLESS:-}" ]; then
    IN_ROOTLESS=1 exec unshare --mount --propagation shared -- "$0" "$home"
fi

user=4242
mkdir -p "$home"
for file in passwd group subuid subgid; do
    touch "/etc/$file"
    cp "/etc/$file" "$home/$file"
done
echo "rootless:x:$user:$user::$home:/bin/bash" >> "$home/passwd"
echo "rootless:x:$user:" >> "$home/group"
echo rootless:300000:65536 | tee "$home/subuid" > "$home/subgid"
for file in passwd group subuid subgid; do
    mount --bind "$home/$file" "/etc/$file"
done
rm -f "$home/tun"
mknod "$home/tun" c 10 200 # the host's may be root's alone
chmod 666 "$home/tun"
mount --bind "$home/tun" /dev/net/tun
chown $user:$user "$home"
chmod 711 "$(dirname "$home")"

# As contrib/dockerd-rootless.sh of each engine does it.
detach=
[[ $(dockerd --version) =~ version\ ([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -lt 29 ] || detach=--detach-netns
cat > "$home/inside" << EOF
#!/bin/bash
# As its user, in the namespaces of the rootless engine.
export HOME=$home XDG_RUNTIME_DIR=$home
state=$home/dockerd-rootless
enter=(nsenter -t \$(cat \$state/child_pid) -U --preserve-credentials -m)
[ ! -e \$state/netns ] && enter+=(-n) || enter+=(nsenter --net=\$state/netns)
exec setpriv --reuid $user --regid $user --clear-groups "\${enter[@]}" "\$@"
EOF
chmod +x "$home/inside"

exec setpriv --reuid $user --regid $user --clear-groups env HOME="$home" XDG_RUNTIME_DIR="$home" \
    rootlesskit --state-dir="$home/dockerd-rootless" --net=slirp4netns --slirp4netns-sandbox=false --disable-host-loopback $detach \
    --copy-up=/etc --copy-up=/run --propagation=rslave \
    sh -c "rm -f /run/docker /run/containerd /run/xtables.lock; exec dockerd --rootless -H unix://$home/docker.sock --data-root $home/data \
        --exec-root $home/docker --pidfile $home/docker.pid"
