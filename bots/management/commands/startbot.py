"""`manage.py startbot`: create a directory for a company's own bots, outside this repository."""

import keyword
import os
import re
from argparse import ArgumentParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

TEMPLATE = Path(__file__).resolve().parents[1] / "app_template"
SUFFIX = "-tpl"  # hides the templates from linters and pytest
NAME = re.compile(r"[a-z][a-z0-9_]*")


class Command(BaseCommand):
    help = (
        "Create a directory for an app of your own: handlers, background services, real-time"
        " events, tests, Makefile and Dockerfile. Example: manage.py startbot acme ../acme"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="name of the app, a Python package: acme")
        parser.add_argument(
            "directory",
            nargs="?",
            help="directory to create; default: NAME in the current directory",
        )

    def handle(self, **options: Any) -> None:
        name = options["name"]
        refuse_unusable(name)
        directory = Path(options["directory"] or name).expanduser().absolute()
        try:
            create(name, directory)
        except OSError as error:
            raise CommandError(f"Cannot create {directory}: {error.strerror}.") from None
        shown = min(os.path.relpath(directory), str(directory), key=len)
        self.stdout.write(
            f"Created {shown}. Next:\n"
            f"  make -C {shown} test    # run its tests\n"
            f"  make -C {shown} run     # start Svyaz with it; then send /hello in the sandbox\n"
            f"Its handlers are in {shown}/{name}/handlers.py."
        )


def refuse_unusable(name: str) -> None:
    """Raise CommandError unless `name` can be the name of a new Python package and Django app."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise CommandError(
            f"“{name}” cannot be the name of an app: use lower-case letters, digits and “_”,"
            " beginning with a letter."
        )
    if name in settings.SVYAZ_APPS or find_spec(name):
        raise CommandError(f"There is already a module named “{name}”. Choose another name.")


def create(name: str, directory: Path) -> None:
    """Write the files of a new app into `directory`, which must be empty or not exist yet."""
    if directory.is_dir() and any(directory.iterdir()):
        raise CommandError(f"{directory} is not empty. Choose another directory.")
    if directory.is_relative_to(settings.BASE_DIR):
        raise CommandError(
            f"{directory} is inside Svyaz, whose next version would replace it."
            f" Choose a directory of your own: manage.py startbot {name} ../{name}"
        )
    directory.mkdir(parents=True, exist_ok=True)
    words = {
        "app_name": name,
        "APP_NAME": name.upper(),
        "{{ checkout }}": find_checkout(directory),
    }
    for template in sorted(TEMPLATE.rglob(f"*{SUFFIX}")):
        path = directory / fill(str(template.relative_to(TEMPLATE)), words).removesuffix(SUFFIX)
        path = path.with_name(re.sub("^dot-", ".", path.name))
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".mo":
            path.write_bytes(template.read_bytes())
        else:
            path.write_text(fill(template.read_text(encoding="utf-8"), words), encoding="utf-8")


def find_checkout(directory: Path) -> str:
    """Return the path from `directory` to this checkout, or to the usual one of a package."""
    is_checkout = settings.HOME_DIR == settings.BASE_DIR
    return os.path.relpath(settings.BASE_DIR, directory) if is_checkout else "../svyaz"


def fill(text: str, words: dict[str, str]) -> str:
    """Replace each placeholder in `text` by its word."""
    for placeholder, word in words.items():
        text = text.replace(placeholder, word)
    return text
