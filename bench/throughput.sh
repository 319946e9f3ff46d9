#!/bin/bash
# TCP from one container to another, on Docker's bridges and on a cni network: iperf3 for two seconds each, interleaved; medians and ratios.
#   sudo bench/throughput.sh [ROUNDS]     in a lab, see bench/in-lab.sh; needs iperf3 (Debian's), which the containers get from the host
set -euo pipefail
[ -n "${BENCH_LAB:-}" ] || exec "$(dirname "$0")/in-lab.sh" "$0" "$@"
rounds=${1:-15} image=${IMAGE:-lab}
command -v iperf3 > /dev/null || { echo "iperf3 is not there: apt install iperf3" >&2; exit 1; }
docker network create -d cni cni-bench > /dev/null
docker network create -d bridge own-bridge > /dev/null
results=$(mktemp) networks="bridge own-bridge cni-bench"
trap 'docker rm -f $(docker ps -aq --filter label=bench) > /dev/null; docker network rm cni-bench own-bridge > /dev/null; rm -f "$results"' EXIT
declare -A address
for network in $networks; do
    for end in server client; do
        docker run -d --init --label bench --name "$end-$network" --network "$network" -v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro "$image" sleep 86400 > /dev/null
    done
    docker exec -d "server-$network" /usr/bin/iperf3 -s
    address[$network]=$(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "server-$network")
done
sleep 1
for round in $(seq 0 "$rounds"); do
    for network in $networks; do
        mbits=$(docker exec "client-$network" /usr/bin/iperf3 -c "${address[$network]}" -t 2 -f m | awk '/receiver/ { for (i = 1; i <= NF; i++) if ($i == "Mbits/sec") print $(i - 1) }')
        [ "$round" = 0 ] || echo "$network $mbits" >> "$results" # the first round warms up
    done
done
. "$(dirname "$0")/medians.sh"
report "$results" Mbit/s $networks
ratio "$results" cni-bench bridge
ratio "$results" cni-bench own-bridge
