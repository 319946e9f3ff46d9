#!/bin/bash
# An "internet" for a host in a namespace or a machine of its own: one host, in the namespace "internet", behind the uplink "wan".
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
