#!/bin/bash
# Writes docs/conformance.md anew: every plugin that can be tried here, against the CNI spec. Root.
#
#   docs/conformance.sh CNID LABEL=FOLDER ...      FOLDER: with executables of the reference plugins; LABEL: their version
set -uo pipefail
cnid=$(realpath "$1")
shift
cd "$(dirname "$0")"

types() { # FOLDER
    for type in bridge ptp macvlan ipvlan vlan host-device dummy tap loopback host-local static dhcp portmap firewall tuning bandwidth sbr vrf; do
        [ -x "$1/$type" ] && echo "$1/$type"
    done
}

{
    sed '/^<!-- results -->$/q' conformance.md
    echo
    echo "### Built-in"
    echo
    "$cnid" conformance --markdown --builtin bridge ptp macvlan loopback host-local static portmap firewall tuning
    for one in "$@"; do
        echo
        echo "### Reference plugins ${one%%=*}"
        echo
        # shellcheck disable=SC2046
        "$cnid" conformance --markdown $(types "${one#*=}")
    done
    true # 1 says that a plugin has failed, which is what the page is for
} > conformance.new && mv conformance.new conformance.md
