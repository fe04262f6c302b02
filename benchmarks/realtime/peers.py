"""The load: websocket clients that count the frames they get, and little else."""

import asyncio
import base64
import json
import os

AT_ONCE = 50


class Zaptools:
    """How its wire looks; ours is the same."""

    path = "/ws"
    mark = b'"eventName"'
    greeting = None

    @staticmethod
    def text(event, payload):
        return json.dumps({"eventName": event, "payload": payload, "headers": {}})


class SocketIO:
    path = "/socket.io/?EIO=4&transport=websocket"
    mark = b'42["'
    greeting = "40"

    @staticmethod
    def text(event, payload):
        return f"42{json.dumps([event, payload])}"


class Peer(asyncio.Protocol):
    def __init__(self, wire, port):
        self.wire = wire
        self.port = port
        self.count = 0
        self.wanted = None
        self.reached = None
        self.tail = b""
        self.opened = asyncio.get_running_loop().create_future()
        self.again = None

    def connection_made(self, transport):
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self.wire.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data):
        if not self.opened.done():
            head, _, data = data.partition(b"\r\n\r\n")
            assert b" 101 " in head, head
            self.opened.set_result(None)
            if self.wire.greeting:
                self.transport.write(frame(self.wire.greeting))
        # The mark is longer than the tail, so nothing is counted twice.
        self.count += (self.tail + data).count(self.wire.mark)
        self.tail = data[-(len(self.wire.mark) - 1) :]
        if self.again:
            self.transport.write(self.again)
        elif self.reached and self.count >= self.wanted and not self.reached.done():
            self.reached.set_result(None)

    def emit(self, event, payload=None):
        self.transport.write(self.frame(event, payload))

    def frame(self, event, payload=None):
        return frame(self.wire.text(event, payload))

    async def until(self, count):
        self.wanted, self.reached = count, asyncio.get_running_loop().create_future()
        if self.count < count:
            await asyncio.wait_for(self.reached, 60)
        self.reached = None


def frame(text):
    body = text.encode()
    assert len(body) < 126
    return bytes([0x81, 0x80 | len(body), 0, 0, 0, 0]) + body  # masked by nothing


async def connected(wire, ports, count):
    """Return so many peers, spread over the ports."""
    loop = asyncio.get_running_loop()
    peers = []
    while len(peers) < count:
        new = [Peer(wire, ports[n % len(ports)]) for n in range(min(AT_ONCE, count - len(peers)))]
        await asyncio.gather(
            *(loop.create_connection(lambda p=peer: p, "127.0.0.1", peer.port) for peer in new)
        )
        await asyncio.gather(*(peer.opened for peer in new))
        peers += new
    return peers


async def entered(wire, ports, count):
    """Return so many peers who are in the hall."""
    peers = await connected(wire, ports, count)
    for peer in peers:
        peer.emit("enter")
    await asyncio.gather(*(peer.until(1) for peer in peers))
    return peers


async def closed(peers):
    for peer in peers:
        peer.again = None
        peer.transport.abort()
    await asyncio.sleep(0.5)
