#!/usr/bin/env python3
"""Frames that no honest container sends, from an interface of the namespace in which this runs.

  frames.py ra IF [TAGS] [hops]                      "I am the router, here is a prefix": to all nodes of the link, behind as many
                                                    VLAN tags of number 0, behind a header of hop-by-hop options
  frames.py echo IF DST_MAC SRC_IP DST_IP [SRC_MAC]  a ping with whatever source; its answer is not awaited
  frames.py udp IF DST_MAC SRC_IP DST_IP DST_PORT    a datagram with whatever source and destination
  frames.py claim IF IP [MAC]                       "IP is at MAC": ARP to all, or a neighbour advertisement
"""
import ipaddress
import socket
import struct
import sys

what, interface, *rest = sys.argv[1:]
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind((interface, 0))
own = link.getsockname()[4]


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ones(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip4(source, target, protocol, payload):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 7, 0, 64, protocol, 0, source.packed, target.packed)
    return head[:10] + struct.pack("!H", ones(head)) + head[12:] + payload


def icmp6(source, target, hops, message):
    pseudo = source.packed + target.packed + struct.pack("!I3xB", len(message), 58)
    message = message[:2] + struct.pack("!H", ones(pseudo + message)) + message[4:]
    return struct.pack("!IHBB", 6 << 28, len(message), 58, hops) + source.packed + target.packed + message


def send(target, kind, payload, source=own):
    link.send(target + source + struct.pack("!H", kind) + payload)


def local(hardware):
    return ipaddress.ip_address(b"\xfe\x80" + bytes(6) + bytes([hardware[0] ^ 2]) + hardware[1:3] + b"\xff\xfe" + hardware[3:])


ALL_NODES = ipaddress.ip_address("ff02::1")
if what == "ra":
    prefix = struct.pack("!BBBBIII16s", 3, 4, 64, 0xC0, 86400, 86400, 0, ipaddress.ip_address("2001:db8:bad::").packed)
    router = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0x08, 1800, 0, 0) + prefix + struct.pack("!BB6s", 1, 1, own)
    packet = icmp6(local(own), ALL_NODES, 255, router)
    if "hops" in rest:
        packet = packet[:4] + struct.pack("!HB", len(packet) - 32, 0) + packet[7:40] + struct.pack("!BBBB4x", 58, 0, 1, 4) + packet[40:]
    kind, tags = 0x86DD, int(rest[0]) if rest else 0
    for _ in range(tags):
        packet, kind = struct.pack("!HH", 0, kind) + packet, 0x8100
    send(mac("33:33:00:00:00:01"), kind, packet)
elif what == "echo":
    source, target = (ipaddress.ip_address(text) for text in rest[1:3])
    sender = mac(rest[3]) if len(rest) > 3 else own
    if source.version == 4:
        ping = struct.pack("!BBHHH", 8, 0, 0, 7, 7)
        send(mac(rest[0]), 0x0800, ip4(source, target, 1, ping[:2] + struct.pack("!H", ones(ping)) + ping[4:]), sender)
    else:
        send(mac(rest[0]), 0x86DD, icmp6(source, target, 64, struct.pack("!BBHHH", 128, 0, 0, 7, 7)), sender)
elif what == "udp":
    source, target = (ipaddress.ip_address(text) for text in rest[1:3])
    if source.version == 4:
        send(mac(rest[0]), 0x0800, ip4(source, target, 17, struct.pack("!HHHH", 7, int(rest[3]), 9, 0) + b"x"))
    else:
        datagram = struct.pack("!HHHH", 7, int(rest[3]), 9, 0) + b"x"
        sum6 = ones(source.packed + target.packed + struct.pack("!I3xB", 9, 17) + datagram) or 0xFFFF
        datagram = datagram[:6] + struct.pack("!H", sum6) + datagram[8:]
        send(mac(rest[0]), 0x86DD, struct.pack("!IHBB", 6 << 28, 9, 17, 64) + source.packed + target.packed + datagram)
elif what == "claim":
    address, claimed = ipaddress.ip_address(rest[0]), mac(rest[1]) if len(rest) > 1 else own
    if address.version == 4:
        reply = struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 2, claimed, address.packed, claimed, address.packed)
        send(b"\xff" * 6, 0x0806, reply, claimed)
    else:
        advert = struct.pack("!BBHI16sBB6s", 136, 0, 0, 0x20000000, address.packed, 2, 1, claimed)
        send(mac("33:33:00:00:00:01"), 0x86DD, icmp6(address, ALL_NODES, 255, advert), claimed)
