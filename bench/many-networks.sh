#!/bin/bash
# Whether a network costs more where there are many: the driver's own time for CreateNetwork and DeleteNetwork, called as Docker calls them;
# medians of ten in µs: the first, the last, and the same in reverse.
#   sudo bench/many-networks.sh [COUNT]     in a lab, see bench/in-lab.sh
set -euo pipefail
[ -n "${BENCH_LAB:-}" ] || exec "$(dirname "$0")/in-lab.sh" "$0" "$@"
count=${1:-500}
times=$(mktemp)
trap 'rm -f "$times"' EXIT
call() { # METHOD JSON
    curl -sS --unix-socket /run/docker/plugins/cni.sock -o /dev/null -w '%{http_code} %{time_total}\n' -d "$2" "http://cnid/NetworkDriver.$1"
}
id() { printf '%064x' "$1"; }
create() {
    call CreateNetwork "{\"NetworkID\":\"$(id "$1")\",\"Options\":{},\"IPv6Data\":[],\"IPv4Data\":[{\"AddressSpace\":\"LocalDefault\",\"Pool\":\"10.$((128 + $1 / 256)).$(($1 % 256)).0/24\",\"Gateway\":\"10.$((128 + $1 / 256)).$(($1 % 256)).1/24\"}]}"
}
for i in $(seq 1000 1010); do create "$i"; call DeleteNetwork "{\"NetworkID\":\"$(id "$i")\"}"; done > /dev/null # warms up
for i in $(seq "$count"); do create "$i"; done > "$times"
for i in $(seq "$count" -1 1); do call DeleteNetwork "{\"NetworkID\":\"$(id "$i")\"}"; done >> "$times"
! grep -vm1 '^200' "$times" || exit 1

median() { sed -n "$1,$2p" "$times" | awk '{ print int($2 * 1000000) }' | sort -n | sed -n 5p; }
ratio() { awk -v name="$1" -v few="$2" -v many="$3" -v count="$count" 'BEGIN { printf "%s: beside few %d µs, beside %d %d µs, ratio %.2f\n", name, few, count, many, many / few }'; }
ratio create "$(median 1 10)" "$(median $((count - 9)) "$count")"
ratio delete "$(median $((2 * count - 9)) $((2 * count)))" "$(median $((count + 1)) $((count + 10)))"
