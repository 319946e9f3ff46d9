#!/bin/bash
# Runs a bench in the end-to-end tests' lab: an engine and cnid of its own, in namespaces that go with it. The benches that need an engine
# start themselves by it; BENCH_LAB=none in front of one measures the host's own engine and cnid instead.
#   sudo bench/in-lab.sh SCRIPT [ARGUMENTS]     CNID names the file to measure, artifacts/publish/cnid where it is not set; ENGINE_ROOT
#                                               another engine's root (test.sh makes them) than this host's
set -euo pipefail
cnid=$(realpath "${CNID:-artifacts/publish/cnid}")
[ -x "$cnid" ] || { echo "$cnid is not there: dotnet publish src/DockerDriver -c Release -o artifacts/publish" >&2; exit 1; }
folder=$(mktemp -d /tmp/cnid-lab-XXXXXX) # on a real disk: the engine's overlay2 cannot stand on an overlay
top=$(realpath "$(dirname "$0")/..")

coproc LAB { exec env CNID="$cnid" "$top/tests/EndToEnd/Host/lab.sh" "$folder" "$top" "$(dirname "$cnid")" 2> "$folder/lab.log"; }
keeper=$LAB_PID
end() {
    kill -KILL "${init:-$keeper}" 2> /dev/null || true # and all that is in its namespaces; unshare itself does not hear a TERM
    wait "$keeper" 2> /dev/null || true
    for group in /sys/fs/cgroup/{,*/}"cnid-lab-${folder##*/}"; do
        [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} ';'
    done
    rm -rf "$folder"
}
trap end EXIT
until read -r line <&"${LAB[0]}" && [ "$line" = ready ]; do
    kill -0 "$keeper" || { echo "the lab did not start: $(tail -qn1 "$folder/lab.log" "$folder/dockerd.log")" >&2; exit 1; }
done
init=$(cut -d' ' -f1 "/proc/$keeper/task/$keeper/children")

inside() { nsenter -t "$init" -m -n -p -- env PATH=/usr/sbin:/usr/bin:/sbin:/bin BENCH_LAB="$folder" CNID="$cnid" "$@"; }
inside setsid "$cnid" serve > "$folder/cnid.log" 2>&1 < /dev/null &
inside curl -s --retry 50 --retry-delay 1 --retry-all-errors --unix-socket /run/docker/plugins/cni.sock -X POST http://cnid/Plugin.Activate > /dev/null
inside "$(realpath "$1")" "${@:2}"
