"""The console script `svyaz`, for an installed Svyaz: `manage.py` without a checkout."""

import os
import sys

from core.version import __version__

USAGE = """\
usage: svyaz COMMAND [ARGUMENTS]

Runs Svyaz in the current directory: reads settings from ./.env and stores data in ./var.

  svyaz up                      start everything, with demo data (PORT=8001 svyaz up)
  svyaz startbot NAME [DIR]     create a directory for your own bots
  svyaz manage COMMAND ...      run a management command; `svyaz manage help` lists them
  svyaz --version               print the version
"""


def main() -> None:
    """Run the command; exit with the usage if there is no such command."""
    match sys.argv[1:]:
        case ["--version"]:
            print(__version__)  # noqa: T201  the output of a command
        case ["-h" | "--help" | "help"]:
            print(USAGE, end="")  # noqa: T201  the same
        case ["manage", *arguments]:
            manage(arguments)
        case ["up", *arguments]:
            up(arguments)
        case ["startbot", *arguments]:
            manage(["startbot", *arguments])
        case _:
            sys.exit(USAGE)


def up(arguments: list[str]) -> None:
    """Run everything, under a supervisor that does not load Django's apps."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    from launcher.up import main as run  # noqa: PLC0415  reads the setting

    run(arguments)


def manage(arguments: list[str]) -> None:
    """Run a command of Django's command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  reads the setting

    execute_from_command_line(["svyaz manage", *arguments])
