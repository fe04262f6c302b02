"""An app of a company's own, created by `startbot` outside the project, is a full citizen."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.settings import own_apps
from core.settings.environment import Misconfigured
from project.tests.conftest import ROOT, START_TIMEOUT, Instance, running_instance, wait_for

MODELS = """
from django.db import models


class Shift(models.Model):
    who = models.CharField(max_length=50)
"""
ADMIN = """
from django.contrib import admin

from acme.models import Shift

admin.site.register(Shift)
"""
URLS = """
from django.http import HttpRequest, HttpResponse
from django.urls import path


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Acme's own page")


urlpatterns = [path("", page)]
"""
COMMAND = """
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def handle(self, **options: object) -> None:
        self.stdout.write("Acme's own command")
"""
SETTINGS = """
from project.settings import env

ACME_CITY = env.str("ACME_CITY", default="Moscow")
INSTALLED_APPS = ["django.contrib.humanize"]
"""
SHOW = """
import json
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils.translation import gettext, override
from acme.models import Shift
Shift.objects.create(who="Ann")
with override("ru"):
    translated = gettext("Says hello")
print(json.dumps({
    "city": settings.ACME_CITY,
    "humanize": apps.is_installed("django.contrib.humanize"),
    "rows": Shift.objects.count(),
    "admin": Shift in admin.site._registry,
    "page": Client(headers={"host": "localhost"}).get("/acme/").content.decode(),
    "static": bool(finders.find("acme/logo.svg")),
    "translated": translated,
}))
"""


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """A new app in a directory of its own."""
    manage(tmp_path, "startbot", "acme", str(tmp_path / "acme"), SVYAZ_APPS="")
    return tmp_path / "acme"


def manage(directory: Path, *arguments: str, **environment: str) -> str:
    own = {
        "SVYAZ_APPS": "acme",
        "SVYAZ_APPS_PATH": str(directory),
        "VAR_DIR": str(directory / "var"),
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "project.settings", **own, **environment},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_models_admin_pages_commands_static_files_and_settings_work(acme: Path) -> None:
    write(acme / "acme/models.py", MODELS)
    write(acme / "acme/admin.py", ADMIN)
    write(acme / "acme/urls.py", URLS)
    write(acme / "acme/settings.py", SETTINGS)
    write(acme / "acme/static/acme/logo.svg", "<svg/>")
    write(acme / "acme/management/commands/acme_hello.py", COMMAND)

    manage(acme, "makemigrations", "acme")
    manage(acme, "migrate", "--verbosity=0")
    command = manage(acme, "acme_hello")
    shown = json.loads(manage(acme, "shell", "--no-imports", "-c", SHOW, ACME_CITY="Kazan"))

    assert (acme / "acme/migrations/0001_initial.py").exists()
    assert "Acme's own command" in command
    assert shown == {
        "city": "Kazan",
        "humanize": True,
        "rows": 1,
        "admin": True,
        "page": "Acme's own page",
        "static": True,
        "translated": "Здоровается",
    }


def test_a_setting_of_svyaz_cannot_be_replaced(acme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(acme / "mischief/__init__.py", "")
    write(acme / "mischief/settings.py", "SECRET_KEY = 'known to everybody'")
    monkeypatch.syspath_prepend(str(acme))

    with pytest.raises(Misconfigured, match=r"mischief.settings sets SECRET_KEY"):
        own_apps.read_settings(["mischief"], {"SECRET_KEY": "secret"})


def test_an_app_that_cannot_be_imported_is_named() -> None:
    with pytest.raises(Misconfigured, match="SVYAZ_APPS names nowhere"):
        own_apps.read_settings(["nowhere"], {})


@pytest.mark.slow
def test_its_tests_pass_and_its_bot_answers_and_is_reloaded(acme: Path, tmp_path: Path) -> None:
    environment = {"SVYAZ_HOME": str(ROOT), "VAR_DIR": str(tmp_path / "running")}
    inherited = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}

    tests = subprocess.run(
        ["make", "-C", str(acme), "test"],
        env={**inherited, "SVYAZ_HOME": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    with running_instance(
        tmp_path / "running", ["make", "-C", str(acme), "run"], acme, **environment
    ) as instance:
        greeting = wait_for(lambda: ask(instance, "/hello"), START_TIMEOUT)
        handlers = acme / "acme/handlers.py"
        write(handlers, handlers.read_text().replace("command.args or", "command.args[::-1] or"))
        wait_for(lambda: ask(instance, "/echo abc") == "cba", START_TIMEOUT)

    assert "3 passed" in tests.stdout
    assert greeting.strip() == "Здравствуйте! Напишите /help, чтобы узнать, что я умею."


def ask(instance: Instance, text: str) -> str | None:
    """Write to the demo bot as the first person of the sandbox; return its answer, if one comes."""
    world = instance.world()
    person, (bot, *_) = world["people"][0], world["bots"]
    message = {"entity_type": "user", "entity_id": bot["id"], "content": text}
    sent = instance.api("POST", "/messages", person["token"], json={"message": message})
    path = f"/messages?chat_id={sent['chat_id']}&sort[id]=desc"
    for _ in range(20):
        time.sleep(0.5)
        said = instance.api("GET", path, person["token"])
        later = [m for m in said if m["id"] > sent["id"] and m["user_id"] == bot["id"]]
        if later:
            return str(later[-1]["content"])
    return None
