"""The measurements run as their documentation says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def test_the_speed_of_all_engines_is_measured_without_a_redis_of_ones_own() -> None:
    configured = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "VAR_DIR", "RHVOICE_DIR")
    environment = {name: value for name, value in os.environ.items() if name not in configured}
    command = [sys.executable, "-m", "benchmarks.tts.speed"]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "espeak" in done.stdout
    assert "times as long" in done.stdout
