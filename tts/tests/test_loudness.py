"""All voices are equally loud, and nothing below speech is left."""

import math
from array import array
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts import engines
from tts.audio.frames import build_graph, join, join_samples, ready, to_frame
from tts.audio.loudness import LOUDNESS, SILENT, Leveller, loudness
from tts.audio.sound import RATE, Samples
from tts.engines.engine import Line, Voice
from tts.synthesis import SpeechSpec, never, synthesise
from tts.tests.google_fake import GoogleFake
from tts.tests.tone import VOICE

LIMIT = 32768 * 0.891
TEXTS = {
    "ru": "Осенью дни становятся короче, а вечера длиннее. Мы собирались на кухне, пили чай с"
    " вареньем и слушали, как дождь стучит по крыше. Дедушка рассказывал, что раньше по этой реке"
    " ходили пароходы, и каждый мальчишка мечтал стать капитаном!",
    "en": "In autumn the days grow shorter and the evenings longer. We used to sit in the kitchen,"
    " drink tea with jam and listen to the rain on the roof. My grandfather told us that steamers"
    " once went up this river, and every boy dreamed of becoming a captain!",
}


def speak(text: str, **specs: object) -> Samples:
    pieces = synthesise(SpeechSpec(text, format="pcm", **specs))  # type: ignore[arg-type]
    return Samples(b"".join(piece.data for piece in pieces))


def sine(hertz: float, amplitude: float, seconds: float, offset: float = 0.0) -> Samples:
    values = (
        round(offset + amplitude * math.sin(2 * math.pi * hertz * at / RATE))
        for at in range(round(seconds * RATE))
    )
    return Samples(array("h", values).tobytes())


def levelled(*parts: Samples, gain: float = 0.0) -> Samples:
    leveller = Leveller()
    return join_samples([*(leveller.add(part, gain) for part in parts), leveller.end()])


def values(samples: Samples) -> "array[int]":
    return array("h", samples.data)


def energy_below_speech(samples: Samples) -> float:
    """Return the share of the energy that a filter of second order at 40 Hz lets pass."""
    graph, _ = build_graph(("lowpass", "f=40:poles=2"))
    graph.push(to_frame(samples))
    graph.push(None)
    low = values(join(ready(graph)))
    return sum(it * it for it in low) / sum(it * it for it in values(samples))


def raw(voice: Voice) -> Samples:
    engine = engines.find(voice.engine)
    sounds = engine.speak(Line(TEXTS[voice.language], voice), never)  # type: ignore[attr-defined]
    return join_samples(sounds)


@pytest.mark.parametrize(("hertz", "lufs"), [(997, -23.0), (400, -23.7)])
def test_the_meter_reads_what_the_standard_says(hertz: int, lufs: float) -> None:
    # BS.1770: a full-scale sine of 997 Hz in one channel is -3.01 LUFS.
    amplitude = 32767 * 10 ** ((-23 + 3.01) / 20)

    assert loudness(sine(hertz, amplitude, 5)) == pytest.approx(lufs, abs=0.1)


@pytest.mark.parametrize("samples", [Samples(b""), Samples(bytes(4800)), sine(997, 9000, 0.2)])
def test_the_meter_reads_nothing_where_there_is_nothing_to_measure(samples: Any) -> None:
    assert loudness(samples) == SILENT


@pytest.mark.usefixtures("rhvoice")
@pytest.mark.parametrize("name", ["elena", "aleksandr", "irina", "anna", "slt"])
def test_every_voice_of_rhvoice_is_equally_loud(name: str) -> None:
    voice = engines.named(name)

    assert loudness(speak(TEXTS[voice.language], voice=name)) == pytest.approx(LOUDNESS, abs=0.7)


@pytest.mark.parametrize("name", ["espeak-ru", "espeak-en"])
def test_every_voice_of_espeak_is_equally_loud(name: str) -> None:
    voice = engines.named(name)

    assert loudness(speak(TEXTS[voice.language], voice=name)) == pytest.approx(LOUDNESS, abs=0.7)


@pytest.mark.parametrize("amplitude", [2000, 9000, 25000])
def test_what_google_says_is_brought_to_the_same_loudness(
    google: GoogleFake, amplitude: int
) -> None:
    google.amplitude = amplitude

    samples = speak("Привет, мир.", engine="gtts")

    assert loudness(samples) == pytest.approx(LOUDNESS, abs=0.5)


def test_the_volume_of_markup_stays_a_difference(google: GoogleFake) -> None:
    quiet = '<speak>Раз, два.<prosody volume="-12dB">Три, четыре.</prosody></speak>'

    parts = speak(quiet, engine="gtts", is_ssml=True).data
    first, second = (Samples(part) for part in (parts[: RATE - 2400], parts[RATE + 2400 :]))

    assert loudness(first) - loudness(second) == pytest.approx(12, abs=0.5)


@pytest.mark.usefixtures("rhvoice")
@pytest.mark.parametrize("name", ["elena", "slt"])
def test_what_a_voice_has_below_speech_is_removed(name: str) -> None:
    voice = engines.named(name)
    assert energy_below_speech(raw(voice)) > 0.1

    samples = speak(TEXTS[voice.language], voice=name)

    assert energy_below_speech(samples) < 0.01
    assert abs(sum(values(samples)) / len(values(samples))) < 5


def test_a_constant_offset_is_removed_and_speech_is_not() -> None:
    low, high = levelled(sine(200, 5000, 2, offset=3000)), levelled(sine(200, 5000, 2))

    assert max(values(low)[RATE:]) == pytest.approx(max(values(high)[RATE:]), abs=5)
    assert loudness(high) == pytest.approx(loudness(sine(200, 5000, 2)), abs=0.2)


@given(st.lists(st.integers(0, 3000), max_size=30))
@settings(deadline=None, max_examples=30)
def test_how_sound_is_portioned_changes_no_sample(cuts: list[int]) -> None:
    whole = sine(150, 12000, 0.5, offset=2000)
    places = [0, *sorted(cuts), len(whole.data) // 2]
    parts = [Samples(whole.data[2 * at : 2 * to]) for at, to in pairwise(places)]

    assert levelled(*parts, gain=9.0) == levelled(whole, gain=9.0)
    assert len(levelled(*parts).data) == len(whole.data)


def test_where_the_voice_changes_nothing_clicks() -> None:
    leveller = Leveller()
    calm = sine(100, 8000, 0.5)  # ends at zero, as lines do
    parts = [leveller.add(calm, 0.0), leveller.add(calm, 6.0), leveller.add(calm, -6.0)]

    out = values(join_samples([*parts, leveller.end()]))

    steepest = 16000 * 2 * math.pi * 100 / RATE
    assert max(abs(right - left) for left, right in pairwise(out[RATE // 10 :])) < 1.2 * steepest


def test_loud_peaks_are_limited_and_not_cut_off() -> None:
    loud = values(levelled(sine(300, 20000, 2), gain=12.0))

    assert max(map(abs, loud)) <= LIMIT + 1
    # Cut off, a sine would stay at its peak for half of the time.
    assert sum(abs(it) > 0.98 * LIMIT for it in loud[RATE:]) / RATE < 0.2


@pytest.mark.usefixtures("rhvoice")
def test_the_loudest_markup_stays_within_the_limit() -> None:
    markup = f'<speak><prosody volume="200%">{TEXTS["ru"]}</prosody></speak>'

    samples = speak(markup, is_ssml=True, voice="aleksandr")

    assert max(map(abs, values(samples))) <= LIMIT + 1
    assert loudness(samples) > LOUDNESS + 2


@pytest.mark.usefixtures("rhvoice")
def test_the_same_wish_is_the_same_bytes_each_time() -> None:
    assert speak(TEXTS["ru"], voice="irina") == speak(TEXTS["ru"], voice="irina")


@pytest.mark.usefixtures("tone")
@pytest.mark.parametrize("format", ["pcm", "wav", "flac"])
def test_levelling_keeps_the_length(format: str) -> None:
    pieces = list(synthesise(SpeechSpec("привет", format=format)))

    assert pieces[-1].seconds == pytest.approx(0.3)
    if format == "pcm":
        assert sum(len(piece.data) for piece in pieces) == 6 * 2 * RATE // 20


def test_a_gain_of_a_voice_is_applied(tone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def loudest(gain: float) -> int:
        voice = Voice(**{**vars(VOICE), "gain": gain})
        monkeypatch.setattr(type(tone), "voice", voice)
        return max(map(abs, values(speak("привет"))))

    assert loudest(-6.02) == pytest.approx(loudest(0.0) / 2, rel=0.01)
