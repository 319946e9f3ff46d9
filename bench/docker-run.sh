#!/bin/bash
# docker run --rm on no network, on Docker's own bridge and on a cni network, interleaved; medians and ratios.
#   bench/docker-run.sh [PAIRS] [IMAGE]     an engine and cnid must run; IMAGE must have "true"
set -euo pipefail
pairs=${1:-15} image=${2:-cni-demo}
docker network create -d cni cni-bench > /dev/null
trap 'docker network rm cni-bench > /dev/null' EXIT
results=$(mktemp)
for i in $(seq 0 "$pairs"); do
    for network in none bridge cni-bench; do
        start=$(date +%s%N)
        docker run --rm --network $network "$image" sh -c : > /dev/null
        [ "$i" = 0 ] || echo "$network $((($(date +%s%N) - start) / 1000))" >> "$results" # the first round warms up
    done
done
median() { awk -v network="$1" '$1 == network { print $2 }' "$results" | sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
for network in none bridge cni-bench; do printf '%-10s %8.1f ms\n' $network "$(awk "BEGIN { print $(median $network) / 1000 }")"; done
printf 'cni / bridge %.2f\n' "$(awk "BEGIN { print $(median cni-bench) / $(median bridge) }")"
