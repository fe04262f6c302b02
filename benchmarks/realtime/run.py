"""Our websockets beside Zaptools' (FastAPI, uvicorn), in one run: ratios, and CPU per message.

    .venv/bin/pip install -r benchmarks/realtime/requirements.txt
    REDIS_URL=redis://127.0.0.1:6379/4 .venv/bin/python benchmarks/realtime/run.py

Servers run on the first core, the load generator on the last one. It counts frames without parsing
them, so that it is not what is measured.
"""

import asyncio
import base64
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import uvloop

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PORT = int(os.environ.get("BENCHMARK_PORT", "8141"))
SERVERS = {
    "zaptools": ("benchmarks.realtime.zaptools_server:application", "auto"),
    "ours, stock": ("benchmarks.realtime.ours:application", "websockets-sansio"),
    "ours": ("benchmarks.realtime.ours:application", "realtime.direct:DirectProtocol"),
}
ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "3"))
ONLY = os.environ.get("BENCHMARK_ONLY", "")
MARK = b'"eventName"'


class Peer(asyncio.Protocol):
    """A websocket client that counts the frames it gets, and little else."""

    def __init__(self):
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
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data):
        if not self.opened.done():
            head, _, data = data.partition(b"\r\n\r\n")
            assert b" 101 " in head, head
            self.opened.set_result(None)
        # The mark is longer than the tail, so nothing is counted twice.
        self.count += (self.tail + data).count(MARK)
        self.tail = data[-(len(MARK) - 1) :]
        if self.again:
            self.transport.write(self.again)
        elif self.reached and self.count >= self.wanted and not self.reached.done():
            self.reached.set_result(None)

    def emit(self, event, payload=None):
        self.transport.write(frame(event, payload))

    async def until(self, count):
        self.wanted, self.reached = count, asyncio.get_running_loop().create_future()
        if self.count < count:
            await asyncio.wait_for(self.reached, 60)
        self.reached = None


def frame(event, payload=None):
    text = json.dumps({"eventName": event, "payload": payload, "headers": {}}).encode()
    assert len(text) < 126
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text  # masked by nothing


async def connected(count):
    loop = asyncio.get_running_loop()
    peers = []
    while len(peers) < count:
        some = min(50, count - len(peers))
        pairs = await asyncio.gather(
            *(loop.create_connection(Peer, "127.0.0.1", PORT) for _ in range(some))
        )
        new = [peer for _, peer in pairs]
        await asyncio.gather(*(peer.opened for peer in new))
        peers += new
    return peers


async def closed(peers):
    for peer in peers:
        peer.again = None
        peer.transport.abort()
    await asyncio.sleep(0.5)


async def entered(count):
    peers = await connected(count)
    for peer in peers:
        peer.emit("enter")
    await asyncio.gather(*(peer.until(1) for peer in peers))
    return peers


async def connect_rate(server, count):
    used, started = cpu(server), time.perf_counter()
    peers = await connected(count)
    rate = count / (time.perf_counter() - started)
    used = cpu(server) - used
    await closed(peers)
    return {"connects/s": rate, "CPU µs/connect": used / count * 1e6}


async def memory(server, count):
    before = server.memory_info().rss
    peers = await entered(count)
    await asyncio.sleep(1)
    grown = server.memory_info().rss - before
    await closed(peers)
    return {"KiB/connection": grown / count / 1024}


async def echo(server, count, seconds=2.0):
    peers = await connected(count)
    for peer in peers:
        peer.again = frame("echo", "x" * 16)
        peer.transport.write(peer.again)
    await asyncio.sleep(0.5)
    before, started = sum(peer.count for peer in peers), time.perf_counter()
    await asyncio.sleep(seconds)
    rate = (sum(peer.count for peer in peers) - before) / (time.perf_counter() - started)
    await closed(peers)
    return {"echoes/s": rate}


async def broadcast(server, count):
    messages = max(4, 10_000 // count)
    peers = await entered(count)
    used, started = cpu(server), time.perf_counter()
    peers[0].emit("broadcast", messages)
    await asyncio.gather(*(peer.until(1 + messages) for peer in peers))
    taken, used = time.perf_counter() - started, cpu(server) - used
    await closed(peers)
    delivered = count * messages
    return {"deliveries/s": delivered / taken, "CPU µs/delivery": used / delivered * 1e6}


def cpu(server):
    times = server.cpu_times()
    return times.user + times.system


MEASURES = [
    ("memory, 500 idle", memory, 500),
    ("connect", connect_rate, 1000),
    *((f"echo, {count}", echo, count) for count in (1, 50, 500)),
    *((f"broadcast, {count}", broadcast, count) for count in (100, 500, 1000)),
]


@contextmanager
def serving(name):
    application, protocol = SERVERS[name]
    process = subprocess.Popen(
        f"{sys.executable} -m uvicorn {application} --port {PORT} --ws {protocol}"
        " --loop uvloop --log-level warning --lifespan off".split(),
        cwd=ROOT,
        env={**os.environ, "LOG_LEVEL": "WARNING"},
    )
    server = psutil.Process(process.pid)
    if hasattr(server, "cpu_affinity"):
        server.cpu_affinity([0])
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                    break
            time.sleep(0.1)
        yield server
    finally:
        process.kill()
        process.wait()


def main():
    if hasattr(psutil.Process(), "cpu_affinity"):
        psutil.Process().cpu_affinity([os.cpu_count() - 1])
    results = {name: {} for name in SERVERS}
    for _ in range(ROUNDS):
        for name in SERVERS:
            with serving(name) as server:
                for title, measure, count in MEASURES:
                    if not title.startswith(ONLY):
                        continue
                    for unit, value in uvloop.run(measure(server, count)).items():
                        results[name].setdefault((title, unit), []).append(value)
    print(f"{'':34}", *(f"{name:>12}   ratio" for name in SERVERS))
    for (title, unit), theirs in results["zaptools"].items():
        peer = statistics.median(theirs)
        own = [statistics.median(results[name][title, unit]) for name in SERVERS]
        print(f"{title + ': ' + unit:34}", *(f"{value:12,.1f}{value / peer:8.2f}" for value in own))


if __name__ == "__main__":
    main()
