"""Speeches while workers, the web server and the broker are killed: none lost, none wrong."""

import hashlib
import random
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest

from project.tests.conftest import Instance, wait_for

pytestmark = pytest.mark.slow

TEXTS = 15
KILLS = 4
KEY = {"api-key": "test"}


def call(instance: Instance, name: str, **body: Any) -> Any:
    return instance.call("POST", f"/tts/{name}", json=body, headers=KEY)


def text_of(number: int) -> str:
    return f"Это текст номер {number}. " * (number + 1)


def link_of(instance: Instance, number: int) -> str:
    return str(call(instance, "get_track_for_route", route_id=f"r{number}").get("link", ""))


@pytest.mark.parametrize("victims", [("worker",), ("worker", "web", "valkey")])
def test_kill_9_at_any_moment_loses_no_speech_and_makes_none_wrong(
    build_house: Callable[..., Instance], victims: tuple[str, ...]
) -> None:
    instance = build_house(JOBS_LEASE="2", TTS_SWEEP_EVERY="1", TTS_ENGINE="espeak")
    dice = random.Random(3)

    for number in range(TEXTS):
        asked = {"route_id": f"r{number}", "route_text": text_of(number)}
        wait_for(partial(call, instance, "string_to_audio", **asked))
    for _ in range(KILLS):
        time.sleep(dice.uniform(0.2, 1.5))
        wait_for(lambda: instance.kill(dice.choice(victims)))

    wait_for(lambda: instance.call("GET", "/health/ready"))
    tracks = []
    for number in range(TEXTS):
        tracks.append(wait_for(partial(link_of, instance, number), within=90, every=0.3))
    assert len(set(tracks)) == TEXTS
    sizes = []
    for track in tracks:
        data = httpx.get(instance.url + track).raise_for_status().content
        assert hashlib.sha256(data).hexdigest() == track.rpartition("/")[2].removesuffix(".mp3")
        sizes.append(len(data))
    # Every text is longer than the one before, and so is its speech: none has another's.
    assert sizes == sorted(sizes)
