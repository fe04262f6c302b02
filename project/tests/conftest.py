"""A running instance: `manage.py up` with its own var/ and port."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from core.tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
# Seconds, on a machine that does much else.
START_TIMEOUT = 180.0
HAPPENS_WITHIN = 60.0


@dataclass
class Instance:
    """A running instance: its addresses, its people, and its processes."""

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
        """Kill -9 the web server, the worker or valkey; False if it is down just now."""
        words = {"web": "launcher.web", "worker": "worker", "valkey": "valkey"}
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


@contextmanager
def running_instance(
    var: Path,
    command: Sequence[str] = (sys.executable, "manage.py", "up"),
    cwd: Path | str = ROOT,
    **environment: str,
) -> Iterator[Instance]:
    port = free_port()
    inherited = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    own = {
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "VAR_DIR": str(var),
        "PORT": str(port),
        "DEBUG": "1",
        "SANDBOX": "1",
    }
    var.mkdir(exist_ok=True)
    with (var / "up.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**inherited, **own, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        instance = Instance(f"http://127.0.0.1:{port}", var, process)
        wait_for(lambda: instance.call("GET", "/health/ready"), START_TIMEOUT)
        yield instance
    finally:
        process.terminate()
        process.wait(timeout=15)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A var/ as the first start leaves it: the database, the demo and its secrets."""
    var = tmp_path_factory.mktemp("furnished")
    with running_instance(var):
        pass
    for name in ("run", "valkey"):
        shutil.rmtree(var / name)
    return var


@pytest.fixture
def build_house(furnished: Path, tmp_path: Path) -> Iterator[Callable[..., Instance]]:
    """Start a instance of the test's own, which is taken down with it."""
    var = shutil.copytree(furnished, tmp_path / "var")
    with ExitStack() as stack:
        yield lambda **own: stack.enter_context(running_instance(var, **own))


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """The instance of all who only look around in it."""
    with running_instance(tmp_path_factory.mktemp("var")) as instance:
        yield instance


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """An empty page of an anonymous visitor."""
    with browser.new_context(locale="en-US") as context:
        yield context.new_page()


def sign_in(page: Any, instance: Instance, path: str) -> None:
    """Go to a page that asks who is there, as the demo's administrator."""
    page.goto(instance.url + path)
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", (instance.var / "demo_password").read_text())
    page.keyboard.press("Enter")
    page.wait_for_url(instance.url + path)


@pytest.fixture
def sandbox(page: Any, instance: Instance) -> Any:
    """The sandbox's page, when its line is live."""
    page.goto(f"{instance.url}/sandbox/")
    page.wait_for_selector("#connection[data-state=live]")
    return page
