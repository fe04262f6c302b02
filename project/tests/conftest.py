"""The whole house as a user starts it: `manage.py up` with a var/ and a port of its own."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# Seconds, on a machine that does much else.
STARTS_WITHIN = 180.0
HAPPENS_WITHIN = 60.0


@dataclass
class House:
    """A running house: its addresses, its people, and its processes."""

    url: str
    var: Path
    process: subprocess.Popen[bytes]

    def call(self, verb: str, path: str, token: str = "", **request: Any) -> Any:
        headers = request.pop("headers", {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        answer = httpx.request(verb, self.url + path, headers=headers, timeout=20, **request)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def api(self, verb: str, path: str, token: str, **request: Any) -> Any:
        return self.call(verb, f"/sandbox/api/shared/v1{path}", token, **request)["data"]

    def world(self) -> Any:
        return self.call("GET", "/sandbox/world")

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def kill(self, name: str) -> bool:
        """Kill -9 the web server, the worker, beat or valkey; False if it is down just now."""
        words = {"web": "uvicorn", "worker": "worker", "beat": "beat", "valkey": "valkey"}
        for child in self.children():
            try:
                if words[name] in " ".join(child.cmdline()):
                    child.kill()
                    return True
            except psutil.NoSuchProcess:
                continue
        return False


def wait_for(true: Callable[[], Any], within: float = HAPPENS_WITHIN, every: float = 0.05) -> Any:
    """Return what `true` returns once it is true; fail after `within` seconds."""
    end = time.monotonic() + within
    while True:
        try:
            if result := true():
                return result
        except (httpx.HTTPError, OSError) as error:
            result = error
        assert time.monotonic() < end, f"not within {within} s; last: {result!r}"
        time.sleep(every)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def running_house(var: Path, **environment: str) -> Iterator[House]:
    port = free_port()
    inherited = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    own = {
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "VAR_DIR": str(var),
        "PORT": str(port),
        "DEBUG": "1",
        "SANDBOX": "1",
    }
    with (var / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env={**inherited, **own, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        house = House(f"http://127.0.0.1:{port}", var, process)
        wait_for(lambda: house.call("GET", "/health/ready"), STARTS_WITHIN)
        yield house
    finally:
        process.terminate()
        process.wait(timeout=15)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A var/ as the first start leaves it: the database, the demo and its secrets."""
    var = tmp_path_factory.mktemp("furnished")
    with running_house(var):
        pass
    for name in ("run", "valkey"):
        shutil.rmtree(var / name)
    return var


@pytest.fixture
def build_house(furnished: Path, tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Start a house of the test's own, which is taken down with it."""
    var = shutil.copytree(furnished, tmp_path / "var")
    with ExitStack() as stack:
        yield lambda **own: stack.enter_context(running_house(var, **own))


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house of all who only look around in it."""
    with running_house(tmp_path_factory.mktemp("var")) as house:
        yield house


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """An empty page of somebody whom nobody knows yet."""
    with browser.new_context(locale="en-US") as context:
        yield context.new_page()


def sign_in(page: Any, house: House, path: str) -> None:
    """Go to a page that asks who is there, as the demo's administrator."""
    page.goto(house.url + path)
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", (house.var / "demo_password").read_text())
    page.keyboard.press("Enter")
    page.wait_for_url(house.url + path)


@pytest.fixture
def sandbox(page: Any, house: House) -> Any:
    """The sandbox's page, when its line is live."""
    page.goto(f"{house.url}/sandbox/")
    page.wait_for_selector("#connection[data-state=live]")
    return page
