"""Text in, an audio file out, with the engine that every machine has."""

import io

import av
import pytest

from tts import engines
from tts.engines.engine import Line
from tts.errors import (
    BadSpeed,
    Cancelled,
    NothingToSay,
    TextTooLong,
    TooMuchAudio,
    UnknownEngine,
    UnknownFormat,
    UnknownVoice,
)
from tts.planning import plan
from tts.synthesis import Piece, Wish, check, synthesise
from tts.text.script import Script, Utterance

HELLO = Wish("Привет, мир. Это говорит машина.", engine="espeak")


def seconds_of(data: bytes) -> float:
    with av.open(io.BytesIO(data)) as container:
        return sum((frame.samples / frame.sample_rate for frame in container.decode(audio=0)), 0.0)


@pytest.mark.parametrize("name", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_speech_is_made_in_every_format_and_as_long_as_it_says(name):
    pieces = list(synthesise(Wish(HELLO.text, engine="espeak", format=name)))

    data = b"".join(piece.data for piece in pieces)
    length = len(data) / 2 / 24000 if name == "pcm" else seconds_of(data)
    assert length == pytest.approx(pieces[-1].seconds, abs=0.15)
    assert 1 < length < 5


def test_pieces_tell_how_far_the_text_is():
    pieces = list(synthesise(Wish("Раз. " * 300, engine="espeak")))

    done = [piece.done for piece in pieces]
    assert done == sorted(done)
    assert done[0] == 0
    assert done[-1] == 1


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0, 4.0])
def test_speed_changes_the_length_alone(speed):
    usual, changed = last(HELLO), last(Wish(HELLO.text, engine="espeak", speed=speed))

    assert changed.seconds == pytest.approx(usual.seconds / speed, rel=0.06)


def last(wish: Wish) -> Piece:
    return list(synthesise(wish))[-1]


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        (Wish(""), NothingToSay),
        (Wish(" … — !!!\n"), NothingToSay),
        (Wish("а" * 5001), TextTooLong),
        (Wish("раз", voice="nobody"), UnknownVoice),
        (Wish("раз", voice="espeak-ru", engine="nothing"), UnknownVoice),
        (Wish("раз", engine="nothing"), UnknownEngine),
        (Wish("раз", format="midi"), UnknownFormat),
        (Wish("раз", speed=0.1), BadSpeed),
        (Wish("раз", speed=float("nan")), BadSpeed),
    ],
)
def test_what_cannot_be_spoken_is_refused_before_anything_is_made(wish, error):
    with pytest.raises(error):
        check(wish)


@pytest.mark.parametrize(
    ("text", "voice"), [("Привет", "espeak-ru"), ("Hello", "espeak-en"), ("42", "espeak-ru")]
)
def test_without_a_voice_the_one_for_the_text_speaks(text, voice):
    assert check(Wish(text, engine="espeak")).voice == voice


def test_speech_that_is_cancelled_stops():
    asked: list[bool] = []

    def is_cancelled() -> bool:
        asked.append(True)
        return len(asked) > 3

    with pytest.raises(Cancelled):
        list(synthesise(Wish("раз " * 1000, engine="espeak"), is_cancelled=is_cancelled))


def test_more_audio_than_allowed_is_an_error(settings):
    settings.TTS_MAX_SECONDS = 2.0

    with pytest.raises(TooMuchAudio):
        list(synthesise(Wish("раз два три " * 20, engine="espeak")))


@pytest.mark.usefixtures("rhvoice")
@pytest.mark.parametrize("speed", [0.25, 4.0])
def test_rhvoice_speaks_russian_at_any_speed(speed):
    usual, changed = last(Wish(HELLO.text)), last(Wish(HELLO.text, speed=speed))

    assert check(Wish(HELLO.text)).voice == "elena"
    assert changed.seconds == pytest.approx(usual.seconds / speed, rel=0.06)


@pytest.mark.usefixtures("rhvoice")
def test_english_words_in_russian_are_read_by_an_english_voice():
    engine = engines.find("rhvoice")
    script: Script = [Utterance("Наш сервер Redis Cluster упал")]

    steps = plan(script, engine, engine.voices()[0], speed=1.0)
    russian, english, _ = (step.part for step in steps)

    assert isinstance(russian, Line)
    assert isinstance(english, Line)
    assert (russian.voice.name, russian.text) == ("elena", "Наш сервер ")
    assert (english.voice.name, english.text) == ("slt", "Redis Cluster")


@pytest.mark.usefixtures("rhvoice")
def test_what_an_engine_has_no_sound_for_another_speaks():
    synthesis = synthesise(Wish("ΑΒΓ", engine="rhvoice"))

    assert list(synthesis)[-1].seconds > 0
    assert synthesis.engine == "espeak"
    assert synthesis.fell_back == "the engine makes no sound of the text"


def test_markup_changes_how_it_is_said():
    plain = last(Wish("<speak>Раз, два, три.</speak>", is_ssml=True, engine="espeak"))
    slow = '<speak><prosody rate="50%">Раз, два, три.</prosody><break time="2s"/></speak>'

    assert last(Wish(slow, is_ssml=True, engine="espeak")).seconds == pytest.approx(
        plain.seconds * 2 + 2, rel=0.06
    )


def test_markup_inside_of_markup_cannot_go_beyond_what_is_speech():
    nested = '<prosody rate="25%" pitch="-6st" volume="200%">' * 3

    said = Wish(f"<speak>{nested}Раз{'</prosody>' * 3}</speak>", is_ssml=True, engine="espeak")

    usual = last(Wish("Раз", engine="espeak"))
    assert last(said).seconds == pytest.approx(usual.seconds * 4, rel=0.1)


def test_a_voice_that_markup_asks_for_must_exist():
    with pytest.raises(UnknownVoice):
        check(Wish('<speak><voice name="nobody">Раз</voice></speak>', is_ssml=True))
