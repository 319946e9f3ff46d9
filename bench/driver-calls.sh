#!/bin/bash
# The driver's own time: what an engine waits for its calls. This plays libnetwork on the daemon's socket, with a namespace into which it
# moves the interface between Join and Leave, once without and once with a published port; medians in ms. In namespaces of its own, no engine.
#   sudo bench/driver-calls.sh [ROUNDS] [CNID]
set -euo pipefail
rounds=${1:-50} cnid=$(realpath "${2:-artifacts/publish/cnid}")
[ -x "$cnid" ] || { echo "$cnid is not there: dotnet publish src/DockerDriver -c Release -o artifacts/publish" >&2; exit 1; }
[ -n "${IN_BENCH:-}" ] || IN_BENCH=1 exec unshare --mount --net --pid --fork --kill-child=KILL --mount-proc -- "$(realpath "$0")" "$rounds" "$cnid"

mount --make-rprivate /
for path in /run /var/lib/cni /var/lib/cnid /etc/cni /etc/cnid; do mkdir -p $path; mount -t tmpfs bench $path; done
mkdir -p /run/netns /run/docker/plugins /etc/cni/net.d
ip link set lo up
for family in iptables ip6tables; do $family -P FORWARD DROP; done
setsid "$cnid" serve > /run/cnid.log 2>&1 < /dev/null &
results=/run/results socket=/run/docker/plugins/cni.sock
curl -s --retry 50 --retry-delay 1 --retry-all-errors --unix-socket $socket -X POST http://cnid/Plugin.Activate > /dev/null

id() { printf '%064x' "$1"; }
call() { # NAME METHOD BODY; the answer goes to /run/answer
    local took
    took=$(curl -s -o /run/answer -w '%{time_total}' --unix-socket $socket -d "$3" "http://cnid/NetworkDriver.$2")
    ! grep -q '"Err":"[^"]' /run/answer || { cat /run/answer >&2; exit 1; }
    [ -z "$1" ] || echo "$1-$2 $(awk "BEGIN { print $took * 1000 }")" >> $results
}
network=$(id 1)
call "" CreateNetwork "{\"NetworkID\":\"$network\",\"Options\":{},\"IPv4Data\":[{\"AddressSpace\":\"\",\"Pool\":\"10.66.0.0/16\",\"Gateway\":\"10.66.0.1/16\"}],\"IPv6Data\":[]}"

for round in $(seq 0 "$rounds"); do
    for name in plain port; do
        endpoint=$(id $((100 + round))) ends="{\"NetworkID\":\"$network\",\"EndpointID\":\"$(id $((100 + round)))\"}" options={}
        [ $name = plain ] || options='{"com.docker.network.portmap":[{"Proto":6,"IP":"","Port":80,"HostIP":"","HostPort":9999,"HostPortEnd":9999}]}'
        record=$name
        [ "$round" -gt 4 ] || record= # the first rounds warm up
        ip netns add sandbox
        call "$record" CreateEndpoint "{\"NetworkID\":\"$network\",\"EndpointID\":\"$endpoint\",\"Interface\":{\"Address\":\"10.66.0.$((round % 200 + 2))/16\",\"AddressIPv6\":\"\",\"MacAddress\":\"\"},\"Options\":$options}"
        call "$record" Join "{\"NetworkID\":\"$network\",\"EndpointID\":\"$endpoint\",\"SandboxKey\":\"/run/netns/sandbox\",\"Options\":$options}"
        interface=$(sed -n 's/.*"SrcName":"\([^"]*\)".*/\1/p' /run/answer)
        ip link set "$interface" netns sandbox name eth0
        ip -n sandbox link set eth0 up
        call "$record" Leave "$ends"
        ip netns delete sandbox
        call "$record" DeleteEndpoint "$ends"
        sleep 0.05 # no engine is back sooner, and whoever is waits until the last endpoint is counted (NetworkDriver/EndpointCountWorkaround.cs)
    done
done
. "$(dirname "$0")/medians.sh"
for name in plain port; do
    report $results ms $name-{CreateEndpoint,Join,Leave,DeleteEndpoint}
    printf '%-28s %8.2f ms\n' "$name: CreateEndpoint + Join" "$(paste -d' ' <(grep "^$name-CreateEndpoint " $results) <(grep "^$name-Join " $results) | awk '{ print "sum", $2 + $4 }' > /run/sums; median /run/sums sum)"
done
