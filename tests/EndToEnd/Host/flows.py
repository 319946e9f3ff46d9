#!/usr/bin/env python3
"""Traffic that never stops, from the namespace in which this runs: twenty times a second for each flow, until standard input ends.

  flows.py NAME=tcp:ADDRESS:PORT NAME=udp:ADDRESS:PORT ...      to programs that answer with what they were sent

In the end a line of JSON for each flow: how many messages it sent, how many of them had no answer, how often its connection
broke, and the longest time in which no answer came, in milliseconds. One that is out of a connection makes a new one.
"""
import json
import selectors
import socket
import sys
import time

PAUSE = 0.05
PATIENCE = 3  # for what is under way in the end: longer than TCP's first three repetitions


class Flow:
    def __init__(self, word):
        self.name, _, rest = word.partition("=")
        self.protocol, _, rest = rest.partition(":")
        self.address, _, port = rest.rpartition(":")
        self.port = int(port)
        self.sent = self.breaks = self.pause = 0
        self.waiting = set()
        self.lost = 0
        self.link = None
        self.rest = b""
        self.heard = time.monotonic()

    def open(self):
        kind = socket.SOCK_STREAM if self.protocol == "tcp" else socket.SOCK_DGRAM
        self.link = socket.socket(socket.AF_INET6 if ":" in self.address else socket.AF_INET, kind)
        self.link.settimeout(PATIENCE)
        try:
            self.link.connect((self.address, self.port))
        except OSError:
            self.broken()
            return
        self.link.setblocking(False)
        choice.register(self.link, selectors.EVENT_READ, self)

    def broken(self):
        if self.link is not None:
            if self.link.fileno() in choice.get_map():
                choice.unregister(self.link)
            self.link.close()
        self.link, self.rest = None, b""
        self.breaks += 1
        self.lost += len(self.waiting)
        self.waiting.clear()

    def send(self):
        if self.link is None:
            self.open()
        if self.link is None:
            return
        self.sent += 1
        self.waiting.add(self.sent)
        try:
            self.link.send(b"%d\n" % self.sent)
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            if self.protocol == "tcp":
                self.broken()

    def receive(self):
        try:
            data = self.link.recv(65536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            if self.protocol == "tcp":
                self.broken()
            return
        now = time.monotonic()
        self.pause, self.heard = max(self.pause, now - self.heard), now
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.waiting.difference_update(int(line) for line in lines)


choice = selectors.DefaultSelector()
flows = [Flow(word) for word in sys.argv[1:]]
choice.register(sys.stdin, selectors.EVENT_READ, None)
for flow in flows:
    flow.open()
print("flows", flush=True)

following, end = time.monotonic(), None
while end is None or (time.monotonic() < end and any(flow.waiting for flow in flows)):
    now = time.monotonic()
    if end is None and now >= following:
        for flow in flows:
            flow.send()
        following = max(following + PAUSE, now)
    for key, _ in choice.select(PAUSE if end else max(0, following - time.monotonic())):
        if key.data is not None:
            key.data.receive()
        elif end is None:
            choice.unregister(sys.stdin)
            end = time.monotonic() + PATIENCE
for flow in flows:
    silent = time.monotonic() - PATIENCE - flow.heard if flow.waiting else 0
    print(json.dumps({"flow": f"{flow.name} {flow.protocol}", "sent": flow.sent, "lost": flow.lost + len(flow.waiting),
                      "broken": flow.breaks, "pause": round(max(flow.pause, silent) * 1000)}))
