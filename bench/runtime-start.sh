#!/bin/bash
# What the runtime "cni" adds to a start: docker start of a container that was created before, on no network, interleaved; medians and the fastest, in ms.
#   sudo bench/runtime-start.sh [ROUNDS]     in a lab, see bench/in-lab.sh
# "runc" is Docker's own runtime, "cni" the wrapper for a container without labels, "cni labelled" for one that waits for a network (bridge,
# host-local and firewall), and "runc labelled" for one that gets it after its start.
set -euo pipefail
[ -n "${BENCH_LAB:-}" ] || exec "$(dirname "$0")/in-lab.sh" "$0" "$@"
rounds=${1:-20} image=${IMAGE:-lab} list=runtime-start
echo '{"cniVersion":"1.0.0","name":"runtime-start","plugins":[{"type":"bridge","bridge":"runtime0","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","subnet":"10.215.0.0/24"}},{"type":"firewall"}]}' > "/etc/cni/net.d/$list.conflist"
results=$(mktemp)
trap 'rm -f "$results" "/etc/cni/net.d/$list.conflist"; ip link delete runtime0' EXIT
declare -A options=([runc]="" [cni]="--runtime cni" [cni labelled]="--runtime cni --label cni.networks=$list" [runc labelled]="--label cni.networks=$list")
for round in $(seq 0 "$rounds"); do
    for name in runc cni "runc labelled" "cni labelled"; do
        # shellcheck disable=SC2086 # several options
        container=$(docker create --network none ${options[$name]} "$image" sleep 60)
        start=${EPOCHREALTIME/./}
        docker start "$container" > /dev/null
        [ "$round" = 0 ] || echo "$((${EPOCHREALTIME/./} - start)) $name" >> "$results" # the first round warms up
        docker rm -f "$container" > /dev/null
    done
done
median() { sed -n "s/^\([0-9]*\) $1\$/\1/p" "$results" | sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
fastest() { sed -n "s/^\([0-9]*\) $1\$/\1/p" "$results" | sort -n | head -1; }
for name in runc cni "runc labelled" "cni labelled"; do
    awk -v name="$name" -v own="$(median runc)" -v this="$(median "$name")" -v fastest="$(fastest "$name")" \
        'BEGIN { printf "%-14s %6.1f ms  %+6.1f ms  %.2f  fastest %6.1f ms\n", name, this / 1000, (this - own) / 1000, this / own, fastest / 1000 }'
done
