"""How much longer a page of 20 tweets takes on a large database than on a small one.

    for N in 1000 1000000; do
        export DATABASE_URL=postgres://postgres@127.0.0.1:5432/crowd_$N
        .venv/bin/python manage.py migrate && .venv/bin/python manage.py seed_demo --tweets $N
    done
    .venv/bin/python benchmarks/twitter/flat.py DATABASE_URL_OF_THE_SMALL OF_THE_LARGE

The call as a server makes it (middleware, key, queries, JSON), turn by turn: within the process,
where nothing dilutes the difference, and over HTTP from one uvicorn worker, as people wait for it.
The reader follows FOLLOWED people. The deep page is the 1,000th by its cursor; on a small
database, the last. The few tweets of the demo are on the first page of a small database only.
BENCHMARK_ROUNDS=300 chooses how many times each.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))
ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "300"))
KEY = "benchmark-key-0123456789"
SIZE = 20
DEEP = 1_000
FOLLOWED = 8
MOST_RATIO = 1.2


def serve():
    """Answer each line, the path of a page, with how many ms it took."""
    client, deep = prepare()
    pages = {
        "feed, first page": f"/api/tweets?limit={SIZE}",
        "feed, deep page": f"/api/tweets?limit={SIZE}&cursor={deep}",
        "popular": f"/api/tweets?limit={SIZE}&feed=popular",
        "following": f"/api/tweets?limit={SIZE}&feed=following",
    }
    with connected() as ask_over_http:
        ways = {"within": lambda path: client.get(path).content, "HTTP": ask_over_http}
        calls = {f"{page}, {way}": (ways[way], pages[page]) for page in pages for way in ways}
        print(json.dumps(list(calls)), flush=True)
        for name in sys.stdin:
            ask, path = calls[name.strip()]
            began = time.perf_counter()
            answer = ask(path)
            print((time.perf_counter() - began) * 1e3, flush=True)
            if len(json.loads(answer)["tweets"]) != SIZE:
                sys.exit(f"{path}: {answer[:200]!r}")


@contextmanager
def connected():
    """Start a server with one worker, and yield what asks it for a page."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = f"{sys.executable} -m uvicorn project.asgi:application --port {port} --no-access-log"
    server = subprocess.Popen([*command.split(), "--log-level", "warning"], cwd=ROOT)
    connection = HTTPConnection("127.0.0.1", port)

    def ask(path):
        connection.request("GET", path, headers={"api-key": KEY})
        return connection.getresponse().read()

    try:
        wait(port)
        yield ask
    finally:
        server.terminate()
        server.wait()


def wait(port):
    for _ in range(300):
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.2)
    sys.exit("the server does not answer")


def prepare():
    """Return a client of the site in this process, and the cursor of the deep page."""
    own = {"DEBUG": "0", "HTTPS": "0", "ALLOWED_HOSTS": "*", "SECRET_KEY": "benchmark" * 8}
    limits = {"API_CALLS_PER_KEY": "100000000", "LOG_LEVEL": "WARNING"}
    os.environ.update(own | limits, DJANGO_SETTINGS_MODULE="project.settings")
    import django  # noqa: PLC0415  the settings come first

    django.setup()
    from django.db import connection  # noqa: PLC0415  the same
    from django.test import Client  # noqa: PLC0415  the same

    from twitter.feed import Cursor  # noqa: PLC0415  the same
    from twitter.models import ApiKey, Follow, Tweet, User  # noqa: PLC0415  the same

    person, *others = User.objects.filter(is_active=True).order_by("-pk")[: FOLLOWED + 1]
    if ApiKey.objects.find_owner(KEY) is None:
        ApiKey.objects.adopt(person, "benchmark", KEY)
        follows = [Follow(follower=person, followed=other) for other in others]
        Follow.objects.bulk_create(follows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    feed = Tweet.objects.feed()
    before_it = min(SIZE * (DEEP - 1), feed.count() - SIZE) - 1
    return Client(headers={"api-key": KEY}), Cursor.after(feed[before_it])


def served(database):
    return subprocess.Popen(
        [sys.executable, __file__],
        env={**os.environ, "DATABASE_URL": database},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def took(process, page):
    process.stdin.write(f"{page}\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def main(small, large):
    processes = [served(small), served(large)]
    pages, _ = (json.loads(process.stdout.readline()) for process in processes)
    times = {page: ([], []) for page in pages}
    for _ in range(ROUNDS):
        for page in pages:
            for process, its in zip(processes, times[page], strict=True):
                its.append(took(process, page))
    for page, both in times.items():
        best, median = ([of(its) for its in both] for of in (min, statistics.median))
        ratio = median[1] / median[0]
        print(
            f"{page:24} best {best[0]:6.2f} and {best[1]:6.2f} ms, {best[1] / best[0]:.2f}x;"
            f"  median {median[0]:6.2f} and {median[1]:6.2f} ms, {ratio:.2f}x"
            f"{'' if ratio <= MOST_RATIO else '  MORE THAN ' + str(MOST_RATIO)}"
        )
    for process in processes:
        process.stdin.close()
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:]) if sys.argv[1:] else serve()
