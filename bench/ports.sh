#!/bin/bash
# docker run -d with published ports, on a network made with -d bridge and on a cni network, interleaved; medians, ratios, and what one port costs.
#   sudo bench/ports.sh [PAIRS] [COUNT...]     in a lab, see bench/in-lab.sh; COUNT: how many ports, 1 100 1000 5000 where none is given
# In the lab the engine runs with --userland-proxy=false: docker-proxy is a process for each port and family, and Docker's side would be measured by
# them. "0" publishes nothing: what a port costs is counted from there. "1 more" publishes one port while a container of the same network has as
# many as the largest COUNT. The engine writes four rules of iptables for each port, one by one; with 5,000 that takes minutes.
set -euo pipefail
[ -n "${BENCH_LAB:-}" ] || exec "$(dirname "$0")/in-lab.sh" "$0" "$@"
pairs=${1:-3} image=${IMAGE:-lab}
shift $(($# > 0))
counts=("${@:-1 100 1000 5000}")
read -ra counts <<< "${counts[*]}"
if [ "$BENCH_LAB" != none ]; then
    kill "$(cat /run/docker.pid)"
    while [ -e /run/docker.pid ]; do sleep 0.1; done
    setsid "$BENCH_LAB/dockerd.sh" --userland-proxy=false < /dev/null > /dev/null 2>&1 &
    until docker version > /dev/null 2>&1; do sleep 0.1; done
fi
docker network create -d cni cni-bench > /dev/null
docker network create -d bridge own-bridge > /dev/null
results=$(mktemp)
trap 'docker rm -f many > /dev/null 2>&1; docker network rm cni-bench own-bridge > /dev/null; rm -f "$results"' EXIT

ports() { [ "$1" = 0 ] || echo "-p 21000-$((20999 + $1)):21000-$((20999 + $1))"; }
timed() { # NAME NETWORK OPTIONS
    local start id
    start=$(date +%s%N)
    # shellcheck disable=SC2086
    id=$(docker run -d --network "$2" $3 "$image" sleep 3600)
    echo "$1 $((($(date +%s%N) - start) / 1000000))" >> "$results"
    docker rm -f "$id" > /dev/null
}
for network in own-bridge cni-bench; do timed warm "$network" "-p 9999:80"; done
for _ in $(seq "$pairs"); do
    for count in 0 "${counts[@]}"; do
        for network in own-bridge cni-bench; do timed "$network-$count" "$network" "$(ports "$count")"; done
    done
done
most=${counts[-1]}
for network in own-bridge cni-bench; do
    # shellcheck disable=SC2046
    docker run -d --name many --network "$network" $(ports "$most") "$image" sleep 3600 > /dev/null
    for _ in $(seq $((pairs * 3))); do
        timed "$network-0-beside-$most" "$network" ""
        timed "$network-1-beside-$most" "$network" "-p 9999:80"
    done
    docker rm -f many > /dev/null
done

. "$(dirname "$0")/medians.sh"
for count in 0 "${counts[@]}"; do
    report "$results" ms "own-bridge-$count" "cni-bench-$count"
    ratio "$results" "cni-bench-$count" "own-bridge-$count"
done
for network in own-bridge cni-bench; do
    for count in "${counts[@]}"; do
        awk -v name="$network, each of $count" -v with="$(median "$results" "$network-$count")" -v none="$(median "$results" "$network-0")" -v count="$count" \
            'BEGIN { printf "%-28s %8.2f ms a port\n", name, (with - none) / count }'
    done
    awk -v name="$network, 1 beside $most" -v with="$(median "$results" "$network-1-beside-$most")" -v none="$(median "$results" "$network-0-beside-$most")" \
        'BEGIN { printf "%-28s %8.2f ms a port\n", name, with - none }'
done
