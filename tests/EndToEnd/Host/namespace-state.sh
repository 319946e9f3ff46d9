#!/bin/bash
# Prints what a network namespace holds, in words that two namespaces can be compared by: without interface numbers, and without what
# the kernel makes for every interface that comes up.
#
#   namespace-state.sh FILE      FILE: the namespace, such as /run/netns/NAME or /proc/PID/ns/net
exec nsenter --net="$1" bash -s <<'EOF'
PATH=/usr/sbin:/usr/bin:/sbin:/bin
tidy() { sed -E 's/^[0-9]+: //; s/@[a-z0-9]+//g; s/ (master|link-netns|link-netnsid|group|state) [^ ]+//g; s/[ \t]+/ /g; s/ $//'; }
links() { ip -o link | awk -F': ' '{print $2}' | sed 's/@.*//' | grep -vE '^(lo|tunl0|sit0|ip6tnl0|gre0|gretap0|erspan0)$'; }
echo '# links'
for link in lo $(links); do ip -o link show dev "$link" | tidy | sed -E 's/ link\/.*//; s/,(LOWER_UP|NO-CARRIER)|(NO-CARRIER),//g'; done | sort
echo '# addresses'
ip -o address show | grep -vE 'inet6 fe80:|^1: lo +inet6? (127.0.0.1|::1)' | tidy | sed -E 's/( nodad)?\\? valid_lft.*//; s/ nodad//' | sort
echo '# routes'
{ ip route show table all; ip -6 route show table all; } | grep -vE 'table local|^(fe80|ff00|multicast ff00|local ::1|::1 dev lo|local ::)' | tidy | sort
echo '# rules'
{ ip rule; ip -6 rule | sed 's/^/v6 /'; } | tidy | sort
echo '# neighbours'
{ ip neighbour show nud permanent; ip neighbour show proxy; ip -6 neighbour show proxy; } | tidy | sort
echo '# queues'
for link in $(links); do
    { tc qdisc show dev "$link" | grep -v ' 0: '
      tc class show dev "$link" | sed -E 's/ leaf [0-9a-f]+://; s/ (refcnt|burst|cburst) [^ ]+//g'
      for parent in root ingress; do tc filter show dev "$link" $parent 2> /dev/null; done; } | sed "s/^/$link: /; s/ refcnt [0-9]+//; s/ index [0-9]+ ref.*//; s/ direct_packets_stat [0-9]*//" | tidy
done
echo '# sysctls'
cd /proc/sys/net
find . -type f -perm -600 | sort | xargs grep -H '' 2> /dev/null | grep -vE '/(conf|neigh)/(tunl0|sit0|ip6tnl0)/' | sed -E 's/^\.\///; s/[ \t]+/ /g'
EOF
