# What the benches of the engine print. A file of results has a line each: NAME VALUE.
median() { # FILE NAME
    awk -v name="$2" '$1 == name { print $2 }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}
report() { # FILE UNIT NAME...
    local name
    for name in "${@:3}"; do printf '%-28s %8.2f %s\n' "$name" "$(median "$1" "$name")" "$2"; done
}
ratio() { # FILE NAME NAME
    printf '%-28s %8.2f\n' "$2 / $3" "$(awk "BEGIN { print $(median "$1" "$2") / $(median "$1" "$3") }")"
}
