"""Without its database the site answers 503 within two seconds, and recovers by itself."""

import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from django.conf import settings

from core.postgres.outage import WatchedConnection, breaker
from core.tests.ports import free_port
from project.tests.conftest import ROOT, START_TIMEOUT, wait_for
from project.tests.faults.clusters import Cluster, running_cluster

pytestmark = pytest.mark.slow

LIMIT = 2.0
TOKEN, SECRET = "a-token-for-prometheus", "a-signing-secret"
PREPARE = """
import django; django.setup()
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from bots.models import Bot
from twitter.models import ApiKey
ann = get_user_model().objects.create_superuser("ann", password="x" * 20)
Bot.objects.create(name="Demo", slug="demo", signing_secret="a-signing-secret")
client = Client(); client.force_login(ann)
print(client.cookies["sessionid"].value, ApiKey.objects.make(ann, "test")[1])
"""


@dataclass
class Site:
    url: str
    log: Path
    client: httpx.Client
    session: str = ""
    key: str = ""

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> httpx.Response:
        headers = {name: value.format(self.session, self.key) for name, value in headers.items()}
        return self.client.request(method, self.url + path, headers=headers, content=body)

    def webhook(self) -> httpx.Response:
        body = json.dumps({"type": "message", "webhook_timestamp": int(time.time())}).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        return self.ask("POST", "/bots/demo/webhook", {"pachca-signature": signature}, body)

    def slowest_request(self) -> float:
        """Return the most seconds that a request has taken, by the site's own log."""
        lines = (json.loads(it) for it in self.log.read_text().splitlines() if it.startswith("{"))
        return float(max(it["ms"] for it in lines if it["event"] == "request")) / 1000

    def works(self) -> bool:
        return self.ask("GET", "/api/tweets", KEY).status_code == 200


COOKIE = {"cookie": "sessionid={0}", "accept": "text/html"}
KEY = {"api-key": "{1}"}
CALLS = {
    "feed": ("GET", "/", COOKIE),
    "admin": ("GET", "/admin/", COOKIE),
    "api feed": ("GET", "/api/tweets", KEY),
    "api tweet": ("GET", "/api/tweets/1", KEY),
    "events": ("GET", "/events?room=feed", KEY),
    "speech": ("GET", "/v1/models", {"authorization": "Bearer {1}"}),
    "sandbox": ("GET", "/sandbox/api/shared/v1/profile", {"authorization": "Bearer nobody"}),
}


def environment(var: Path, database: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "DATABASE_URL": database,
        "REDIS_URL": settings.REDIS_URL,
        "VAR_DIR": str(var),
        "SECRET_KEY": "k" * 60,
        "METRICS_TOKEN": TOKEN,
        "ALLOWED_HOSTS": "127.0.0.1",
        "DEBUG": "0",
        "SANDBOX": "1",
        "HTTPS": "0",
    }


@contextmanager
def running_site(var: Path, database: str) -> Iterator[Site]:
    port, path = free_port(), var / "web.log"
    limits = httpx.Limits(max_connections=None)
    site = Site(f"http://127.0.0.1:{port}", path, httpx.Client(timeout=20, limits=limits))
    command = ["-m", "uvicorn", "project.asgi:application", "--port", str(port)]
    with path.open("ab") as log:
        web = subprocess.Popen(
            [sys.executable, *command, "--timeout-graceful-shutdown", "1", "--lifespan", "off"],
            cwd=ROOT,
            env=environment(var, database),
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(lambda: site.ask("GET", "/health/live", {}).is_success, START_TIMEOUT)
        yield site
    finally:
        site.client.close()
        web.terminate()
        web.wait(timeout=15)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def built_site(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    var = tmp_path_factory.mktemp("var")

    def run(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment(var, cluster.url),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout

    run("manage.py", "migrate", "--verbosity", "0")
    run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    session, key = run("-c", PREPARE).split()
    with running_site(var, cluster.url) as site:
        site.session, site.key = session, key
        yield site


@pytest.fixture
def site(built_site: Site, cluster: Cluster) -> Iterator[Site]:
    wait_for(built_site.works, within=10)
    os.truncate(built_site.log, 0)
    yield built_site
    cluster.restore()


def assert_unavailable_in_time(site: Site) -> None:
    answers = {name: site.ask(*call) for name, call in CALLS.items()}
    assert {name: it.status_code for name, it in answers.items()} == dict.fromkeys(CALLS, 503)
    assert [name for name, it in answers.items() if "retry-after" not in it.headers] == []
    assert "<h1>" in answers["feed"].text
    assert answers["api feed"].json()["error_type"] == "unavailable"
    webhook = site.webhook()
    assert (webhook.status_code, webhook.headers["retry-after"]) == (503, "5")
    metrics = site.ask("GET", "/metrics", {"authorization": f"Bearer {TOKEN}"})
    assert metrics.status_code == 200
    assert "svyaz_database_up 0.0" in metrics.text
    assert site.slowest_request() < LIMIT


def assert_a_crowd_is_answered_in_time(site: Site) -> None:
    """Many at once: more than there are threads to wait for the database."""
    calls = [*CALLS.values()] * 12

    with ThreadPoolExecutor(len(calls)) as crowd:
        answers = list(crowd.map(lambda call: site.ask(*call), calls))

    assert {it.status_code for it in answers} == {503}
    assert site.slowest_request() < LIMIT


def test_with_its_database_the_site_answers_otherwise(site: Any) -> None:
    statuses = {
        name: site.ask(*call).status_code for name, call in CALLS.items() if name != "events"
    }

    assert statuses == {**dict.fromkeys(statuses, 200), "api tweet": 404, "sandbox": 401}
    assert site.webhook().status_code == 200
    assert (
        "svyaz_database_up 1.0"
        in site.ask("GET", "/metrics", {"authorization": f"Bearer {TOKEN}"}).text
    )


def test_while_postgresql_is_stopped_requests_fail_fast_and_recover(
    site: Any, cluster: Any
) -> None:
    cluster.stop()

    assert_a_crowd_is_answered_in_time(site)
    assert_unavailable_in_time(site)

    cluster.start()
    wait_for(site.works, within=5)


def test_while_postgresql_hangs_requests_fail_fast_and_recover(site: Any, cluster: Any) -> None:
    cluster.freeze()

    assert_a_crowd_is_answered_in_time(site)
    assert_unavailable_in_time(site)

    cluster.thaw()
    wait_for(site.works, within=5)


def test_at_the_limit_of_connections_requests_fail_fast_and_recover(
    site: Any, cluster: Any
) -> None:
    cluster.as_superuser(
        "ALTER ROLE svyaz CONNECTION LIMIT 0",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'svyaz'",
    )

    assert_unavailable_in_time(site)

    cluster.as_superuser("ALTER ROLE svyaz CONNECTION LIMIT -1")
    wait_for(site.works, within=5)


def test_a_restart_of_postgresql_is_survived(site: Any, cluster: Any) -> None:
    for _ in range(2):
        cluster.stop()
        cluster.start()
        wait_for(site.works, within=5)


def test_a_server_that_accepts_connections_and_never_answers_is_no_database(
    tmp_path: Path, built_site: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        url = f"postgres://svyaz@127.0.0.1:{silent.getsockname()[1]}/svyaz"
        with running_site(tmp_path, url) as site:
            answers = [site.ask("GET", "/api/tweets", {"api-key": "k" * 20}) for _ in range(3)]

        slowest = site.slowest_request()

    assert [it.status_code for it in answers] == [503] * 3
    assert slowest < LIMIT


@pytest.mark.usefixtures("site")
def test_a_slow_query_of_a_healthy_server_is_not_given_up(
    cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "is_enabled", True)

    with WatchedConnection.connect(
        f"host=127.0.0.1 port={cluster.port} user=svyaz dbname=postgres"
    ) as connection:
        row = connection.execute("SELECT 7 FROM pg_sleep(2.5)").fetchone()

    assert row == (7,)
    assert not breaker.is_open


@pytest.mark.usefixtures("site")
def test_a_query_that_a_frozen_server_never_answers_is_given_up(
    cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "is_enabled", True)
    monkeypatch.setattr(breaker, "_failures", 0)
    connection = WatchedConnection.connect(
        f"host=127.0.0.1 port={cluster.port} user=svyaz dbname=postgres"
    )
    cluster.freeze()
    started = time.monotonic()

    with pytest.raises(psycopg.OperationalError, match="does not respond"):
        connection.execute("SELECT 1")

    assert time.monotonic() - started < LIMIT
    assert connection.closed
