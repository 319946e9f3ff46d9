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
        . /host/internet.sh
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
