#!/bin/bash
# All tests, or a part of them. Installs what they need; leaves nothing on the host but those packages.
#
#   ./test.sh                               everything (root), the end-to-end tests on the oldest engine and the newest
#   ./test.sh unit                          what needs no engine
#   ./test.sh lint                          the form of code and documents, and the spelling of these; where there is no npm, of code alone
#   ./test.sh e2e [--engine N] [filter]     on this host's engine, or on Docker 20, 26 or 28: its root is made once with debootstrap, and
#                                           kept in ENGINE_CACHE (/var/cache/cnid-engines); filter: part of a test's full name
#   ./test.sh e2e --engine-root DIR ...     on the engine and the tools of any root: one of --engine, with another dockerd in it, say
#   ./test.sh e2e --backend nftables ...    the engine's firewall back end; without it, the engine's own choice
#   ./test.sh faults [--sample N] [--seed WORD] [--log FILE] [--lanes N] [path]
#                                           cnid is killed, or fails, at each system call of each thing it does: hours. --sample: at N of
#                                           the calls of each, which the seed chooses; --log: a run that was broken off goes on by FILE.1 ...,
#                                           one for each of the lanes (2), which go side by side; path: part of a path's name
#                                           (tests/EndToEnd/Faults/FaultPaths.cs)
#   ./test.sh soak [--minutes N] [--seed WORD] [--log FILE]
#                                           sixteen users at a time on a host in trouble, for ten minutes; the log says what happened
#   ./test.sh fuzz [--minutes N] [--seed WORD] [--grow] [--report] [target]
#                                           arbitrary input for each parser of what others write, an hour by default, guided by the branches
#                                           that it takes; target: part of a target's name (tests/Fuzz/Targets). --grow: inputs that reach
#                                           new lines join the corpus; --report: the table in docs/reliability.md is of this run
#   ./test.sh vm [filter]                   a kernel of its own that boots, reboots and loses its power: user-mode Linux, whose disk and modules
#                                           are made once (some minutes) and kept in ENGINE_CACHE
set -uo pipefail
from=$PWD
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# On this host and in the root of an engine; and on this host only.
packages=(docker.io containernetworking-plugins iptables nftables busybox-static iproute2 procps curl python3 docker-compose dnsmasq-base strace
    rootlesskit slirp4netns uidmap)
tools=(debootstrap gcc libc6-dev zlib1g-dev docker-registry dbus firewalld ufw)
machine=(user-mode-linux make flex bison bc xz-utils e2fsprogs) # where there is none, the tests that boot skip
engines=(20 28) # the oldest and the newest that can be had

usage() {
    echo "usage: $0 [unit | lint | e2e [--engine N | --engine-root DIR] [--backend iptables|nftables] [filter] | faults [--sample N] [--seed WORD] [--log FILE] [--lanes N] [path] | fuzz [--minutes N] [--seed WORD] [--grow] [--report] [target] | soak [--minutes N] [--seed WORD] [--log FILE] | vm [filter]]" >&2
    exit 2
}
part=${1:-all} filter= given= backend=
seed=$(git rev-parse HEAD 2> /dev/null)
export FAULTS=all FAULT_SEED=${FAULT_SEED:-$seed} FAULT_PATH= FAULT_LANE= FAULT_LOG= SOAK_MINUTES=10 SOAK_SEED=${SOAK_SEED:-$seed} SOAK_LOG=
log= lanes=2
fuzz=(--minutes 1 --seed ci)
case $part in
    all) ;;
    unit | lint) [ $# = 1 ] || usage ;;
    e2e)
        shift
        engines=(host)
        while [ $# -gt 0 ]; do
            case $1 in
                --engine) [ $# -gt 1 ] || usage; engines=("$2"); shift ;;
                --engine-root) [ -n "${2:-}" ] || usage; given=$(cd "$from" && realpath -m "$2"); engines=(given); shift ;;
                --backend) case ${2:-} in iptables | nftables) backend=$2 ;; *) usage ;; esac; shift ;;
                -*) usage ;;
                *) [ -z "$filter" ] || usage; filter=$1 ;;
            esac
            shift
        done
        ;;
    faults)
        shift
        engines=()
        while [ $# -gt 0 ]; do
            case $1 in
                --sample) [ -n "${2:-}" ] || usage; FAULTS=$2; shift ;;
                --seed) [ -n "${2:-}" ] || usage; FAULT_SEED=$2; shift ;;
                --log) [ -n "${2:-}" ] || usage; log=$(cd "$from" && realpath -m "$2"); shift ;;
                --lanes) [ -n "${2:-}" ] || usage; lanes=$2; shift ;;
                -*) usage ;;
                *) [ -z "$FAULT_PATH" ] || usage; FAULT_PATH=$1 ;;
            esac
            shift
        done
        ;;
    soak)
        shift
        engines=()
        while [ $# -gt 0 ]; do
            case $1 in
                --minutes) [ -n "${2:-}" ] || usage; SOAK_MINUTES=$2; shift ;;
                --seed) [ -n "${2:-}" ] || usage; SOAK_SEED=$2; shift ;;
                --log) [ -n "${2:-}" ] || usage; SOAK_LOG=$(cd "$from" && realpath -m "$2"); shift ;;
                *) usage ;;
            esac
            shift
        done
        ;;
    fuzz)
        shift
        fuzz=(--seed "$seed")
        while [ $# -gt 0 ]; do
            case $1 in
                --minutes | --seed) [ -n "${2:-}" ] || usage; fuzz+=("$1" "$2"); shift ;;
                --report) fuzz+=("$1" docs/reliability.md) ;;
                --grow) fuzz+=("$1") ;;
                -*) usage ;;
                *) [ -z "$filter" ] || usage; filter=$1 fuzz+=("$1") ;;
            esac
            shift
        done
        ;;
    vm)
        [ $# -le 2 ] || usage
        filter=${2:-} engines=()
        ;;
    *) usage ;;
esac

lacking() { # PACKAGE...: those that are not installed
    local package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
    done
}

install() {
    local missing optional=()
    mapfile -t missing < <(lacking "${packages[@]}" "${tools[@]}")
    case $part in all | vm) mapfile -t optional < <(lacking "${machine[@]}") ;; esac
    [ $((${#missing[@]} + ${#optional[@]})) -gt 0 ] || return
    if [ "$(id -u)" != 0 ]; then
        [ ${#missing[@]} -eq 0 ] && return
        echo "these packages are missing, and only root can install them: ${missing[*]}" >&2
        exit 1
    fi
    echo "installing ${missing[*]} ${optional[*]}"
    # The lab starts an engine of its own; the package's must not start one on this host.
    local policy=/usr/sbin/policy-rc.d made=
    [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' > $policy && chmod +x $policy && made=1; }
    apt-get update -qq
    [ ${#optional[@]} -eq 0 ] || ! apt-cache show user-mode-linux > /dev/null 2>&1 || missing+=("${optional[@]}")
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
    local status=$?
    [ -z "$made" ] || rm -f $policy
    [ $status = 0 ] || { echo "apt could not install them" >&2; exit 1; }
}

passed=0 failed=0 skipped=0 failures=
count() { # LOG STATUS: adds a run's sums, and the names of what failed; its log goes
    local log=$1 status=$2 total errors f s
    total=$(sed -n 's/.*Total: \([0-9]*\).*/\1/p' "$log" | tail -1)
    errors=$(sed -n 's/.*Errors: \([0-9]*\).*/\1/p' "$log" | tail -1)
    f=$(sed -n 's/.*Failed: \([0-9]*\).*/\1/p' "$log" | tail -1)
    s=$(sed -n 's/.*Skipped: \([0-9]*\).*/\1/p' "$log" | tail -1)
    failures+=$(awk '/ \[FAIL\]$/ { print ""; print; getline; print }' "$log")
    rm -f "$log"
    f=$((${f:-0} + ${errors:-0})) s=${s:-0}
    [ "$status" = 0 ] || [ "$f" -gt 0 ] || f=1
    passed=$((passed + ${total:-0} - f - s)) failed=$((failed + f)) skipped=$((skipped + s))
}

# Runs go side by side, each into a log of its own; they wait for engines more than for a processor.
pids=() logs=() titles=()
trap 'kill "${pids[@]}" 2> /dev/null; wait; rm -f "${logs[@]}"' EXIT
trap 'exit 130' INT TERM
start() { # TITLE PROJECT [ARGUMENT ...]
    local project=$2
    titles+=("$1")
    shift 2
    launch "tests/$project/bin/Release/net10.0/$project" -noColor "$@"
}
launch() { # COMMAND...
    local log
    log=$(mktemp)
    "$@" > "$log" 2>&1 &
    pids+=($!) logs+=("$log")
}
start_faults() {
    local lane
    for ((lane = 1; lane <= lanes; lane++)); do
        FAULT_LANE=$lane/$lanes FAULT_LOG=${log:+$log.$lane} start "faults, lane $lane, seed $FAULT_SEED" EndToEnd -trait Faults=yes
    done
}

finish() { # shows the runs one after the other, and counts them
    local i
    for i in "${!pids[@]}"; do
        echo "== ${titles[i]}"
        tail -n +1 -f --pid="${pids[i]}" "${logs[i]}"
        wait "${pids[i]}"
        count "${logs[i]}" $?
        echo "== after $SECONDS s: $passed passed, $failed failed, $skipped skipped"
    done
    pids=() logs=() titles=()
}

# What the tests call in a root: a root that lacks some of it fails them in ways that do not say so.
called=(dockerd docker containerd runc docker-proxy iptables ip6tables nft ip tc ss busybox curl python3 docker-compose dnsmasq strace pkill rootlesskit slirp4netns newuidmap)
check() { # ROOT: may be empty, for this host
    local program missing=()
    for program in "${called[@]}"; do
        chroot "${1:-/}" /bin/sh -c 'PATH=/usr/sbin:/usr/bin:/sbin:/bin; command -v "$1"' - "$program" > /dev/null 2>&1 || missing+=("$program")
    done
    [ -z "$1" ] || [ ${#missing[@]} -eq 0 ] \
        || { echo "the root $1 lacks ${missing[*]}: start from a copy of one that --engine has made" >&2; exit 1; }
    [ "$backend" != nftables ] || chroot "${1:-/}" dockerd --help 2> /dev/null | grep -q firewall-backend \
        || { echo "the engine in ${1:-/} has no back end nftables, which came with Docker 29: leave --backend away, or give the root of a newer engine" >&2; exit 1; }
}

build() { dotnet build "tests/$1" -c Release -v quiet || { echo "tests/$1 does not build" >&2; exit 1; }; }

[ "$part" = fuzz ] || install
if [ "$part" = all ] || [ "$part" = fuzz ]; then
    build Fuzz
    titles+=("arbitrary input for the parsers")
    launch nice tests/Fuzz/bin/Release/net10.0/Fuzz "${fuzz[@]}"
fi
if [ "$part" = all ] || [ "$part" = lint ]; then
    titles+=("form and spelling")
    launch tests/lint.sh
    [ "$part" = all ] || finish
fi
if [ "$part" = all ] || [ "$part" = unit ]; then
    build CniCore.Tests
    build DockerDriver.Tests
    start "the library" CniCore.Tests
    start "the driver" DockerDriver.Tests
fi
on_engine=
case $part in unit | lint | fuzz) ;; *) on_engine=1 ;; esac
if [ -n "$on_engine" ]; then # while those run
    [ "$(id -u)" = 0 ] || { echo "the end-to-end tests need root: sudo $0" >&2; exit 1; }
    declare -A roots
    for engine in "${engines[@]}"; do
        case $engine in
            host) roots[$engine]= ;;
            given) roots[$engine]=$given ;;
            *) roots[$engine]=$(tests/EndToEnd/Host/engine-root.sh "$engine" "${packages[@]}") || exit 1 ;;
        esac
        check "${roots[$engine]}"
    done
    # In folders of its own: the tests that run meanwhile call what was built with them.
    dotnet publish src/DockerDriver -c Release -v quiet --artifacts-path artifacts/build -o artifacts/publish \
        || { echo "cnid does not publish" >&2; exit 1; }
    build EndToEnd
fi
finish
if [ -n "$on_engine" ]; then
    export CNID=$PWD/artifacts/publish/cnid ENGINE_PACKAGES="${packages[*]}" # an upgrade of the engine takes further roots
    ls -l "$CNID"
    options=(-trait- Faults=yes -trait- Vm=yes -trait- Soak=yes)
    mapfile -t classes < <(tests/EndToEnd/bin/Release/net10.0/EndToEnd -noLogo -list classes -trait- Engine=none "${options[@]}" | grep .)
    filtered=()
    [ -z "$filter" ] || filtered=(-method "*$filter*")
    options+=("${filtered[@]}")
    for engine in "${engines[@]}"; do
        name="engine $engine${roots[$engine]:+, root ${roots[$engine]}}${backend:+, $backend}"
        export ENGINE_ROOT=${roots[$engine]} ENGINE_BACKEND=$backend
        if [ "$part" = e2e ]; then
            start "$name" EndToEnd -trait- Engine=none "${options[@]}"
            continue
        fi
        for half in 0 1; do # each in a lab of its own: a test waits more than it works
            chosen=()
            for at in "${!classes[@]}"; do
                [ $((at % 2)) != $half ] || chosen+=(-class "${classes[at]}")
            done
            start "$name, half $((half + 1))" EndToEnd -trait- Engine=none "${options[@]}" "${chosen[@]}"
        done
    done
    export ENGINE_ROOT= ENGINE_BACKEND=
    # No engine has a part in these, so once is enough.
    case $part in faults | vm | soak) ;; *) start "no engine" EndToEnd -trait Engine=none "${options[@]}" ;; esac
    case $part in
        faults) start_faults ;;
        all)
            FAULTS=10 start_faults
            start "virtual machine" EndToEnd -trait Vm=yes -result-xml artifacts/vm.xml
            ;;
        soak) start "soak, seed $SOAK_SEED" EndToEnd -trait Soak=yes ;; # and 500 attachments
        vm) start "virtual machine" EndToEnd -trait Vm=yes -result-xml artifacts/vm.xml "${filtered[@]}" ;;
    esac
    finish
fi
[ -z "$failures" ] || echo "== what failed, again:$failures"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
