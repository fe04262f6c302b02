"""Calls of the API a second: ours beside bare aiohttp and httpx; this Pachca answers at once.

    .venv/bin/python benchmarks/bots/calls.py                       # SQLite, embedded Valkey
    DATABASE_URL=postgres://… REDIS_URL=redis://… .venv/bin/python benchmarks/bots/calls.py

The peers only make the requests, by one client. "Api" is ours without transformers, and makes them
by aiohttp; "as handlers have it" also keeps Pachca's limits in Redis, would repeat what fails, and
writes each call into the journal, one after the other. As many bots share the calls as the limits
need.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
PORT = int(os.environ.get("BENCHMARK_PORT", "8167"))
URL = f"http://127.0.0.1:{PORT}"
ROUNDS, BOTS, EACH, AT_ONCE = 3, 40, 10, 32


async def pachca(scope, receive, send):
    """Answer every request as Pachca answers for a profile."""
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"data": {"id": 1, "bot": true}}'})


async def rate(call):
    """Make the calls, some at once, and return how many a second there were."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(number):
        async with room:
            await call(number)

    started = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(BOTS * EACH)))
    return BOTS * EACH / (time.perf_counter() - started)


async def bare_aiohttp(_round):
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200)) as client:

        async def call(_number):
            asked = client.get(f"{URL}/profile", headers={"Authorization": "Bearer x"})
            async with asked as answer:
                assert (await answer.json())["data"]["id"] == 1

        return await rate(call)


async def bare_httpx(_round):
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=200)) as client:

        async def call(_number):
            answer = await client.get(f"{URL}/profile", headers={"Authorization": "Bearer x"})
            assert answer.json()["data"]["id"] == 1

        return await rate(call)


async def ours(make, number_of_round):
    bots = [row(number_of_round, number) for number in range(BOTS)]
    await Bot.objects.abulk_create(bots)
    apis = [make(bot) for bot in bots]
    try:
        return await rate(lambda number: apis[number % BOTS].get_profile())
    finally:
        await connection.close()


def row(number_of_round, number):
    name = f"{time.time_ns()}-{number_of_round}-{number}"
    return Bot(name=name, slug=name, token=name)


async def main():
    kinds = {
        "bare aiohttp": bare_aiohttp,
        "bare httpx": bare_httpx,
        "Api": lambda it: ours(Api, it),
        "as handlers have it": lambda it: ours(api_of, it),
    }
    rates = {name: [] for name in kinds}
    for it in range(ROUNDS + 1):
        for name, measured in kinds.items():
            rates[name].append(await measured(it))
    middle = {name: median(found[1:]) for name, found in rates.items()}  # the first warms up
    for name, found in middle.items():
        ratios = [f"{found / middle[peer]:.2f} of {peer}" for peer in list(kinds)[:2]]
        print(f"{name:20} {found:6.0f} calls/s, {', '.join(ratios)}")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    var = tempfile.TemporaryDirectory()
    own = {"VAR_DIR": var.name, "PACHCA_API_URL": URL, "DEBUG": "1", "SECRET_KEY": "k" * 60}
    os.environ.update(DJANGO_SETTINGS_MODULE="project.settings", **own)
    import aiohttp
    import django
    import httpx

    django.setup()

    from django.conf import settings
    from django.core.management import call_command

    from bots.framework.api import Api, connection
    from bots.models import Bot
    from bots.runtime.outgoing import api_of
    from launcher import broker

    call_command("migrate", verbosity=0)
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "calls:pachca", "--port", str(PORT), "--no-access-log"],
        cwd=Path(__file__).parent,
        stderr=subprocess.DEVNULL,
    )
    try:
        with broker.running(settings.RUN_DIR) if settings.BROKER_IS_EMBEDDED else nullcontext():
            time.sleep(2)
            asyncio.run(main())
    finally:
        server.terminate()
        server.wait()
        var.cleanup()
