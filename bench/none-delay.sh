#!/bin/bash
# How long a none-container runs without its networks when they come by label alone: from its first instruction to an IPv4 address on
# eth0, seen from inside, at the kernel's 10 ms of /proc/uptime. LIST's plugins are bridge, host-local and firewall.
#   sudo bench/none-delay.sh [TIMES]     in a lab, see bench/in-lab.sh; IMAGE names one that has "sh" and "ip"
set -euo pipefail
[ -n "${BENCH_LAB:-}" ] || exec "$(dirname "$0")/in-lab.sh" "$0" "$@"
times=${1:-20} image=${IMAGE:-lab}
list=/etc/cni/net.d/none-delay.conflist
echo '{"cniVersion":"1.0.0","name":"none-delay","plugins":[{"type":"bridge","bridge":"none-delay0","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","subnet":"10.213.0.0/24"}},{"type":"firewall"}]}' > "$list"
trap 'rm -f "$list"; ip link delete none-delay0 2> /dev/null || true' EXIT
for _ in $(seq "$times"); do
    docker run --rm --network none --label cni.networks=none-delay "$image" sh -c '
        read from rest < /proc/uptime
        until case "$(ip -4 address show eth0 2>&1)" in *inet*) true ;; *) false ;; esac; do :; done
        read to rest < /proc/uptime; echo $from $to'
done | awk '{ printf "%d\n", ($2 - $1) * 1000 + 0.5 }' | sort -n |
    awk '{ v[NR] = $1 } END { printf "least %d ms, median %d ms, nine in ten %d ms, most %d ms, of %d\n", v[1], v[int((NR + 1) / 2)], v[int(NR * 0.9 + 0.999)], v[NR], NR }'
