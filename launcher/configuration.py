"""The settings that the supervisor needs, read without importing Django.

`manage.py up` runs for as long as Svyaz does, so it reads the settings in a child process and keeps
only these few. Processes that use Django get the settings themselves.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

PATHS = ("HOME_DIR", "RUN_DIR", "VAR_DIR")
NAMES = (*PATHS, "BROKER_IS_EMBEDDED", "PORT", "REDIS_URL", "SANDBOX", "SITE_URL")

CODE = f"""\
import json
from django.conf import settings
print(json.dumps({{name: getattr(settings, name) for name in {NAMES}}}, default=str))
"""


class Configuration:
    """Has the settings in NAMES as attributes."""

    def __getattr__(self, name: str) -> Any:
        if "django.conf" in sys.modules:
            return getattr(sys.modules["django.conf"].settings, name)
        try:
            return read_settings()[name]
        except KeyError:
            raise AttributeError(f"The supervisor does not read the setting {name}.") from None


@cache
def read_settings() -> dict[str, Any]:
    """Return the settings in NAMES. Exit with the message of the settings if they are invalid."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", CODE],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.returncode)
    values: dict[str, Any] = json.loads(done.stdout)
    return values | {name: Path(values[name]) for name in PATHS}


settings = Configuration()
