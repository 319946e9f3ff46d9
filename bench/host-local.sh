#!/bin/bash
# Whether an address costs more where many are in use: ADD and DEL of bridge with host-local, built-ins, on a network with ten addresses in
# use and on one with a thousand, interleaved; medians and ratios. The addresses in use are files as the reference writes them. In namespaces
# of its own.
#   sudo bench/host-local.sh [PAIRS]
set -euo pipefail
export DOTNET_TieredCompilation=0 # what is called later must not be faster code
pairs=${1:-100}
cd "$(dirname "$0")/.."
[ -n "${IN_BENCH:-}" ] || dotnet publish tests/RuntimeHost -c Release -p:PublishAot=true -v quiet --nologo -o artifacts/runtime-host
[ -n "${IN_BENCH:-}" ] || IN_BENCH=1 exec unshare --mount --net -- "$(realpath "bench/${0##*/}")" "$pairs"

mount --make-rprivate /
for path in /run /var/lib/cni; do mkdir -p $path; mount -t tmpfs bench $path; done
mkdir -p /run/netns
ip link set lo up
ip netns add one
results=/run/results
network() { # NAME SECOND-PART ADDRESSES
    mkdir -p /run/"$1" /var/lib/cni/networks/"$1"
    echo '{"cniVersion":"1.0.0","name":"'"$1"'","plugins":[{"type":"bridge","bridge":"'"$1"'","ipam":{"type":"host-local","subnet":"10.'"$2"'.0.0/16"}}]}' > /run/"$1"/list.conflist
    for i in $(seq 2 $(($3 + 1))); do
        printf 'container%d\r\neth0' "$i" > /var/lib/cni/networks/"$1"/10."$2".$((i / 256)).$((i % 256))
    done
}
network few 204 10
network many 205 1000
for network in few many; do
    mkfifo /run/$network/in /run/$network/out
    artifacts/runtime-host/RuntimeHost /run/$network time < /run/$network/in > /run/$network/out &
done
exec {few_in}> /run/few/in {few_out}< /run/few/out {many_in}> /run/many/in {many_out}< /run/many/out
for round in $(seq -50 "$pairs"); do # before 1: warms up
    for network in few many; do
        for verb in add del; do
            in=${network}_in out=${network}_out
            echo "$verb one /run/netns/one 0" >&"${!in}"
            read -r took <&"${!out}"
            [ "$round" -lt 1 ] || echo "$network-$verb $took" >> $results
        done
    done
done
. bench/medians.sh
report $results µs few-add many-add few-del many-del
ratio $results many-add few-add
ratio $results many-del few-del
