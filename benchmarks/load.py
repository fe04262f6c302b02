"""A busy company on one house: everybody writes to the bot, posts tweets and reads the feed.

Run it beside a running house:  .venv/bin/python benchmarks/load.py --seconds 600
Counts what was asked and answered and prints the requests a second, the slowest, and every failure;
the house's own log tells the rest (`grep locked`). Ends with status 1 if anything failed.
"""

import argparse
import collections
import statistics
import sys
import threading
import time

import httpx

KEY = {"api-key": "test"}


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
    given = options.parse_args()
    sys.exit(not Load(given.url, given.seconds).run())
