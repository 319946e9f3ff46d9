#!/bin/bash
# docker run --rm on no network, on Docker's own bridge and on a cni network, interleaved; medians and ratios.
#   bench/docker-run.sh [PAIRS] [IMAGE]     an engine and cnid must run; IMAGE must have "sh"
# "bridge" is the engine's default network, which has no DNS of its own; "own-bridge" is one made with -d bridge, where the engine
# starts its resolver as it does on every other network, cni's too. "-p" publishes a port.
set -euo pipefail
pairs=${1:-15} image=${2:-cni-demo}
docker network create -d cni cni-bench > /dev/null
docker network create -d bridge own-bridge > /dev/null
results=$(mktemp)
trap 'docker network rm cni-bench own-bridge > /dev/null; rm -f "$results"' EXIT
for i in $(seq 0 "$pairs"); do
    for run in none bridge own-bridge cni-bench "bridge -p" "own-bridge -p" "cni-bench -p"; do
        start=$(date +%s%N)
        docker run --rm --network ${run/-p/-p 9999:80} "$image" sh -c : > /dev/null
        [ "$i" = 0 ] || echo "$((($(date +%s%N) - start) / 1000)) $run" >> "$results" # the first round warms up
    done
done
median() { sed -n "s/^\([0-9]*\) $1\$/\1/p" "$results" | sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
ratio() { printf '%-28s %.2f\n' "$1 / $2" "$(awk "BEGIN { print $(median "$1") / $(median "$2") }")"; }
for run in none bridge own-bridge cni-bench "bridge -p" "own-bridge -p" "cni-bench -p"; do printf '%-28s %6.1f ms\n' "$run" "$(awk "BEGIN { print $(median "$run") / 1000 }")"; done
ratio cni-bench bridge
ratio cni-bench own-bridge
ratio "cni-bench -p" "bridge -p"
ratio "cni-bench -p" "own-bridge -p"
