#!/usr/bin/env python
"""Django's command line for this project; `manage.py up` runs everything."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

# Everything that running the project writes stays in var/, compiled bytecode too.
CACHE = Path(__file__).resolve().parent / "var" / "cache" / "pycache"
sys.pycache_prefix = os.environ.setdefault("PYTHONPYCACHEPREFIX", str(CACHE))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    if sys.argv[1:2] == ["up"] and find_spec("launcher"):  # production has no launcher
        from launcher.cli import up  # noqa: PLC0415  needs the lines above

        up(sys.argv[2:])
        return
    from django.core.management import execute_from_command_line  # noqa: PLC0415  nor is needed for up

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
