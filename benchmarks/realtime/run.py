"""Compare our WebSockets with Zaptools' (FastAPI, uvicorn) and python-socketio's in one run.

    .venv/bin/pip install -r benchmarks/realtime/requirements.txt
    REDIS_URL=redis://127.0.0.1:6379/4 .venv/bin/python benchmarks/realtime/run.py

Servers run on the first core, the load generator on the last one. It counts frames without parsing
them, so that it is not the bottleneck, and reports its CPU usage. On a machine that does other work
too, CPU time per message and per connection is more meaningful than wall-clock time; of two
processes it is that of the busier one.

A broadcast is requested by an event and awaited by its handler, in all servers. With a window of n,
n broadcasts are in flight at any time. "Paced" requests them at a fixed rate that leaves every
server idle in between; only the CPU time is compared. Our server publishes through Redis, stores
the history and checks permissions; the others do not. The garbage collector is tuned alike.

BENCHMARK_ROUNDS=3, BENCHMARK_ONLY=echo and BENCHMARK_SERVERS=zaptools,ours select what is run.
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
    "ours stock": (OURS, "websockets-sansio", Zaptools, 1),
    "ours": (OURS, DIRECT, Zaptools, 1),
    "ours two": (OURS, DIRECT, Zaptools, 2),
}
ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "3"))
ONLY = os.environ.get("BENCHMARK_ONLY", "")
WARM_UP, SECONDS = 0.5, 2.0
WINDOWS = (1, 4, 16)
PACE = 20
"""Broadcasts per second of the paced measurement."""
CHOSEN = [name for name in os.environ.get("BENCHMARK_SERVERS", "").split(",") if name]


class Server:
    """One or more processes of the same server."""

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
    crowd = await server.entered(count)
    await asyncio.sleep(1)
    grown = server.memory() - before
    await closed(crowd)
    return {"KiB/connection": grown / count / 1024}


async def connect_rate(server, count):
    with measured(server) as taken:
        crowd = await server.connected(count)
    await closed(crowd)
    return figures("connect", count, taken)


async def echo(server, count):
    crowd = await server.connected(count)
    for peer in crowd:
        peer.again = peer.frame("echo", "x" * 16)
        peer.transport.write(peer.again)
    return await flow(server, crowd, "echo")


def broadcast(window):
    async def measure(server, count):
        """Have one peer request the next broadcast whenever it receives one."""
        crowd = await server.entered(count)
        leader = crowd[0]
        leader.again = leader.frame("broadcast", 7)
        leader.transport.write(leader.again * window)
        return await flow(server, crowd, "delivery")

    return measure


async def paced(server, count):
    """Have one peer request broadcasts at a fixed rate."""
    crowd = await server.entered(count)
    pacing = asyncio.create_task(ask_at_a_pace(crowd[0]))
    taken = await flow(server, crowd, "delivery")
    pacing.cancel()
    return taken


async def ask_at_a_pace(leader):
    while not leader.transport.is_closing():
        leader.emit("broadcast", 7)
        await asyncio.sleep(1 / PACE)


async def flow(server, crowd, unit):
    """Measure a self-sustaining stream of frames."""
    await asyncio.sleep(WARM_UP)
    before = crowd.count
    with measured(server) as taken:
        await asyncio.sleep(SECONDS)
        frames = crowd.count - before
    await closed(crowd)
    return figures(unit, frames, taken)


def figures(unit, count, taken):
    return {
        f"{unit}: per second": count / taken["time"],
        f"{unit}: CPU µs": taken["cpu"] / count * 1e6,
        f"{unit}: generator busy %": taken["generator"] / taken["time"] * 100,
    }


@contextmanager
def measured(server):
    """Measure wall-clock time, the CPU time of the busiest server process, and the generator's."""
    taken, used, own = {}, server.cpu(), time.process_time()
    started = time.perf_counter()
    yield taken
    taken["time"] = time.perf_counter() - started
    taken["cpu"] = max(after - before for before, after in zip(used, server.cpu(), strict=True))
    taken["generator"] = time.process_time() - own


MEASURES = [
    ("memory, 500 idle", memory, 500),
    ("connect", connect_rate, 1000),
    *((f"echo, {count}", echo, count) for count in (1, 50, 500)),
    *(
        (f"broadcast, {count}, window {window}", broadcast(window), count)
        for count in (100, 500, 1000)
        for window in WINDOWS
    ),
    ("broadcast, 500, paced", paced, 500),
]


async def warm_up(server):
    await closed(await server.entered(50))


def run(name, results):
    server = Server(name)
    try:
        server.wait()
        uvloop.run(warm_up(server))
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
    print(f"{'':44}", *(f"{name:>12}   ratio" for name in names))
    for (title, unit), first in results[names[0]].items():
        peer = statistics.median(first)
        own = [statistics.median(results[name][title, unit]) for name in names]
        print(f"{title + ': ' + unit:44}", *(f"{value:12,.1f}{value / peer:8.2f}" for value in own))


if __name__ == "__main__":
    main()
