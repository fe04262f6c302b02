"""Text in, an audio file out, with the engine that every machine has."""

import io
from typing import Any

import av
import pytest
from pytest_django.fixtures import SettingsWrapper

from tts import engines
from tts import synthesis as synthesis_package
from tts.engines.engine import Line
from tts.errors import (
    BadSpeed,
    Cancelled,
    NothingToSay,
    PausesTooLong,
    TextTooLong,
    TooMuchAudio,
    UnknownEngine,
    UnknownFormat,
    UnknownVoice,
)
from tts.synthesis import Piece, SpeechSpec, resolve, synthesise
from tts.synthesis.planning import plan
from tts.text.script import Script, Utterance

HELLO = SpeechSpec("Привет, мир. Это говорит машина.", engine="espeak")


def seconds_of(data: bytes) -> float:
    with av.open(io.BytesIO(data)) as container:
        return sum((frame.samples / frame.sample_rate for frame in container.decode(audio=0)), 0.0)


@pytest.mark.parametrize("name", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_speech_is_made_in_every_format_and_as_long_as_it_says(name: str) -> None:
    pieces = list(synthesise(SpeechSpec(HELLO.text, engine="espeak", format=name)))

    data = b"".join(piece.data for piece in pieces)
    length = len(data) / 2 / 24000 if name == "pcm" else seconds_of(data)
    assert length == pytest.approx(pieces[-1].seconds, abs=0.15)
    assert 1 < length < 5


def test_pieces_tell_how_far_the_text_is() -> None:
    pieces = list(synthesise(SpeechSpec("Раз. " * 300, engine="espeak")))

    done = [piece.done for piece in pieces]
    assert done == sorted(done)
    assert done[0] == 0
    assert done[-1] == 1


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0, 4.0])
def test_speed_changes_the_length_alone(speed: float) -> None:
    usual, changed = last(HELLO), last(SpeechSpec(HELLO.text, engine="espeak", speed=speed))

    assert changed.seconds == pytest.approx(usual.seconds / speed, rel=0.06)


def last(spec: SpeechSpec) -> Piece:
    return list(synthesise(spec))[-1]


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        (SpeechSpec(""), NothingToSay),
        (SpeechSpec(" … — !!!\n"), NothingToSay),
        (SpeechSpec("а" * 5001), TextTooLong),
        (
            SpeechSpec("<speak>раз" + "<break time='10s'/>" * 181 + "</speak>", is_ssml=True),
            PausesTooLong,
        ),
        (
            SpeechSpec(
                "<speak>раз" + "<break time='10s'/>" * 91 + "</speak>", is_ssml=True, speed=0.5
            ),
            PausesTooLong,
        ),
        (SpeechSpec("раз", voice="nobody"), UnknownVoice),
        (SpeechSpec("раз", voice="espeak-ru", engine="nothing"), UnknownVoice),
        (SpeechSpec("раз", engine="nothing"), UnknownEngine),
        (SpeechSpec("раз", format="midi"), UnknownFormat),
        (SpeechSpec("раз", speed=0.1), BadSpeed),
        (SpeechSpec("раз", speed=float("nan")), BadSpeed),
    ],
)
def test_what_cannot_be_spoken_is_refused_before_anything_is_made(spec: Any, error: Any) -> None:
    with pytest.raises(error):
        resolve(spec)


@pytest.mark.parametrize(
    ("text", "voice"), [("Привет", "espeak-ru"), ("Hello", "espeak-en"), ("42", "espeak-ru")]
)
def test_without_a_voice_the_one_for_the_text_speaks(text: str, voice: str) -> None:
    assert resolve(SpeechSpec(text, engine="espeak")).voice == voice


def test_speech_that_is_cancelled_stops() -> None:
    asked: list[bool] = []

    def is_cancelled() -> bool:
        asked.append(True)
        return len(asked) > 3

    with pytest.raises(Cancelled):
        list(synthesise(SpeechSpec("раз " * 1000, engine="espeak"), is_cancelled=is_cancelled))


def test_more_audio_than_allowed_is_an_error(settings: SettingsWrapper) -> None:
    settings.TTS_MAX_SECONDS = 2.0

    with pytest.raises(TooMuchAudio):
        list(synthesise(SpeechSpec("раз два три " * 20, engine="espeak")))


@pytest.mark.usefixtures("rhvoice")
@pytest.mark.parametrize("speed", [0.25, 4.0])
def test_rhvoice_speaks_russian_at_any_speed(speed: float) -> None:
    usual, changed = last(SpeechSpec(HELLO.text)), last(SpeechSpec(HELLO.text, speed=speed))

    assert resolve(SpeechSpec(HELLO.text)).voice == "elena"
    assert changed.seconds == pytest.approx(usual.seconds / speed, rel=0.06)


@pytest.mark.usefixtures("rhvoice")
def test_english_words_in_russian_are_read_by_an_english_voice() -> None:
    engine = engines.find("rhvoice")
    script: Script = [Utterance("Наш сервер Redis Cluster упал")]

    steps = plan(script, engine, engine.voices()[0], speed=1.0)
    russian, english, _ = (step.part for step in steps)

    assert isinstance(russian, Line)
    assert isinstance(english, Line)
    assert (russian.voice.name, russian.text) == ("elena", "Наш сервер ")
    assert (english.voice.name, english.text) == ("slt", "Redis Cluster")


@pytest.mark.usefixtures("rhvoice")
def test_what_an_engine_has_no_sound_for_another_speaks() -> None:
    synthesis = synthesise(SpeechSpec("ΑΒΓ", engine="rhvoice"))

    assert list(synthesis)[-1].seconds > 0
    assert synthesis.spoken.engine == "espeak"
    assert synthesis.fell_back == "the engine makes no sound for the text"


def test_markup_changes_how_it_is_said() -> None:
    plain = last(SpeechSpec("<speak>Раз, два, три.</speak>", is_ssml=True, engine="espeak"))
    slow = '<speak><prosody rate="50%">Раз, два, три.</prosody><break time="2s"/></speak>'

    assert last(SpeechSpec(slow, is_ssml=True, engine="espeak")).seconds == pytest.approx(
        plain.seconds * 2 + 2, rel=0.06
    )


def test_markup_inside_of_markup_cannot_go_beyond_what_is_speech() -> None:
    nested = '<prosody rate="25%" pitch="-6st" volume="200%">' * 3

    said = SpeechSpec(
        f"<speak>{nested}Раз{'</prosody>' * 3}</speak>", is_ssml=True, engine="espeak"
    )

    usual = last(SpeechSpec("Раз", engine="espeak"))
    assert last(said).seconds == pytest.approx(usual.seconds * 4, rel=0.1)


def test_a_voice_that_markup_asks_for_must_exist() -> None:
    with pytest.raises(UnknownVoice):
        resolve(SpeechSpec('<speak><voice name="nobody">Раз</voice></speak>', is_ssml=True))


def test_the_former_name_of_a_spec_works_with_a_warning() -> None:
    with pytest.warns(DeprecationWarning, match="SpeechSpec"):
        former = synthesis_package.Wish

    assert former is SpeechSpec
