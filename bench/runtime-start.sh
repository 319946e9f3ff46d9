#!/bin/bash
# What the runtime "cni" adds to a start: docker start of a container that was created before, on no network, interleaved; medians and the least, in ms: of the clock,
# and of processor time (engine, containerd, runtimes and cnid together, until 0.4 s after the start), which other work on the machine changes less.
#   sudo bench/runtime-start.sh [ROUNDS]     in a lab, see bench/in-lab.sh
# "runc" is Docker's own runtime, "cni" the wrapper for a container without labels, "cni labelled" for one that waits for a network (bridge,
# host-local and firewall), and "runc labelled" for one that gets it after its start.
set -euo pipefail
[ -n "${BENCH_LAB:-}" ] || exec "$(dirname "$0")/in-lab.sh" "$0" "$@"
rounds=${1:-20} image=${IMAGE:-lab} list=runtime-start
echo '{"cniVersion":"1.0.0","name":"runtime-start","plugins":[{"type":"bridge","bridge":"runtime0","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","subnet":"10.215.0.0/24"}},{"type":"firewall"}]}' > "/etc/cni/net.d/$list.conflist"
results=$(mktemp)
group=$([ -d /sys/fs/cgroup/cpuacct ] && echo /sys/fs/cgroup/cpuacct || echo /sys/fs/cgroup)/runtime-start-$$
end() {
    rm -f "$results" "/etc/cni/net.d/$list.conflist"
    ip link delete runtime0
    while read -r process; do echo "$process" > "${group%/*}/cgroup.procs"; done < "$group/cgroup.procs"
    rmdir "$group"
}
mkdir "$group"
for process in $(pgrep dockerd) $(pgrep containerd) $(pgrep -x cnid) $$; do echo "$process" > "$group/cgroup.procs"; done
trap end EXIT
used() { if [ -e "$group/cpuacct.usage" ]; then echo $(($(cat "$group/cpuacct.usage") / 1000)); else sed -n 's/^usage_usec //p' "$group/cpu.stat"; fi; }
declare -A options=([runc]="" [cni]="--runtime cni" [cni labelled]="--runtime cni --label cni.networks=$list" [runc labelled]="--label cni.networks=$list")
for round in $(seq 0 "$rounds"); do
    for name in runc cni "runc labelled" "cni labelled"; do
        # shellcheck disable=SC2086 # several options
        container=$(docker create --network none ${options[$name]} "$image" sleep 60)
        before=$(used) start=${EPOCHREALTIME/./}
        docker start "$container" > /dev/null
        clock=$((${EPOCHREALTIME/./} - start))
        sleep 0.4
        [ "$round" = 0 ] || echo "${name// /-} $clock $(($(used) - before))" >> "$results" # the first round warms up
        docker rm -f "$container" > /dev/null
    done
done
median() { awk -v name="$1" -v of="$2" '$1 == name { print $of }' "$results" | sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
least() { awk -v name="$1" -v of="$2" '$1 == name { print $of }' "$results" | sort -n | head -1; }
for name in runc cni runc-labelled cni-labelled; do
    for of in 2 3; do
        awk -v name="$name" -v of=$of -v own="$(median runc $of)" -v this="$(median "$name" $of)" -v least="$(least "$name" $of)" -v ownLeast="$(least runc $of)" \
            'BEGIN { printf "%-14s %-9s %6.1f ms  %+6.1f ms  %.2f  least %6.1f ms  %+6.1f ms\n", name, of == 2 ? "clock" : "processor", this / 1000, (this - own) / 1000, this / own, least / 1000, (least - ownLeast) / 1000 }'
    done
done
