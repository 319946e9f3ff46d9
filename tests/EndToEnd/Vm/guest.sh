#!/bin/bash
# What the tests do in the machine.
#
#   guest.sh early      the clock, and an "internet": one host behind a veth
#   guest.sh agent      runs commands: on the serial line comes "ID SECONDS", the command is in /host/ID.sh; the answer on the line is
#                       "done ID STATUS", and /host/ID.out and ID.err hold what it said
case $1 in
    early)
        for word in $(cat /proc/cmdline); do
            [[ $word != clock=* ]] || date -s "@${word#clock=}"
        done
        ip link set lo up
        ip netns add internet
        ip link add wan type veth peer name eth0 netns internet
        ip address add 203.0.113.1/24 dev wan
        ip -6 address add 2001:db8:ffff::1/64 dev wan nodad
        ip link set wan up
        ip -n internet address add 203.0.113.2/24 dev eth0
        ip -n internet -6 address add 2001:db8:ffff::2/64 dev eth0 nodad
        ip -n internet link set eth0 up
        ip -n internet link set lo up
        ip route add default via 203.0.113.2
        ip -6 route add default via 2001:db8:ffff::2
        ;;
    agent)
        exec < /dev/ttyS0 > /dev/ttyS0
        stty raw -echo
        mkdir -p /run/agent
        echo "ready $(cat /proc/sys/kernel/random/boot_id)"
        while read -r id seconds; do
            (
                timeout -k 5 "$seconds" bash "/host/$id.sh" > "/run/agent/$id.out" 2> "/run/agent/$id.err" < /dev/null
                status=$?
                cp "/run/agent/$id.out" "/run/agent/$id.err" /host/
                rm "/run/agent/$id".*
                echo "done $id $status"
            ) &
        done
        ;;
esac
