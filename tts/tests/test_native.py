"""Libraries in child processes: they may crash, hang or be stopped, and the next text is spoken."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import espeakng_loader
import pytest
from pytest_django.fixtures import SettingsWrapper

from tts.engines import espeak
from tts.errors import Cancelled, EngineFailed
from tts.native import pool as module
from tts.native.pool import Pool
from tts.native.wire import Request

WORDS = "раз, два, три, четыре, пять, "
ORDER = Request(WORDS, "ru")
LONG = Request(WORDS * 100, "ru")


@pytest.fixture
def pool() -> Iterator[Pool]:
    places = {"library": espeakng_loader.get_library_path(), "data": espeak.short_path()}
    pool = Pool("espeak", places)
    yield pool
    pool.close()


def never() -> bool:
    return False


def spoken(pool: Pool, request: Request = ORDER) -> int:
    return sum(len(data) for _, data in pool.speak(request, never))


def pid(pool: Pool) -> int:
    """Return the process of the one idle child."""
    (child,) = pool._idle
    return child._process.pid


def test_a_child_is_kept_for_the_next_text(pool: Any) -> None:
    spoken(pool)
    first = pid(pool)
    spoken(pool)

    assert pid(pool) == first


def test_a_crash_in_the_middle_is_an_error_and_the_next_text_is_spoken(pool: Any) -> None:
    spoken(pool)
    process = pid(pool)
    speaking = pool.speak(LONG, never)
    next(speaking)
    os.kill(process, signal.SIGSEGV)

    with pytest.raises(EngineFailed, match="crashed"):
        list(speaking)

    assert spoken(pool) > 0


def test_a_child_that_died_while_idle_is_replaced(pool: Any) -> None:
    spoken(pool)
    os.kill(pid(pool), signal.SIGKILL)

    assert spoken(pool) > 0


def test_who_leaves_in_the_middle_does_not_make_the_next_wait_for_a_start(pool: Any) -> None:
    speaking = pool.speak(LONG, never)
    next(speaking)
    speaking.close()
    started = pid(pool)

    assert spoken(pool) > 0
    assert pid(pool) == started


def test_a_child_that_is_warm_is_not_started_twice(pool: Any) -> None:
    pool.warm()
    first = pid(pool)
    pool.warm()

    assert pid(pool) == first


def test_cancelling_does_not_wait_for_the_library(pool: Any) -> None:
    spoken(pool)
    os.kill(pid(pool), signal.SIGSTOP)
    # Not at the first look, when nothing has been waited for yet.
    looks = iter([False, True])

    with pytest.raises(Cancelled):
        list(pool.speak(LONG, lambda: next(looks)))

    assert not pool._idle


def test_a_library_that_hangs_is_given_up(pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    spoken(pool)
    monkeypatch.setattr(module, "OUTPUT_TIMEOUT", 0.2)
    os.kill(pid(pool), signal.SIGSTOP)

    with pytest.raises(EngineFailed, match="hangs"):
        spoken(pool)


def test_whoever_stops_listening_ends_the_child(pool: Any) -> None:
    pool.warm()
    speaker = pid(pool)
    speaking = pool.speak(LONG, never)
    next(speaking)
    speaking.close()

    assert pid(pool) != speaker
    with pytest.raises(ProcessLookupError):
        os.kill(speaker, 0)


def test_what_a_library_refuses_is_an_error_and_the_child_lives(pool: Any) -> None:
    spoken(pool)
    process = pid(pool)

    with pytest.raises(EngineFailed, match="no voice klingon-x"):
        spoken(pool, Request("nuqneH", "klingon-x"))

    assert spoken(pool) > 0
    assert pid(pool) != process


def test_a_library_that_is_not_there_is_an_error() -> None:
    with pytest.raises(EngineFailed, match="nowhere"):
        spoken(Pool("espeak", {"library": "/nowhere.so", "data": ""}))


def test_many_threads_speak_at_once_and_none_disturbs_another(pool: Any) -> None:
    alone = spoken(pool)

    with ThreadPoolExecutor(8) as threads:
        lengths = list(threads.map(lambda _: spoken(pool), range(24)))

    assert lengths == pytest.approx([alone] * 24, rel=0.02)


@pytest.mark.usefixtures("rhvoice")
def test_rhvoice_is_the_same_for_all_threads_to_the_last_sample(settings: SettingsWrapper) -> None:
    pool = Pool("rhvoice", {"folder": str(settings.RHVOICE_DIR)})
    request = Request(WORDS, "Elena")

    def samples() -> bytes:
        return b"".join(data for _, data in pool.speak(request, never))

    with ThreadPoolExecutor(4) as threads:
        made = set(threads.map(lambda _: samples(), range(8)))
    pool.close()

    assert len(made) == 1


def test_a_long_path_of_the_data_is_made_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    (deep / "espeak-ng-data").symlink_to(espeakng_loader.get_data_path())
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(deep / "espeak-ng-data"))

    short = espeak.short_path()

    assert len(short) < espeak.MAX_PATH_LENGTH
    assert (Path(short) / "espeak-ng-data" / "phontab").exists()
