"""How much longer a page of 20 tweets takes on a large database than on a small one.

    for N in 1000 1000000; do
        export DATABASE_URL=postgres://postgres@127.0.0.1:5432/crowd_$N
        .venv/bin/python manage.py migrate && .venv/bin/python manage.py seed_demo --tweets $N
    done
    .venv/bin/python benchmarks/twitter/flat.py DATABASE_URL_OF_THE_SMALL OF_THE_LARGE

The call as a server makes it (middleware, key, queries, JSON), without the network, in a process
per database, turn by turn. Whoever asks follows FOLLOWED people. The deep page is the 1,000th by
its cursor; on a small database, the last. The few tweets of the demo, which nobody likes, are on
the first page of a small database only: its first page shows fewer likes.
BENCHMARK_ROUNDS=300 chooses how many times each.
"""

import json
import os
import statistics
import subprocess
import sys
import time
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
    ask, deep = prepare()
    pages = {
        "feed, first page": f"/api/tweets?limit={SIZE}",
        "feed, deep page": f"/api/tweets?limit={SIZE}&cursor={deep}",
        "popular": f"/api/tweets?limit={SIZE}&feed=popular",
        "following": f"/api/tweets?limit={SIZE}&feed=following",
    }
    print(json.dumps(list(pages)), flush=True)
    for name in sys.stdin:
        began = time.perf_counter()
        ask(pages[name.strip()])
        print((time.perf_counter() - began) * 1e3, flush=True)


def prepare():
    """Return what asks for a page, and the cursor of the deep one."""
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
    if ApiKey.objects.owner_of(KEY) is None:
        ApiKey.objects.adopt(person, "benchmark", KEY)
        follows = [Follow(follower=person, followed=other) for other in others]
        Follow.objects.bulk_create(follows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    feed = Tweet.objects.feed()
    before_it = min(SIZE * (DEEP - 1), feed.count() - SIZE) - 1
    client = Client(headers={"api-key": KEY})

    def ask(path):
        answer = client.get(path)
        if len(answer.json()["tweets"]) != SIZE:
            sys.exit(f"{path}: {answer.content[:200]!r}")

    return ask, Cursor.after(feed[before_it])


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
            f"{page:18} best {best[0]:6.2f} and {best[1]:6.2f} ms, {best[1] / best[0]:.2f}x;"
            f"  median {median[0]:6.2f} and {median[1]:6.2f} ms, {ratio:.2f}x"
            f"{'' if ratio <= MOST_RATIO else '  MORE THAN ' + str(MOST_RATIO)}"
        )
    for process in processes:
        process.stdin.close()
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:]) if sys.argv[1:] else serve()
