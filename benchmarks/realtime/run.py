"""Our websockets beside Zaptools' (FastAPI, uvicorn) and python-socketio's, in one run: ratios.

    .venv/bin/pip install -r benchmarks/realtime/requirements.txt
    REDIS_URL=redis://127.0.0.1:6379/4 .venv/bin/python benchmarks/realtime/run.py

Servers run on the first core, the load generator on the last one. It counts frames without parsing
them, so that it is not what is measured. On a machine that does other work too, CPU time per
message and per connection tells more than what the clock says.

A broadcast is asked for by an event and awaited by its handler, the same for all. Ours goes
through Redis, keeps its history and asks for permissions; the others do neither.

BENCHMARK_ROUNDS=3, BENCHMARK_ONLY=echo and BENCHMARK_SERVERS=zaptools,ours choose what is run.
"""

import asyncio
import os
import socket
import statistics
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import uvloop

sys.path.insert(0, str(Path(__file__).parent))
from peers import SocketIO, Zaptools, closed, connected, entered

ROOT = Path(__file__).parent.parent.parent
PORT = int(os.environ.get("BENCHMARK_PORT", "8141"))
OURS = "benchmarks.realtime.ours:application"
DIRECT = "realtime.direct:DirectProtocol"
SERVERS = {
    "zaptools": ("benchmarks.realtime.zaptools_server:application", "auto", Zaptools, 1),
    "socketio": ("benchmarks.realtime.socketio_server:application", "auto", SocketIO, 1),
    "ours, stock": (OURS, "websockets-sansio", Zaptools, 1),
    "ours": (OURS, DIRECT, Zaptools, 1),
    "ours, two": (OURS, DIRECT, Zaptools, 2),
}
ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "3"))
ONLY = os.environ.get("BENCHMARK_ONLY", "")
CHOSEN = [name for name in os.environ.get("BENCHMARK_SERVERS", "").split(",") if name]


class Server:
    """One or more processes that serve the same."""

    def __init__(self, name):
        application, protocol, self.wire, count = SERVERS[name]
        self.ports = [PORT + n for n in range(count)]
        self.processes = [self._start(application, protocol, port) for port in self.ports]

    def _start(self, application, protocol, port):
        command = (
            f"{sys.executable} -m uvicorn {application} --port {port} --ws {protocol}"
            " --loop uvloop --log-level warning --lifespan off --ws-per-message-deflate false"
        )
        environment = {**os.environ, "LOG_LEVEL": "WARNING"}
        process = psutil.Popen(command.split(), cwd=ROOT, env=environment)
        if hasattr(process, "cpu_affinity"):
            process.cpu_affinity([0])
        return process

    def wait(self):
        for port in self.ports:
            for _ in range(900):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()

    def cpu(self):
        """Return the seconds of CPU that each process has used."""
        return [sum(process.cpu_times()[:2]) for process in self.processes]

    def memory(self):
        return sum(process.memory_info().rss for process in self.processes)

    async def connected(self, count):
        return await connected(self.wire, self.ports, count)

    async def entered(self, count):
        return await entered(self.wire, self.ports, count)


async def memory(server, count):
    before = server.memory()
    peers = await server.entered(count)
    await asyncio.sleep(1)
    grown = server.memory() - before
    await closed(peers)
    return {"KiB/connection": grown / count / 1024}


async def connect_rate(server, count):
    with measured(server) as taken:
        peers = await server.connected(count)
    await closed(peers)
    return {"connects/s": count / taken["time"], "CPU µs/connect": taken["cpu"] / count * 1e6}


async def echo(server, count, seconds=2.0):
    peers = await server.connected(count)
    for peer in peers:
        peer.again = peer.frame("echo", "x" * 16)
        peer.transport.write(peer.again)
    await asyncio.sleep(0.5)
    before = sum(peer.count for peer in peers)
    with measured(server) as taken:
        await asyncio.sleep(seconds)
        echoes = sum(peer.count for peer in peers) - before
    await closed(peers)
    return {"echoes/s": echoes / taken["time"], "CPU µs/echo": taken["cpu"] / echoes * 1e6}


async def broadcast(server, count):
    messages = max(20, 20_000 // count)
    peers = await server.entered(count)
    with measured(server) as taken:
        for number in range(messages):
            peers[0].emit("broadcast", number)
        await asyncio.gather(*(peer.until(1 + messages) for peer in peers))
    await closed(peers)
    delivered = count * messages
    return {
        "deliveries/s": delivered / taken["time"],
        "CPU µs/delivery": taken["cpu"] / delivered * 1e6,
    }


@contextmanager
def measured(server):
    """Tell the time taken and the CPU of the process that used most: the others run beside it."""
    taken, used, started = {}, server.cpu(), time.perf_counter()
    yield taken
    taken["time"] = time.perf_counter() - started
    taken["cpu"] = max(after - before for before, after in zip(used, server.cpu(), strict=True))


MEASURES = [
    ("memory, 500 idle", memory, 500),
    ("connect", connect_rate, 1000),
    *((f"echo, {count}", echo, count) for count in (1, 50, 500)),
    *((f"broadcast, {count}", broadcast, count) for count in (100, 500, 1000)),
]


def run(name, results):
    server = Server(name)
    try:
        server.wait()
        for title, measure, count in MEASURES:
            if title.startswith(ONLY):
                for unit, value in uvloop.run(measure(server, count)).items():
                    results.setdefault((title, unit), []).append(value)
    finally:
        server.stop()


def main():
    if hasattr(psutil.Process(), "cpu_affinity"):
        psutil.Process().cpu_affinity([os.cpu_count() - 1])
    names = CHOSEN or list(SERVERS)
    results = {name: {} for name in names}
    for _ in range(ROUNDS):
        for name in names:
            run(name, results[name])
    print(f"{'':34}", *(f"{name:>12}   ratio" for name in names))
    for (title, unit), first in results[names[0]].items():
        peer = statistics.median(first)
        own = [statistics.median(results[name][title, unit]) for name in names]
        print(f"{title + ': ' + unit:34}", *(f"{value:12,.1f}{value / peer:8.2f}" for value in own))


if __name__ == "__main__":
    main()
