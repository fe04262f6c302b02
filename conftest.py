"""What every test may count on: a broker of its own, the site, a browser where there is one."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.db import connection, connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker

from core.tests.ports import free_port
from core.tests.rows import make_restore
from launcher import broker

# On a busy machine, an example that takes long is no failure.
hypothesis_settings.register_profile(
    "busy", hypothesis_settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("busy")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Escape what UTF-8 cannot encode in captured logs: xdist sends them as UTF-8."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]
    return report


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what uses the database, so that `-m database` runs nothing else."""
    fixtures = getattr(item, "fixturenames", ())
    if item.get_closest_marker("django_db") or {"db", "transactional_db"}.intersection(fixtures):
        item.add_marker("database")


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Make each test that commits leave the rows that it found."""
    if not any(item.get_closest_marker("database") for item in request.session.items):
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        with django_db_blocker.unblock():
            patch.setattr(TransactionTestCase, "_fixture_teardown", make_restore())
        yield


@pytest.fixture(scope="session", autouse=True)
def _broker() -> Iterator[None]:
    """Run the embedded Valkey for the session, unless REDIS_URL names a server to test against."""
    with ExitStack() as stack:
        if settings.BROKER_IS_EMBEDDED:
            stack.enter_context(broker.running(settings.RUN_DIR))
        yield


@pytest.fixture(autouse=True)
def _no_connection_stays() -> Iterator[None]:
    """Close what the thread of asynchronous code has open: a test without a database follows."""
    yield
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()
    # A connection made while a test had DEBUG on logs few queries; tests that count them need all.
    connection.queries_log = deque(maxlen=connection.queries_limit)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, driven by Playwright. Without one the test is skipped, but never in CI."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None and os.environ.get("CI") == "true":
        pytest.fail("in CI the browser tests must run: install Chromium")
    if chromium is None:
        pytest.skip("there is no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    # Playwright keeps a loop running in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    switches = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    with playwright.sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=chromium, args=switches)
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def web(
    django_db_setup: None, _broker: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the whole site in a process of its own, on the database of the tests."""
    port, var = free_port(), tmp_path_factory.mktemp("var")
    own = {
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "VAR_DIR": str(var),
        "PORT": str(port),
        "DEBUG": "1",
    }
    # Pages that are still open keep their connections: the server does not wait for them.
    options = ["--port", str(port), "--timeout-graceful-shutdown", "1"]
    with (var / "web.log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603  what runs is written here
            [sys.executable, "-m", "uvicorn", "project.asgi:application", *options],
            cwd=Path(__file__).parent,
            env={**os.environ, **own},
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_up(port, server, var / "web.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=10)


def database_url() -> str:
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def _wait_until_up(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"The server did not start:\n{log.read_text()[-2000:]}")
