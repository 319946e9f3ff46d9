#!/bin/bash
# docker run --rm on no network, on Docker's own bridge and on a cni network, interleaved; medians and ratios.
#   sudo bench/docker-run.sh [PAIRS]     in a lab, see bench/in-lab.sh; IMAGE names one that has "sh"
# "bridge" is the engine's default network, which has no DNS of its own; "own-bridge" is one made with -d bridge, where the engine
# starts its resolver as it does on every other network, cni's too. "-p" publishes a port.
set -euo pipefail
[ -n "${BENCH_LAB:-}" ] || exec "$(dirname "$0")/in-lab.sh" "$0" "$@"
pairs=${1:-15} image=${IMAGE:-lab}
docker network create -d cni cni-bench > /dev/null
docker network create -d bridge own-bridge > /dev/null
results=$(mktemp)
trap 'docker network rm cni-bench own-bridge > /dev/null; rm -f "$results"' EXIT
for i in $(seq 0 "$pairs"); do
    for run in none bridge own-bridge cni-bench "bridge -p" "own-bridge -p" "cni-bench -p"; do
        start=$(date +%s%N)
        docker run --rm --network ${run/-p/-p 9999:80} "$image" sh -c : > /dev/null
        [ "$i" = 0 ] || echo "${run/ /} $((($(date +%s%N) - start) / 1000000))" >> "$results" # the first round warms up
    done
done
. "$(dirname "$0")/medians.sh"
report "$results" ms none bridge own-bridge cni-bench bridge-p own-bridge-p cni-bench-p
ratio "$results" cni-bench bridge
ratio "$results" cni-bench own-bridge
ratio "$results" cni-bench-p bridge-p
ratio "$results" cni-bench-p own-bridge-p
