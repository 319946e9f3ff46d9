#!/bin/bash
# The main job, from nothing: two containers of a stock Docker Engine on a CNI network.
#   sudo ./demo.sh           set it up and show it
#   sudo ./demo.sh --down    undo all of it but the packages
# CNID names a cnid to use instead of building one.
set -euo pipefail
cd "$(dirname "$0")"
here=/run/cnid-demo
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

[ "$(id -u)" = 0 ] || { echo "this needs root: sudo $0 $*" >&2; exit 1; }
mkdir -p $here
step() { echo; echo "== $*"; }
fail() { echo "demo.sh: $*" >&2; exit 1; }
wait_for() { # WHAT LOG COMMAND...
    local what=$1 log=$2
    shift 2
    for _ in $(seq 150); do "$@" > /dev/null 2>&1 && return; sleep 0.1; done
    tail -5 "$log" >&2
    fail "$what did not start; its log is $log"
}
end() { # NAME
    [ -e "$here/$1.pid" ] || return 0
    kill "$(cat "$here/$1.pid")" 2> /dev/null && tail --pid="$(cat "$here/$1.pid")" -f /dev/null
    rm -f "$here/$1.pid"
}

if [ "${1:-}" = --down ]; then
    docker rm -f cni-demo-server > /dev/null 2>&1 || true
    if docker network inspect cni-demo > /dev/null 2>&1; then
        docker network rm cni-demo > /dev/null || fail "containers of yours are on the network cni-demo: remove them, then call this again"
    fi
    docker image rm cni-demo > /dev/null 2>&1 || true
    end cnid
    end dockerd
    rm -rf $here
    echo "The demo is gone. The packages it installed stay."
    exit 0
fi

step "Packages"
missing=() compiler=()
[ -n "${CNID:-}" ] || compiler=(gcc libc6-dev zlib1g-dev)
for package in docker.io containernetworking-plugins iptables nftables busybox-static iproute2 curl "${compiler[@]}"; do
    # An engine of another make, such as docker-ce, will do.
    [ $package = docker.io ] && command -v dockerd > /dev/null && continue
    dpkg-query -W -f '${Status}' $package 2> /dev/null | grep -q 'ok installed' || missing+=($package)
done
if [ ${#missing[@]} -gt 0 ]; then
    echo "installing ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > $here/apt.log 2>&1 || { tail -5 $here/apt.log >&2; fail "apt could not install them"; }
fi

step "Building cnid (a minute, the first time)"
cnid=${CNID:-artifacts/publish/cnid}
if [ -z "${CNID:-}" ]; then
    command -v dotnet > /dev/null || fail "the .NET 10 SDK is not installed"
    dotnet publish src/DockerDriver -c Release -v quiet -o artifacts/publish
fi
ls -lh "$cnid"

step "The engine"
if docker info > /dev/null 2>&1; then
    echo "is running"
else
    setsid dockerd > $here/dockerd.log 2>&1 < /dev/null &
    echo $! > $here/dockerd.pid
    wait_for dockerd $here/dockerd.log docker info
    echo "started; it is stopped again by --down"
fi

step "cnid serve"
end cnid
setsid "$cnid" serve > $here/cnid.log 2>&1 < /dev/null &
echo $! > $here/cnid.pid
wait_for cnid $here/cnid.log curl -sf --unix-socket /run/docker/plugins/cni.sock -X POST http://docker/Plugin.Activate
echo "listens for Docker on /run/docker/plugins/cni.sock; its log is $here/cnid.log"

step "An image, made here from busybox"
root=$(mktemp -d)
mkdir -p "$root"/{bin,www}
cp /bin/busybox "$root/bin/busybox"
for applet in sh ping httpd wget ip; do ln -s busybox "$root/bin/$applet"; done
echo "hello over CNI" > "$root/www/index.html"
tar -C "$root" -c . | docker import - cni-demo
rm -rf "$root"

step "docker network create -d cni cni-demo"
docker rm -f cni-demo-server > /dev/null 2>&1 || true
docker network rm cni-demo > /dev/null 2>&1 || true
docker network create -d cni cni-demo

step "docker run -d --name cni-demo-server --network cni-demo -p 8088:80 cni-demo httpd -f -h /www"
docker run -d --name cni-demo-server --network cni-demo -p 8088:80 cni-demo httpd -f -h /www

step "Another container reaches it, by name"
docker run --rm --network cni-demo cni-demo sh -c 'ip address show eth0; ping -c 2 cni-demo-server'

step "So does the host, by the published port"
curl -sf http://127.0.0.1:8088/

step "docker network inspect cni-demo"
docker network inspect cni-demo

cat <<EOF

Done. Go on with
    docker run -it --rm --network cni-demo cni-demo sh
    tail -f $here/cnid.log
and undo all of it with
    sudo ./demo.sh --down
EOF
