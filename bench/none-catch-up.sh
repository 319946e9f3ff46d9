#!/bin/bash
# How soon a daemon that was down has made good what it missed: from its start until every container that has started meanwhile is attached
# and every one that has ended is cleaned up; medians of ROUNDS, in ms.
#   sudo bench/none-catch-up.sh [ROUNDS] [COUNT]     in a lab, see bench/in-lab.sh; COUNT containers start and as many end
set -euo pipefail
[ -n "${BENCH_LAB:-}" ] || exec "$(dirname "$0")/in-lab.sh" "$0" "$@"
rounds=${1:-5} count=${2:-5} image=${IMAGE:-lab} books=/var/lib/cnid/containers addresses=/var/lib/cni/networks/catch-up
list=/etc/cni/net.d/catch-up.conflist
echo '{"cniVersion":"1.0.0","name":"catch-up","plugins":[{"type":"bridge","bridge":"catch-up0","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","subnet":"10.214.0.0/24"}},{"type":"firewall"}]}' > "$list"
results=$(mktemp)
trap 'rm -f "$list" "$results"' EXIT
. "$(dirname "$0")/medians.sh"

start() { # fills "expected", the books of those that run
    for _ in $(seq "$count"); do docker run -d --network none --label cni.networks=catch-up "$image" sleep 600 > /dev/null; done
    expected=$(docker ps -q --no-trunc | sed 's/$/.json/' | sort)
}
is_made_good() {
    [ "$(cd "$books" && grep -l '"Attached"' ./*.json 2> /dev/null | sed 's|^./||' | sort)" = "$expected" ] && [ "$(find "$books" -name '*.json' | wc -l)" = "$count" ] \
        && [ "$(find "$addresses" -name '10.*' | wc -l)" = "$count" ]
}
start
for round in $(seq 0 "$rounds"); do
    until is_made_good; do sleep 0.1; done
    pkill -x cnid
    while pgrep -x cnid > /dev/null; do sleep 0.1; done
    # shellcheck disable=SC2046 # a word each
    docker rm -f $(docker ps -q) > /dev/null
    start
    from=${EPOCHREALTIME/./}
    setsid "$CNID" serve > /dev/null 2>&1 < /dev/null &
    until is_made_good; do sleep 0.005; done
    [ "$round" = 0 ] || echo "catch-up $(((${EPOCHREALTIME/./} - from) / 1000))" >> "$results" # the first round warms up
done
report "$results" ms catch-up
echo "most $(sort -k2 -n "$results" | tail -1 | cut -d' ' -f2) ms"
