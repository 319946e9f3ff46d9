#!/bin/bash
# What a runtime pays to start a plugin that only answers VERSION: cnid by a link, and the reference bridge, interleaved; medians in ms.
#   bench/plugin-start.sh [PAIRS] [CNID]
set -euo pipefail
pairs=${1:-50} cnid=$(realpath "${2:-artifacts/publish/cnid}")
reference=/usr/lib/cni/bridge
for program in "$cnid" $reference; do [ -x "$program" ] || { echo "$program is not there" >&2; exit 1; }; done

folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
ln -s "$cnid" "$folder/bridge"
export CNI_COMMAND=VERSION
measure() { # NAME PROGRAM
    local start=${EPOCHREALTIME/./}
    "$2" > /dev/null
    [ "$round" = 0 ] || echo "$1 $((${EPOCHREALTIME/./} - start))" >> "$folder/times" # the first round warms up
}
for round in $(seq 0 "$pairs"); do
    measure cnid "$folder/bridge"
    measure reference $reference
done
for name in cnid reference; do
    grep "^$name " "$folder/times" | sort -k2n | awk -v name=$name '{ t[NR] = $2 } END { printf "%s %.1f ms\n", name, t[int((NR + 1) / 2)] / 1000 }'
done
