#!/bin/bash
# Whether an attachment costs more where there are many: ADD and DEL of a chain (bridge, host-local, portmap with a port, firewall), built-ins, one after
# the other on one network; medians of ten in µs: the first, the last, and the same in reverse. In namespaces of its own.
#   sudo bench/cni-many.sh [COUNT]
set -euo pipefail
export DOTNET_TieredCompilation=0 # what is called later must not be faster code
count=${1:-200}
cd "$(dirname "$0")/.."
[ -n "${IN_BENCH:-}" ] || dotnet publish tests/RuntimeHost -c Release -p:PublishAot=true -v quiet --nologo -o artifacts/runtime-host
[ -n "${IN_BENCH:-}" ] || IN_BENCH=1 exec unshare --mount --net -- "$(realpath "bench/${0##*/}")" "$count"

mount --make-rprivate /
for path in /run /var/lib/cni; do mkdir -p $path; mount -t tmpfs bench $path; done
mkdir -p /run/netns /run/bench
cat > /run/bench/list.conflist <<'EOF'
{"cniVersion":"1.0.0","name":"many","plugins":[
 {"type":"bridge","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","subnet":"10.203.0.0/16","routes":[{"dst":"0.0.0.0/0"}]}},
 {"type":"portmap","snat":true,"capabilities":{"portMappings":true}},
 {"type":"firewall"}]}
EOF
ip link set lo up
for family in iptables ip6tables; do $family -P FORWARD DROP; done
# The kernel's look-up of a sysctl takes longer with each namespace whose sysctls have been looked at; containers are there either way.
for i in $(seq "$count"); do
    ip netns add n"$i"
    nsenter --net=/run/netns/n"$i" cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding > /dev/null
done
{
    for _ in $(seq 20); do echo "add n1 /run/netns/n1 10001"; echo "del n1 /run/netns/n1 10001"; done # warms up
    for i in $(seq "$count"); do echo "add n$i /run/netns/n$i $((10000 + i))"; done
    for i in $(seq "$count" -1 1); do echo "del n$i /run/netns/n$i $((10000 + i))"; done
} | artifacts/runtime-host/RuntimeHost /run/bench time | tail -n +41 > /run/bench/times

median() { sed -n "$1,$2p" /run/bench/times | sort -n | sed -n 5p; }
ratio() { awk -v name="$1" -v few="$2" -v many="$3" -v count="$count" 'BEGIN { printf "%s: beside one %d µs, beside %d %d µs, ratio %.2f\n", name, few, count, many, many / few }'; }
ratio add "$(median 2 11)" "$(median $((count - 9)) "$count")"
ratio del "$(median $((2 * count - 10)) $((2 * count - 1)))" "$(median $((count + 1)) $((count + 10)))"
