"""The load: WebSocket clients that count the frames they receive."""

import asyncio
import base64
import json
import os

AT_ONCE = 50


class Zaptools:
    """Zaptools' wire format, which is also ours."""

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


class Crowd(list):
    """Peers of one server, and the number of frames that they have received."""

    def __init__(self):
        self.count = 0
        self.wanted = None
        self.reached = None

    def hear(self, count):
        self.count += count
        if self.reached and self.count >= self.wanted:
            self.reached.set_result(None)
            self.reached = None

    async def until(self, count):
        if self.count < count:
            self.wanted, self.reached = count, asyncio.get_running_loop().create_future()
            await asyncio.wait_for(self.reached, 60)


class Peer(asyncio.Protocol):
    """Answers each frame that it receives with `again`, if that is set."""

    def __init__(self, crowd, wire, port):
        self.crowd = crowd
        self.wire = wire
        self.port = port
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
        count = (self.tail + data).count(self.wire.mark)
        self.tail = data[-(len(self.wire.mark) - 1) :]
        if count:
            self.crowd.hear(count)
            if self.again:
                self.transport.write(self.again * count)

    def emit(self, event, payload=None):
        self.transport.write(self.frame(event, payload))

    def frame(self, event, payload=None):
        return frame(self.wire.text(event, payload))


def frame(text):
    body = text.encode()
    assert len(body) < 126
    return bytes([0x81, 0x80 | len(body), 0, 0, 0, 0]) + body  # masked with zeros


async def connected(wire, ports, count):
    """Connect `count` peers, spread over the ports."""
    loop = asyncio.get_running_loop()
    crowd = Crowd()
    while len(crowd) < count:
        new = [
            Peer(crowd, wire, ports[n % len(ports)])
            for n in range(min(AT_ONCE, count - len(crowd)))
        ]
        await asyncio.gather(
            *(loop.create_connection(lambda p=peer: p, "127.0.0.1", peer.port) for peer in new)
        )
        await asyncio.gather(*(peer.opened for peer in new))
        crowd += new
    return crowd


async def entered(wire, ports, count):
    """Connect `count` peers that have joined the room."""
    crowd = await connected(wire, ports, count)
    for peer in crowd:
        peer.emit("enter")
    await crowd.until(count)
    return crowd


async def closed(crowd):
    for peer in crowd:
        peer.again = None
    await asyncio.sleep(0.5)  # for frames in flight
    for peer in crowd:
        peer.transport.abort()
    await asyncio.sleep(0.5)
