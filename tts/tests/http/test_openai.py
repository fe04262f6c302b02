"""OpenAI's own client, unchanged, against a real server; and what it would never send."""

import asyncio
import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import httpx
import openai
import pytest
import uvicorn
from django.core.handlers.asgi import ASGIHandler
from django.test import AsyncClient
from openai.types.audio import SpeechModel
from openai.types.audio.speech_create_params import Voice
from pytest_django.fixtures import SettingsWrapper

from tts import storage
from tts.models import Audio
from tts.synthesis import streams
from tts.tests.tone import VOICE

pytestmark = pytest.mark.django_db(transaction=True)

ASKED: dict[str, Any] = {"model": "tts-1", "voice": "alloy", "input": "Раз, два, три. Привет, мир!"}


@pytest.fixture
def house(tone: Any, api: Any) -> Iterator[Any]:
    """The site under uvicorn."""
    with serving(ASGIHandler()) as url:
        yield url


@contextmanager
def serving(application: Any) -> Iterator[Any]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, lifespan="off", log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(5)
    listener.close()


@pytest.fixture
def client(house: Any) -> Iterator[Any]:
    with openai.OpenAI(base_url=f"{house}/v1", api_key="key of ann", max_retries=0) as client:
        yield client


def test_their_client_gets_a_file(client: Any, tmp_path: Path) -> None:
    with client.audio.speech.with_streaming_response.create(**ASKED) as response:
        response.stream_to_file(tmp_path / "a.mp3")

    assert (tmp_path / "a.mp3").read_bytes()[:2] == b"\xff\xf3"
    assert response.headers["content-type"] == "audio/mpeg"


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [
        ("mp3", "audio/mpeg"),
        ("opus", "audio/ogg"),
        ("aac", "audio/aac"),
        ("flac", "audio/flac"),
        ("wav", "audio/wav"),
        ("pcm", "audio/pcm"),
    ],
)
def test_every_format_comes_with_its_type(client: Any, wanted: str, kind: str) -> None:
    answer = client.audio.speech.create(**ASKED, response_format=wanted)

    assert answer.response.headers["content-type"] == kind
    assert len(answer.content) > 500


def test_audio_comes_while_it_is_made(client: Any, tone: Any) -> None:
    tone.at_each_letter = lambda: time.sleep(0.02)
    started = time.monotonic()

    asked = {**ASKED, "input": "слово " * 30, "response_format": "pcm"}
    with client.audio.speech.with_streaming_response.create(**asked) as response:
        times = [time.monotonic() - started for _ in response.iter_bytes()]

    assert times[0] < times[-1] / 3


def test_events_carry_the_same_audio(client: Any, house: Any) -> None:
    whole = client.audio.speech.create(**ASKED, response_format="pcm").content
    asked = {**ASKED, "response_format": "pcm", "stream_format": "sse"}
    answer = httpx.post(
        f"{house}/v1/audio/speech", json=asked, headers={"authorization": "Bearer key of ann"}
    )

    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line]
    sent = b"".join(base64.b64decode(it["audio"]) for it in events if "audio" in it)
    assert sent == whole
    assert {it["type"] for it in events[:-1]} == {"speech.audio.delta"}
    assert events[-1]["type"] == "speech.audio.done"


@pytest.fixture
def fail_later(tone: Any) -> None:
    """Let the engine fail in the middle of a text."""

    def fail() -> None:
        if tone.letters == 150:
            tone.failures = ["no breath"]

    tone.at_each_letter = fail


@pytest.mark.usefixtures("fail_later")
def test_a_failure_in_the_middle_is_the_last_event(house: Any) -> None:
    asked = {**ASKED, "input": "слово " * 50, "stream_format": "sse"}
    answer = httpx.post(
        f"{house}/v1/audio/speech", json=asked, headers={"authorization": "Bearer key of ann"}
    )

    *_, before, last = [json.loads(line[6:]) for line in answer.text.splitlines() if line]
    assert before["type"] == "speech.audio.delta"
    assert (last["type"], last["error"]["message"]) == ("error", "no breath")


@pytest.mark.usefixtures("fail_later")
def test_a_failure_in_the_middle_of_bare_audio_breaks_the_connection(client: Any) -> None:
    asked = {**ASKED, "input": "слово " * 50, "response_format": "pcm"}

    with pytest.raises((openai.APIError, httpx.RemoteProtocolError)):
        client.audio.speech.create(**asked)
    assert not Audio.objects.exists()


def test_who_goes_ends_the_making(client: Any, tone: Any, house: Any) -> None:
    tone.at_each_letter = lambda: time.sleep(0.01)
    asked = {**ASKED, "input": "слово " * 200, "response_format": "pcm"}
    with client.audio.speech.with_streaming_response.create(**asked) as response:
        next(response.iter_bytes(100))

    time.sleep(0.3)
    letters = tone.letters
    time.sleep(0.2)
    assert tone.letters == letters < 200


def listeners() -> int:
    return sum(it.listeners for it in list(streams._streams.values()))


def test_many_who_ask_at_once_share_one_making(
    house: Any, tone: Any, settings: SettingsWrapper
) -> None:
    settings.TTS_STREAMS_EACH = 20
    tone.at_each_letter = lambda: wait_until(lambda: tone.letters < 20 or listeners() == 20)

    async def ask_all() -> Any:
        async with openai.AsyncOpenAI(base_url=f"{house}/v1", api_key="key of ann") as client:
            asked = {**ASKED, "response_format": "pcm"}
            answers = [client.audio.speech.create(**asked) for _ in range(20)]
            return {answer.content for answer in await asyncio.gather(*answers)}

    assert len(asyncio.run(ask_all())) == 1
    assert len("".join(tone.spoken)) == len(ASKED["input"])


def wait_until(is_so: Any) -> None:
    until = time.monotonic() + 10
    while not is_so() and time.monotonic() < until:
        time.sleep(0.01)


def test_what_was_spoken_once_is_kept(client: Any, tone: Any) -> None:
    first = client.audio.speech.create(**ASKED).content
    for _ in range(100):
        if Audio.objects.exclude(hash="").exists():
            break
        time.sleep(0.02)
    spoken = list(tone.spoken)

    again = client.audio.speech.create(**ASKED).content

    assert again == first == storage.read(Audio.objects.get().hash)
    assert tone.spoken == spoken


def test_the_voice_that_spoke_is_in_the_headers(client: Any, tone: Any, spare: Any) -> None:
    tone.failures = ["no\nbreath: вдох"]
    first = client.audio.speech.create(**ASKED).response.headers
    again = client.audio.speech.create(**ASKED).response.headers

    assert (first["x-engine"], first["x-voice"]) == ("spare", "spare")
    assert first["x-fallback-reason"] == "no breath: ????"
    assert (again["x-engine"], again["x-voice"]) == ("tone", "tone")
    assert "x-fallback-reason" not in again


def test_what_was_spoken_before_comes_with_its_length_and_voice(client: Any) -> None:
    content = client.audio.speech.create(**ASKED).content
    wait_until(Audio.objects.exclude(hash="").exists)

    headers = client.audio.speech.create(**ASKED).response.headers

    assert (headers["x-engine"], headers["x-voice"]) == ("tone", "tone")
    assert headers["content-length"] == str(len(content))


@pytest.mark.usefixtures("spare")
def test_audio_of_the_fallback_engine_is_not_kept_for_the_wished_one(
    client: Any, tone: Any
) -> None:
    tone.failures = ["no breath"]
    client.audio.speech.create(**ASKED)
    wait_until(Audio.objects.exclude(hash="").exists)

    assert Audio.objects.exclude(hash="").get().engine == "spare"


def test_an_input_that_begins_as_ssml_is_parsed_as_ssml(client: Any, tone: Any) -> None:
    asked = {**ASKED, "input": '<speak>раз<break time="2s"/>два</speak>'}

    content = client.audio.speech.create(**asked, response_format="pcm").content

    assert tone.spoken == ["раз", "два"]
    assert len(content) / 48_000 == pytest.approx(2.3, abs=0.01)
    with pytest.raises(openai.BadRequestError, match="Line 1, column 8"):
        client.audio.speech.create(**{**ASKED, "input": "<speak><audio/></speak>"})


def test_models_and_voices_are_listed(client: Any, house: Any) -> None:
    assert {"tone", "tts-1"} <= {model.id for model in client.models.list()}
    answer = httpx.get(
        f"{house}/v1/audio/voices", headers={"authorization": "Bearer key of ann"}
    ).json()
    (voice,) = answer["voices"]
    assert (voice["id"], voice["language"], voice["engine"]) == (VOICE.name, "ru", "tone")
    sample = httpx.get(house + voice["sample"], headers={"api-key": "key of ann"})
    assert sample.headers["content-type"] == "audio/mpeg"


@pytest.mark.parametrize("name", get_args(SpeechModel))
def test_every_model_that_their_client_knows_speaks(client: Any, name: Any) -> None:
    assert client.audio.speech.create(**{**ASKED, "model": name}).content
    assert client.models.retrieve(name).id == name


@pytest.mark.parametrize("name", get_args(get_args(Voice)[1]))
def test_every_voice_that_their_client_knows_speaks(client: Any, name: Any) -> None:
    assert client.audio.speech.create(**{**ASKED, "voice": name}).content


def test_what_is_not_here_is_refused_in_their_shape(client: Any) -> None:
    with pytest.raises(openai.NotFoundError) as model:
        client.models.retrieve("gpt-9")
    with pytest.raises(openai.NotFoundError) as call:
        client.audio.transcriptions.create(model="whisper-1", file=("a.mp3", b"x"))

    assert (model.value.param, model.value.code) == ("model", "model_not_found")
    assert call.value.code == "unknown_url"
    assert "POST /v1/audio/transcriptions" in call.value.message


def test_an_engine_that_fails_is_told_before_any_audio(client: Any, tone: Any) -> None:
    tone.failures = ["no breath"]

    with pytest.raises(openai.InternalServerError) as caught:
        client.audio.speech.create(**ASKED)

    assert caught.value.status_code == 503
    assert "no breath" in caught.value.message


def test_a_wrong_key_is_theirs_to_understand(house: Any) -> None:
    client = openai.OpenAI(base_url=f"{house}/v1", api_key="wrong", max_retries=0)

    with client, pytest.raises(openai.AuthenticationError):
        client.models.list()


def test_more_than_can_be_spoken_at_once_is_told_to_wait(
    house: Any, tone: Any, settings: SettingsWrapper
) -> None:
    settings.TTS_STREAMS = 1
    tone.at_each_letter = lambda: time.sleep(0.02)
    client = openai.OpenAI(base_url=f"{house}/v1", api_key="key of ann", max_retries=0)
    asked = {**ASKED, "input": "слово " * 50, "response_format": "pcm"}

    with client, client.audio.speech.with_streaming_response.create(**asked) as first:
        audio = first.iter_bytes(100)
        next(audio)
        with pytest.raises(openai.RateLimitError):
            client.audio.speech.create(**ASKED)


def test_one_person_listens_to_so_many_at_once_and_others_still_can(
    client: Any, house: Any, tone: Any, boris: Any, settings: SettingsWrapper
) -> None:
    settings.TTS_STREAMS_EACH = 1
    tone.at_each_letter = lambda: time.sleep(0.02)
    asked = {**ASKED, "input": "слово " * 50, "response_format": "pcm"}

    with client.audio.speech.with_streaming_response.create(**asked) as first:
        chunks = first.iter_bytes(100)
        next(chunks)
        with pytest.raises(openai.RateLimitError) as caught:
            client.audio.speech.create(**ASKED)
        with openai.OpenAI(base_url=f"{house}/v1", api_key="key of boris") as other:
            assert other.audio.speech.create(**ASKED).content

    error = caught.value
    assert (error.type, error.code) == ("rate_limit_error", "rate_limit_exceeded")
    assert error.response.headers["retry-after"] == "2"
    wait_until(lambda: listeners() == 0)
    assert client.audio.speech.create(**ASKED, response_format="pcm").content


@pytest.mark.parametrize(
    ("changes", "status", "param"),
    [
        ({"input": ""}, 400, "input"),
        ({"input": None}, 400, "input"),
        ({"input": "а" * 4097}, 400, "input"),
        ({"input": "\ud800"}, 400, "input"),
        ({"input": "…"}, 400, "input"),
        ({"voice": ""}, 400, "voice"),
        ({"voice": 5}, 400, "voice"),
        ({"voice": "nobody"}, 400, "voice"),
        ({"model": None}, 400, "model"),
        ({"model": "gpt-9"}, 404, "model"),
        ({"speed": 0.1}, 400, "speed"),
        ({"speed": "fast"}, 400, "speed"),
        ({"speed": True}, 400, "speed"),
        ({"response_format": "midi"}, 400, "response_format"),
        ({"response_format": ["mp3"]}, 400, "response_format"),
        ({"response_format": ""}, 400, "response_format"),
        ({"response_format": []}, 400, "response_format"),
        ({"stream_format": "x"}, 400, "stream_format"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_told_in_their_shape(
    tone: Any, api: Any, async_client: Any, changes: Any, status: int, param: str
) -> None:
    answer = await async_client.post(
        "/v1/audio/speech",
        json.dumps({**ASKED, **changes}),
        content_type="application/json",
        headers={"authorization": "Bearer key of ann"},
    )

    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (status, param)
    assert set(error) == {"message", "type", "param", "code"}


async def test_a_get_of_speech_is_refused(async_client: AsyncClient) -> None:
    answer = await async_client.get("/v1/audio/speech")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_the_names_of_their_voices_are_known_in_any_case(client: Any) -> None:
    assert client.audio.speech.create(**{**ASKED, "voice": "Alloy"}).content
