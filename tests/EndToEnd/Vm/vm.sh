#!/bin/bash
# A machine that is on until its kernel ends, this script is killed, or whoever started it has gone. Standard input and output are its
# serial line.
#
#   vm.sh FOLDER ROOT [WORD...]     FOLDER: what is its own     ROOT: what vm-root.sh has made     WORD: for its kernel
set -euo pipefail
folder=$1 root=$2
shift 2
exec 3<&0 # what runs in the background has none
# In a process namespace: the kernel has a process for each of the machine's, and they all end with the first. Before others: what runs
# in the machine has time limits, and one processor at most.
setpriv --pdeathsig KILL nice -n -8 unshare --mount --net --pid --fork --kill-child=KILL --mount-proc -- \
    env LD_PRELOAD="$root/xstate.so" TMPDIR=/dev/shm linux.uml mem=1G "ubd0=$folder/disk,$root/disk" root=/dev/ubda rw \
    "hostfs=$folder/host" "uml_dir=$folder" umid=vm con=null con0=null,fd:2 ssl=null ssl0=fd:0,fd:1 console=tty0 \
    apparmor=0 selinux=0 quiet "$@" <&3 2>> "$folder/console.log" &
exec < /dev/null > /dev/null 3<&- # the line is closed when the machine is gone
setpriv --pdeathsig KILL tail -f --pid=$PPID /dev/null &
wait -n
