#!/bin/bash
# report.sh LOG: the log of ./test.sh faults --log LOG as docs/reliability.md.
set -euo pipefail
awk -F'\t' '
    { split($2, point, " "); call = point[2]; fault = point[3] == "before" || point[3] == "after" ? "killed" : "failed"
      if (!($1 in tried)) paths[++count] = $1
      if (seen[$1 FS $2]++) next
      tried[$1]++; how[$1, fault]++; kinds[call, fault]++; names[call] = 1; all++
      if ($3 == "held") held++; else { broken[$1]++; list[++lost] = "- " $1 ": " $2 ": " substr($3, 9) } }
    END {
        print "# Reliability\n"
        print "cnid is killed before and after system calls that change something (files, mounts, namespaces, processes, sockets, netlink), and such calls"
        print "fail with the errors they can have. Then it is started again, and must find to its state: what runs is attached once and reaches the outside,"
        print "nothing else is left (links, namespaces, mounts, addresses, rules, state files), a fresh container works, Docker can remove the network."
        print "`./test.sh faults` tries every call, for hours; with `--sample`, some of them, which a seed chooses. How: `tests/EndToEnd/Faults`.\n"
        print "This page is made of a log by `tests/EndToEnd/Faults/report.sh`: " all " points, " held " held.\n"
        print "| what cnid does | points | killed | failed call | broken |"
        print "|---|--:|--:|--:|--:|"
        for (at = 1; at <= count; at++) {
            path = paths[at]
            printf "| %s | %d | %d | %d | %d |\n", path, tried[path], how[path, "killed"], how[path, "failed"], broken[path]
        }
        print "\n| call | killed at it | failed |"
        print "|---|--:|--:|"
        for (call in names) printf "| `%s` | %d | %d |\n", call, kinds[call, "killed"], kinds[call, "failed"] | "sort"
        close("sort")
        if (lost) { print "\nBroken:\n"; for (at = 1; at <= lost; at++) print list[at] }
    }' "$1"
