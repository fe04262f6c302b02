"""Files: given in many ways, opened again, described, uploaded in three steps."""

import io
import math
import struct
import wave
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pytest_django.fixtures import SettingsWrapper

from bots.framework.api import Api, ApiError, FileTooLarge, InputFile, attachments
from bots.framework.api.audio import MAX_LEVEL, NotAudio, voice_facts, waveform
from bots.models import Delivery
from bots.models.jobs import State
from bots.runtime import delivery
from bots.tests.conftest import run
from tts.audio.formats import FORMATS
from tts.audio.sound import RATE, Samples


@pytest.fixture(autouse=True)
def _media(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def tone(seconds: float = 1.0, rate: int = 16_000) -> bytes:
    """A WAV file that grows louder from silence."""
    count = int(seconds * rate)
    levels = (int(30_000 * i / count * math.sin(i / 5)) for i in range(count))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, rate, count, "NONE", ""))
        sound.writeframes(b"".join(struct.pack("<h", level) for level in levels))
    return file.getvalue()


def content_of(file: InputFile) -> bytes:
    with file.open() as content:
        return content.read()


def picture(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def grant(pachca: Any) -> None:
    """Make the fake grant one upload and take its file."""
    fields = {"key": "attaches/1/${filename}", "policy": "p", "direct_url": f"{pachca.url}/direct"}
    pachca.will_answer(201, fields)
    pachca.will_answer(204, "")


def test_a_path_bytes_and_a_stored_file_all_open_again_from_the_start(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"hello")
    stored = default_storage.save("a.txt", ContentFile(b"hello"))

    for source in (tmp_path / "a.txt", str(tmp_path / "a.txt"), InputFile.stored(stored)):
        file = InputFile.of(source)
        assert file.name == "a.txt"
        assert [content_of(file) for _ in range(2)] == [b"hello", b"hello"]
    for content in (b"hello", ContentFile(b"hello", "a.txt")):
        file = InputFile.of(content, "a.txt")
        assert [content_of(file) for _ in range(2)] == [b"hello", b"hello"]


def test_bytes_without_a_name_are_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="give one, with its extension"):
        InputFile.of(b"hello")


def test_an_upload_posts_the_granted_fields_first_and_the_file_last(
    bot: Any, pachca: Any, grant: Any
) -> None:
    item = run(Api(bot.token, bot.api_url).upload(b"hello", "отчёт к/мая.txt"))

    asked, sent = pachca.calls
    assert (asked.verb, asked.path, sent.path) == ("POST", "/uploads", "/direct")
    assert sent.token == ""  # the fields are signed; the token is Pachca's alone
    assert sent.body.index(b'name="policy"') < sent.body.index(b'name="file"')
    assert b"direct_url" not in sent.body
    assert item == {
        "key": "attaches/1/мая.txt",
        "name": "отчёт к/мая.txt",
        "file_type": "file",
        "size": 5,
    }


def test_a_refused_upload_raises_what_pachca_said(bot: Any, pachca: Any) -> None:
    pachca.will_answer(403, {"error": "forbidden", "error_description": "no uploads for you"})

    with pytest.raises(ApiError, match="no uploads for you"):
        run(Api(bot.token, bot.api_url).upload(b"hello", "a.txt"))


def test_an_image_tells_its_size(bot: Any, pachca: Any, grant: Any) -> None:
    item = run(Api(bot.token, bot.api_url).upload(picture(30, 20), "a.png"))

    assert (item["file_type"], item["width"], item["height"]) == ("image", 30, 20)


def test_a_picture_that_cannot_be_read_is_sent_all_the_same() -> None:
    described = InputFile.of(b"not a picture", "a.png").describe()

    assert described == {"name": "a.png", "file_type": "image", "size": 13}


def test_a_voice_message_tells_how_long_and_how_loud_it_is(
    bot: Any, pachca: Any, grant: Any
) -> None:
    item = run(Api(bot.token, bot.api_url).upload(tone(1.5), "a.wav", file_type="voice"))

    assert item["duration_ms"] == 1500
    bars = [int(bar) for bar in item["waveform"].split(",")]
    assert (bars[0], max(bars), bars[-1]) == (0, MAX_LEVEL, MAX_LEVEL)
    assert bars[: len(bars) // 2] < bars[len(bars) // 2 :]


def test_what_the_caller_knows_of_a_voice_message_is_not_measured(
    bot: Any, pachca: Any, grant: Any
) -> None:
    known: dict[str, Any] = {"duration_ms": 900, "waveform": "1,2"}

    item = run(Api(bot.token, bot.api_url).upload(b"opus", "a.ogg", file_type="voice", **known))

    assert item | known == item
    assert item["file_type"] == "voice"


@pytest.mark.parametrize("format", ["mp3", "opus", "aac", "flac"])
def test_voice_messages_of_any_usual_format_are_measured(format: str) -> None:
    encoder = FORMATS[format].encoder()

    facts = voice_facts(encoder.add(Samples(b"\x00\x20\x00\xe0" * RATE)) + encoder.end())

    assert facts["duration_ms"] == pytest.approx(2000, abs=100)


@pytest.mark.parametrize("content", [b"", b"hello", tone(0)])
def test_what_is_no_sound_is_no_voice_message(content: Any) -> None:
    with pytest.raises(NotAudio):
        voice_facts(content)


def test_a_list_of_files_opens_none_of_them(tmp_path: Path) -> None:
    (tmp_path / "secret.wav").write_bytes(tone())

    with pytest.raises(NotAudio):
        voice_facts(f"ffconcat version 1.0\nfile '{tmp_path}/secret.wav'\n".encode())


@given(st.lists(st.integers(-(2**15), 2**15 - 1), max_size=2000))
def test_a_waveform_is_never_too_long_for_pachca(samples: Any) -> None:
    drawn = waveform(samples)

    assert len(drawn) <= 256
    assert all(0 <= int(bar) <= MAX_LEVEL for bar in drawn.split(",") if bar)


def test_a_file_over_the_limit_is_refused_before_anything_is_sent(
    bot: Any, pachca: Any, settings: SettingsWrapper
) -> None:
    settings.BOTS_MAX_FILE = 4

    with pytest.raises(FileTooLarge):
        run(Api(bot.token, bot.api_url).upload(b"hello", "a.txt"))
    assert pachca.calls == []


def message_with(bot: Any, *files: Any) -> Delivery:
    address = {"entity_type": "user", "entity_id": 12}
    payload = {"message": {**address, "content": "see", "files": list(files)}}
    return Delivery.objects.create(
        bot=bot, chat="user:12", method="create_message", payload=payload
    )


def test_a_file_that_waits_is_uploaded_when_its_message_leaves(
    bot: Any, pachca: Any, grant: Any
) -> None:
    row = message_with(bot, attachments.keep(b"hello", "a.txt"))
    stored = row.payload["message"]["files"][0]["stored"]

    run(delivery.deliver(bot.pk, "user:12"))

    (item,) = pachca.calls[-1].body["message"]["files"]
    assert (item["key"], item["name"], item["size"]) == ("attaches/1/a.txt", "a.txt", 5)
    assert not default_storage.exists(stored)


def test_a_further_attempt_does_not_upload_again(bot: Any, pachca: Any, grant: Any) -> None:
    row = message_with(bot, attachments.keep(b"hello", "a.txt"))
    pachca.will_answer(429, "wait", Retry_After="0")
    run(delivery.deliver(bot.pk, "user:12"))

    run(delivery.deliver(bot.pk, "user:12"))

    row.refresh_from_db()
    assert row.state == State.DONE
    paths = [call.path for call in pachca.calls]
    assert paths == ["/uploads", "/direct", "/messages", "/messages"]


def test_a_file_of_the_storage_stays_there(bot: Any, pachca: Any, grant: Any) -> None:
    stored = default_storage.save("speech.txt", ContentFile(b"hello"))
    message_with(bot, attachments.refer(stored))

    run(delivery.deliver(bot.pk, "user:12"))

    assert default_storage.exists(stored)


def test_a_message_whose_file_is_gone_fails_and_says_so(bot: Any, pachca: Any) -> None:
    row = message_with(bot, attachments.refer("nowhere.txt"))

    run(delivery.deliver(bot.pk, "user:12"))

    row.refresh_from_db()
    assert (row.state, "nowhere.txt" in row.error) == (State.FAILED, True)


def test_a_thread_is_opened_when_the_answer_in_it_leaves(bot: Any, pachca: Any) -> None:
    message = {"entity_type": "thread_of", "entity_id": 5, "content": "in the thread"}
    Delivery.objects.create(
        bot=bot, chat="thread_of:5", method="create_message", payload={"message": message}
    )
    pachca.will_answer(200, {"data": {"id": 31}})

    run(delivery.deliver(bot.pk, "thread_of:5"))

    opened, said = pachca.calls
    assert opened.path == "/messages/5/thread"
    address = said.body["message"]
    assert (address["entity_type"], address["entity_id"]) == ("thread", 31)
