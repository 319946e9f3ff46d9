#!/bin/bash
# ADD and DEL of a chain (bridge, host-local, portmap with a port, firewall) under a FORWARD policy of DROP, interleaved; medians in ms and ratios:
#   reference   the reference plugins, called by a shell one after the other, as cnitool does
#   runtime     the same plugins, called by "cnid add" and "cnid del"
#   built-ins   ours, in a process that lives on and is compiled ahead of time, as the daemon; alone, and beside another attachment of the network, for the first makes
#               tables and chains and the last removes them, where the reference leaves its own
# In namespaces of its own.
#   sudo bench/cni-add.sh [PAIRS] [CNID]
set -euo pipefail
pairs=${1:-15} cnid=$(realpath "${2:-artifacts/publish/cnid}")
plugins=/usr/lib/cni
[ -x "$cnid" ] || { echo "$cnid is not there: dotnet publish src/DockerDriver -c Release -o artifacts/publish" >&2; exit 1; }
cd "$(dirname "$0")/.."
[ -n "${IN_BENCH:-}" ] || dotnet publish tests/RuntimeHost -c Release -p:PublishAot=true -v quiet --nologo -o artifacts/runtime-host
[ -n "${IN_BENCH:-}" ] || IN_BENCH=1 exec unshare --mount --net -- "$(realpath "bench/${0##*/}")" "$pairs" "$cnid"

mount --make-rprivate /
for path in /run /var/lib/cni; do mkdir -p $path; mount -t tmpfs bench $path; done
mkdir -p /run/netns /run/lists
ip link set lo up
work=/run/bench
mkdir -p $work
export CNI_PATH=$plugins CNI_IFNAME=eth0 CNI_ARGS= NETCONFPATH=/run/lists CNID_STATE_DIR=$work/state CNID_RUN_DIR=$work/run
ports='{"portMappings":[{"hostPort":9090,"containerPort":80,"protocol":"tcp"}]}'
export CAP_ARGS=$ports CNID_BUILTIN=off
for family in iptables ip6tables; do $family -P FORWARD DROP; done

list() { # NAME SUBNET
    cat > /run/lists/$1.conflist <<EOF
{"cniVersion":"1.0.0","name":"$1","plugins":[
 {"type":"bridge","bridge":"$1","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","subnet":"$2","routes":[{"dst":"0.0.0.0/0"}]}},
 {"type":"portmap","snat":true,"capabilities":{"portMappings":true}},
 {"type":"firewall"}]}
EOF
}
# One plugin's request: its object, the name, the version, the ports for portmap, the result before it.
request() { # LIST INDEX RESULT
    python3 -c '
import json, sys
whole = json.load(open("/run/lists/%s.conflist" % sys.argv[1])); plugin = whole["plugins"][int(sys.argv[2])]
plugin.update(name=whole["name"], cniVersion=whole["cniVersion"])
if plugin.get("capabilities"): plugin["runtimeConfig"] = json.loads(sys.argv[3])
if len(sys.argv) > 4: plugin["prevResult"] = json.load(open(sys.argv[4]))
print(json.dumps(plugin))' "$@"
}
now() { date +%s%N; }
record() { [ "$round" = 0 ] || echo "$1 $(($(now) - $2))" >> $work/times; } # the first round warms up

list shell 10.201.0.0/16
list cnid 10.202.0.0/16
list ours 10.203.0.0/16
mkdir $work/ours
cp /run/lists/ours.conflist $work/ours/list.conflist
coproc HOST { artifacts/runtime-host/RuntimeHost $work/ours time; }
ours() { # add|del CONTAINER PORT [NAME]
    local took
    echo "$1 $2 /run/netns/$2 $3" >&"${HOST[1]}"
    read -r took <&"${HOST[0]}"
    [ "$round" -lt 5 ] || [ -z "${4:-}" ] || echo "$4-$1 ${took}000" >> $work/times # a process that lives on is warm
}
for i in 0 1 2; do request shell $i "$ports" > $work/request.$i; done # made beforehand: not part of what is measured
for round in $(seq 0 "$pairs"); do
    ip netns add one
    export CNI_NETNS=/run/netns/one CNI_CONTAINERID=bench$round

    start=$(now)
    export CNI_COMMAND=ADD
    $plugins/bridge < $work/request.0 > $work/result.0
    { head -c -2 $work/request.1; echo ',"prevResult":'; cat $work/result.0; echo '}'; } | $plugins/portmap > $work/result.1
    { head -c -2 $work/request.2; echo ',"prevResult":'; cat $work/result.1; echo '}'; } | $plugins/firewall > $work/result.2
    record shell-add "$start"

    start=$(now)
    export CNI_COMMAND=DEL
    for i in 2 1 0; do { head -c -2 $work/request.$i; echo ',"prevResult":'; cat $work/result.2; echo '}'; } | $plugins/$(sed -n 's/.*"type": "\([a-z]*\)".*/\1/p' <<< "$(sed 's/"ipam".*//' $work/request.$i)"); done
    record shell-del "$start"

    unset CNI_COMMAND
    start=$(now)
    "$cnid" add cnid /run/netns/one > /dev/null
    record cnid-add "$start"
    start=$(now)
    "$cnid" del cnid /run/netns/one
    record cnid-del "$start"

    for name in alone beside; do
        [ $name = alone ] || { ip netns add resident; ours add resident 9092; }
        ours add one 9091 $name
        ours del one 9091 $name
    done
    ours del resident 9092
    ip netns delete resident
    ip netns delete one
done

median() { awk -v name="$1" '$1 == name { print $2 / 1000000 }' $work/times | sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
for verb in add del; do
    awk -v verb=$verb -v reference="$(median shell-$verb)" -v runtime="$(median cnid-$verb)" -v alone="$(median alone-$verb)" -v beside="$(median beside-$verb)" 'BEGIN {
        printf "%s: reference %.1f ms, runtime %.1f ms (%.2f), built-ins alone %.2f ms (1/%.0f), beside another %.2f ms (1/%.0f)\n",
            verb, reference, runtime, runtime / reference, alone, reference / alone, beside, reference / beside }'
done
