"""What every test may count on: a broker of its own, and a browser where there is one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings

from project import broker


@pytest.fixture(scope="session", autouse=True)
def _broker() -> Iterator[None]:
    """Run the embedded Valkey for the session, unless REDIS_URL names a server to test against."""
    with ExitStack() as stack:
        if settings.BROKER_IS_EMBEDDED:
            stack.enter_context(broker.running(settings.RUN_DIR))
        yield


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
