#!/bin/bash
# report.sh [LOG...]: docs/reliability.md of what ./test.sh faults --log has written down. The logs are kept as sweep.tsv, a line for all
# points of a path with the same call and fault; without LOG the page is made of that again. What was found and mended is in found.md.
# The sections "upgrade", "vm", "fuzz" and "soak", which others make, stay.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sums=$here/sweep.tsv page=$here/../../../docs/reliability.md
others=$(awk '/^<!-- (upgrade|vm|fuzz|soak) -->$/ { inside = 1; print "" } inside; /^<!-- \/(upgrade|vm|fuzz|soak) -->$/ { inside = 0 }' "$page")

# The last word on a point counts: a sweep goes on where it was, and tries again what was broken.
[ $# = 0 ] || awk -F'\t' '
    /^# .* of [0-9]+ points/ { # how many points a path has
        path = substr($0, 3); sub(/: [0-9]+ of .*/, "", path)
        match($0, / of [0-9]+ points/); points[path] = substr($0, RSTART + 4, RLENGTH - 11) + 0 }
    /^#/ { next }
    { about = $4; call = $3
      if (about ~ /^(netlink|unix|inet)/) { gsub(/ ?[0-9]+/, "", about); call = call " " about }
      key = $1 FS $2 FS $3 FS $4 FS $5; if (!(key in what)) order[++count] = key
      what[key] = $1 FS call FS $5; said[key] = $6; settled[key] = $7 + 0; seed[key] = substr($9, 1, 12) }
    END {
        for (at = 1; at <= count; at++) {
            key = order[at]; one = what[key]
            if (!(one in tried)) list[++sums] = one
            tried[one]++
            if (said[key] ~ /^broken/) broken[one]++; else if (said[key] == "held") { held[one]++; if (settled[key] > 2) late[one]++ }
            if (settled[key] > latest[one]) latest[one] = settled[key]
            seeds[seed[key]]++
        }
        for (one in seeds) print "seed" FS one FS seeds[one] | "sort"
        close("sort")
        for (path in points) print "points" FS path FS points[path] | "sort"
        close("sort")
        for (at = 1; at <= sums; at++) {
            one = list[at]
            printf "%s\t%d\t%d\t%d\t%d\t%.1f\n", one, tried[one], held[one], broken[one], late[one], latest[one]
        }
    }' "$@" > "$sums"

awk -F'\t' -v found="$here/found.md" '
    $1 == "seed" { seeds = seeds (seeds ? ", " : "") "`" $2 "` (" $3 " points)"; next }
    $1 == "points" { points[$2] = $3; there += $3; next }
    { kill = $3 == "before" || $3 == "after"; which = kill ? "killed" : "failed"
      if (!($1 in tried)) paths[++count] = $1
      tried[$1] += $4; how[$1, which] += $5; broken[$1] += $6; late[$1] += $7; if ($8 > latest[$1]) latest[$1] = $8
      calls[$2] = 1; kinds[$2, which] += $5; if (!kill) errors[$3] += $5
      all += $4; held += $5; lost += $6; slow += $7 }
    END {
        print "# Reliability\n"
        print "cnid is killed at each system call that changes something (files, mounts, namespaces, processes, sockets, netlink), and each such call,"
        print "and each opening of a file of its state, fails with every error that it can have. Then cnid is started again, and all must be as if"
        print "nothing had been: what runs is attached once and reaches the outside, nothing else is left (links, namespaces, mounts, addresses,"
        print "rules, chains, ports, files of state, processes), a fresh container works, Docker can remove the network.\n"
        print "`./test.sh faults` tries every point, for hours; with `--sample 13`, some hundred, which the commit chooses, with at least one of"
        print "each kind of call of each path and what was once found broken. How it is done, and which points are equal and tried once:"
        print "[CONTRIBUTING](../CONTRIBUTING.md#faults). This page is written by `tests/EndToEnd/Faults/report.sh` from the log of such runs.\n"
        printf "**%d points tried of %d; in %d of them the call came: %d held, %d broke.** ", all, there, held + lost, held, lost
        printf "%d of them were not settled within 2 s of the start.\n\n", slow
        print "Seeds: " seeds ".\n"
        print "| what cnid does | points | killed | failed call | broken | later than 2 s | latest |"
        print "|---|--:|--:|--:|--:|--:|--:|"
        for (at = 1; at <= count; at++) {
            path = paths[at]
            printf "| %s | %d | %d | %d | %d | %d | %.1f s |\n", path, points[path], how[path, "killed"], how[path, "failed"],
                broken[path], late[path], latest[path]
        }
        print "\n| call | killed at it | failed |"
        print "|---|--:|--:|"
        for (call in calls) printf "| `%s` | %d | %d |\n", call, kinds[call, "killed"], kinds[call, "failed"] | "sort"
        close("sort")
        printf "\nErrors: "
        for (error in errors) printf "%s %d\n", error, errors[error] | "sort | paste -sd, | sed \"s/,/, /g; s/$/./\""
        close("sort | paste -sd, | sed \"s/,/, /g; s/$/./\"")
        print ""
        while ((getline line < found) > 0) print line
    }' "$sums" > "$page"
[ -z "$others" ] || printf '%s\n' "$others" >> "$page"
