#!/bin/bash
# Tries an installed driver: a network, two containers, a published port, a restart, the removal; and then nothing may be left.
#
#   packaging/smoke.sh [DRIVER [STATE-DIR]]     [default: cni /var/lib/cnid]
#
#   IMAGE=NAME    an image with sh, httpd and wget [default: one made of this host's /bin/busybox, and removed again]
#   PORT=NUMBER   the host port to publish [default: 8089]
set -euo pipefail
driver=${1:-cni}
state=${2:-/var/lib/cnid}
port=${PORT:-8089}
image=${IMAGE:-}
name=cnid-smoke
fail() { echo "smoke.sh: $*" >&2; exit 1; }
inventory() { # what a removed network could leave: interfaces, pinned namespaces, state
    ls /sys/class/net | sort
    find "$state" -name '*.json' 2> /dev/null | sort
    if [ -d "$state/run/netns" ]; then find "$state/run/netns" -type f; elif [ -d /run/cnid/netns ]; then find /run/cnid/netns -type f; fi
}
page() { # from this host, without any tool: the last line of an HTTP answer
    exec 3<> "/dev/tcp/127.0.0.1/$port" && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && tail -n 1 <&3
    exec 3>&-
}
served() { # by name from another container, and by the published port
    for _ in $(seq 50); do
        [ "$(docker run --rm --network $name "$image" wget -qO- "http://$name/" 2> /dev/null)" = hello ] && break
        sleep 0.1
    done
    [ "$(docker run --rm --network $name "$image" wget -qO- "http://$name/")" = hello ] || fail "the other container does not reach it by name"
    [ "$(page)" = hello ] || fail "127.0.0.1:$port does not reach it"
}
clean() {
    docker rm -f $name > /dev/null 2>&1 || true
    docker network rm $name > /dev/null 2>&1 || true
    [ -n "${IMAGE:-}" ] || docker image rm "$image" > /dev/null 2>&1 || true
}
trap clean EXIT

if [ -z "$image" ]; then
    [ -x /bin/busybox ] || fail "no /bin/busybox to make an image of: install busybox-static, or name an IMAGE"
    image=$name
    root=$(mktemp -d)
    mkdir -p "$root/bin"
    cp /bin/busybox "$root/bin/"
    for applet in sh httpd wget; do ln -s busybox "$root/bin/$applet"; done
    tar -C "$root" -c . | docker import - "$image" > /dev/null
    rm -rf "$root"
fi

before=$(inventory)
docker network create -d "$driver" $name > /dev/null
docker run -d --name $name --network $name -p "$port:80" "$image" sh -c 'mkdir -p /www && echo hello > /www/index.html && exec httpd -f -h /www' > /dev/null
served
docker restart -t 0 $name > /dev/null
served
docker rm -f $name > /dev/null
docker network rm $name > /dev/null
for _ in $(seq 100); do # what Docker has been answered for is finished within moments
    after=$(inventory)
    [ "$after" != "$before" ] || break
    sleep 0.1
done
[ "$after" = "$before" ] || { diff <(echo "$before") <(echo "$after") >&2; fail "that is left"; }
echo "$driver works: a network, two containers, a published port, a restart, and nothing left"
