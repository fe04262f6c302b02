"""A busy company on one instance: everybody writes to the bot, posts tweets and reads the feed.

Run it beside a running instance:  .venv/bin/python benchmarks/load.py --seconds 600
Counts what was asked and answered and prints the requests a second, the slowest, and every failure;
see the log of the instance for the rest (`grep locked`). Where the instance runs on this machine,
the memory of each of its processes is printed too. Ends with status 1 if anything failed, or if a
process grew faster than `--growth` in the second half: in the first it warms up (threads,
dictionaries, caches), which takes minutes, so measure for ten.
"""

import argparse
import collections
import contextlib
import statistics
import sys
import threading
import time
from urllib.parse import urlsplit

import httpx
import psutil

KEY = {"api-key": "test"}


class Memory(threading.Thread):
    """Samples the resident memory of all processes of the site that listens on a port, in MiB."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.samples: dict[str, list[tuple[float, float]]] = collections.defaultdict(list)
        self._begun = time.monotonic()
        self._processes = {_label(process): process for process in _site_on(port)}

    def run(self) -> None:
        while True:
            for label, process in self._processes.items():
                with contextlib.suppress(psutil.NoSuchProcess):
                    size = process.memory_info().rss / 2**20
                    self.samples[label].append((time.monotonic() - self._begun, size))
            time.sleep(1)

    def has_grown(self, allowed: float) -> bool:
        """Print what was sampled, and whether a process grew more than `allowed` MiB a minute."""
        if not self.samples:
            print("memory   not measured: no process on this machine listens there")
        has_grown = False
        for label, samples in sorted(self.samples.items()):
            growth = _growth(samples[len(samples) // 2 :])
            has_grown |= growth > allowed
            sizes = f"{samples[0][1]:5.0f} -> {samples[-1][1]:5.0f} MiB"
            print(f"memory   {label:20} {sizes}  {growth:+5.1f} MiB/min")
        return has_grown


def _site_on(port: int) -> list[psutil.Process]:
    """Return the processes of the site: those that the parent of the web server has started."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            listens = (it.laddr.port for it in process.net_connections("inet") if not it.raddr)
            if port in listens:
                top = process.parent() if "launcher.web" in " ".join(process.cmdline()) else process
                return [top, *top.children(recursive=True)]
    return []


def _label(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    kinds = ("launcher.web", "uvicorn", "worker", "valkey", "tts.native", "manage.py")
    return f"{next((kind for kind in kinds if kind in words), process.name())} {process.pid}"


def _growth(samples: list[tuple[float, float]]) -> float:
    """Return the slope of a line through the samples, in MiB a minute."""
    if len(samples) < 10:
        return 0.0
    times, sizes = zip(*samples, strict=True)
    return statistics.linear_regression(times, sizes).slope * 60


class Load:
    def __init__(self, url: str, seconds: float) -> None:
        self.url = url
        self.end = time.monotonic() + seconds
        self.seconds = seconds
        self.times: dict[str, list[float]] = collections.defaultdict(list)
        self.failures: collections.Counter[str] = collections.Counter()
        world = httpx.get(f"{url}/sandbox/world").raise_for_status().json()
        self.people, self.bot = world["people"], world["bots"][0]

    def run(self) -> bool:
        workers = [threading.Thread(target=self.chat, args=(person,)) for person in self.people]
        workers += [threading.Thread(target=self.post), threading.Thread(target=self.read)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        for name, times in self.times.items():
            rate = len(times) / self.seconds
            median = statistics.median(times) * 1000
            print(f"{name:8} {rate:6.1f}/s  median {median:5.0f} ms  slowest {max(times):.2f} s")
        print("failures:", dict(self.failures) or "none")
        return not self.failures

    def chat(self, person: dict) -> None:
        """Write to the bot at the pace that Pachca allows in one chat."""
        target = {"entity_type": "user", "entity_id": self.bot["id"], "content": "/hello"}
        headers = {"Authorization": f"Bearer {person['token']}"}
        with httpx.Client(headers=headers, timeout=30) as client:
            while time.monotonic() < self.end:
                self.ask(client, "write", "POST", "/sandbox/api/shared/v1/messages", target)
                time.sleep(0.27)

    def post(self) -> None:
        with httpx.Client(headers=KEY, timeout=30) as client:
            while time.monotonic() < self.end:
                self.ask(client, "tweet", "POST", "/api/tweets", {"tweet_data": "busy"})
                time.sleep(0.2)

    def read(self) -> None:
        with httpx.Client(headers=KEY, timeout=30) as client:
            while time.monotonic() < self.end:
                self.ask(client, "feed", "GET", "/api/tweets?limit=20")
                time.sleep(0.1)

    def ask(
        self, client: httpx.Client, name: str, verb: str, path: str, body: dict | None = None
    ) -> None:
        wrapped = {"message": body} if name == "write" else body
        started = time.monotonic()
        try:
            answer = client.request(verb, self.url + path, json=wrapped)
        except httpx.HTTPError as error:
            self.failures[f"{name} {type(error).__name__}"] += 1
            return
        self.times[name].append(time.monotonic() - started)
        if answer.status_code >= 400 and answer.status_code != 429:
            self.failures[f"{name} {answer.status_code}"] += 1


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", default="http://127.0.0.1:8000")
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--growth", type=float, default=4, help="MiB a minute that are allowed")
    given = options.parse_args()
    memory = Memory(urlsplit(given.url).port or 80)
    memory.start()
    is_fine = Load(given.url, given.seconds).run()
    sys.exit(memory.has_grown(given.growth) or not is_fine)
