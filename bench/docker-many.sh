#!/bin/bash
# Twenty docker run --rm at once, on no network, Docker's bridges and a cni network, interleaved: wall clock until the last has ended,
# medians and ratios.
#   sudo bench/docker-many.sh [ROUNDS] [COUNT]     in a lab, see bench/in-lab.sh
set -euo pipefail
[ -n "${BENCH_LAB:-}" ] || exec "$(dirname "$0")/in-lab.sh" "$0" "$@"
rounds=${1:-7} count=${2:-20} image=${IMAGE:-lab}
docker network create -d cni cni-bench > /dev/null
docker network create -d bridge own-bridge > /dev/null
results=$(mktemp)
trap 'docker network rm cni-bench own-bridge > /dev/null; rm -f "$results"' EXIT
for round in $(seq 0 "$rounds"); do
    for network in none bridge own-bridge cni-bench; do
        start=$(date +%s%N) runs=()
        for _ in $(seq "$count"); do
            docker run --rm --network "$network" "$image" sh -c : > /dev/null &
            runs+=($!)
        done
        for run in "${runs[@]}"; do wait "$run"; done
        [ "$round" = 0 ] || echo "$network $((($(date +%s%N) - start) / 1000000))" >> "$results" # the first round warms up
    done
done
. "$(dirname "$0")/medians.sh"
report "$results" ms none bridge own-bridge cni-bench
ratio "$results" cni-bench bridge
ratio "$results" cni-bench own-bridge
