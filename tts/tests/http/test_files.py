"""The files, as players and proxies ask for them."""

import os
from datetime import timedelta
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.files.storage import default_storage
from django.utils import timezone

from tts import storage
from tts.actions import request_speech
from tts.http.files import TrackFiles
from tts.models import Audio
from tts.synthesis import SpeechSpec

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def audio(work: Any) -> Any:
    request_speech(None, SpeechSpec("привет"))
    work()
    return Audio.objects.get()


async def get(name: Any, method: Any = "GET", **headers: Any) -> Any:
    scope = {
        "type": "http",
        "method": method,
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
        "url_route": {"kwargs": {"name": name}},
    }
    caller = ApplicationCommunicator(TrackFiles(), scope)
    await caller.send_input({"type": "http.request"})
    start = await caller.receive_output(timeout=10)
    body = await caller.receive_output(timeout=10)
    await caller.wait()
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, body["body"]


async def test_a_file_comes_whole(audio: Any) -> None:
    status, headers, body = await get(f"{audio.hash}.mp3")

    assert (status, headers["content-type"]) == (200, "audio/mpeg")
    assert int(headers["content-length"]) == len(body) == audio.size
    assert headers["accept-ranges"] == "bytes"


async def test_head_tells_the_size_and_sends_nothing(audio: Any) -> None:
    status, headers, body = await get(f"{audio.hash}.mp3", "HEAD")

    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) == audio.size


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-9", 0, 9), ("10-", 10, -1), ("-5", -5, -1), ("0-999999999", 0, -1), ("-999999999", 0, -1)],
)
async def test_a_range_is_a_part(audio: Any, asked: str, first: int, last: int) -> None:
    _, _, whole = await get(f"{audio.hash}.mp3")
    status, headers, part = await get(f"{audio.hash}.mp3", range=f"bytes={asked}")

    first, last = first % audio.size, last % audio.size
    assert status == 206
    assert headers["content-range"] == f"bytes {first}-{last}/{audio.size}"
    assert part == whole[first : last + 1]


@pytest.mark.parametrize("asked", ["999999999-", "-0", "9999999999999999999999-"])
async def test_a_range_after_the_end_is_a_416(audio: Any, asked: str) -> None:
    status, headers, body = await get(f"{audio.hash}.mp3", range=f"bytes={asked}")

    assert (status, body) == (416, b"")
    assert headers["content-range"] == f"bytes */{audio.size}"


@pytest.mark.parametrize("asked", ["bytes=9-2", "bytes=-", "lines=1-2", "bytes=0-1,3-4", "x"])
async def test_what_is_no_range_is_the_whole(audio: Any, asked: str) -> None:
    assert (await get(f"{audio.hash}.mp3", range=asked))[0] == 200


async def test_a_range_of_another_version_is_the_whole(audio: Any) -> None:
    assert (await get(f"{audio.hash}.mp3", range="bytes=0-1", if_range='"x"'))[0] == 200


async def test_what_the_browser_has_is_not_sent_again(audio: Any) -> None:
    _, headers, _ = await get(f"{audio.hash}.mp3")

    status, headers, body = await get(f"{audio.hash}.mp3", if_none_match=headers["etag"])

    assert (status, body) == (304, b"")


async def test_a_browser_that_has_any_version_is_sent_nothing(audio: Any) -> None:
    assert (await get(f"{audio.hash}.mp3", if_none_match="*"))[0] == 304


@pytest.mark.parametrize("name", ["x.mp3", "../../etc/passwd", "0" * 64 + ".mp3", "0" * 64])
async def test_other_names_are_not_found(db: Any, name: Any) -> None:
    assert (await get(name))[0] == 404


async def test_other_methods_are_refused(audio: Any) -> None:
    assert (await get(f"{audio.hash}.mp3", "POST"))[0] == 405


async def test_a_file_that_changed_is_not_served_though_it_was_before(audio: Any) -> None:
    assert (await get(f"{audio.hash}.mp3"))[0] == 200
    path = default_storage.path(storage.storage_name(audio.hash))
    with open(path, "ab") as file:
        file.write(b"more")

    assert (await get(f"{audio.hash}.mp3"))[0] == 404
    await audio.arefresh_from_db()
    assert not audio.has_file


async def test_a_file_that_is_gone_is_not_served_though_it_was_before(audio: Any) -> None:
    assert (await get(f"{audio.hash}.mp3"))[0] == 200
    os.remove(default_storage.path(storage.storage_name(audio.hash)))

    assert (await get(f"{audio.hash}.mp3"))[0] == 404


async def test_playing_is_noted(audio: Any) -> None:
    long_ago = timezone.now() - timedelta(days=9)
    await Audio.objects.aupdate(used_at=long_ago)

    await get(f"{audio.hash}.mp3")
    for _ in range(100):
        await audio.arefresh_from_db()
        if audio.used_at > long_ago:
            return
    pytest.fail("the use was not recorded")
