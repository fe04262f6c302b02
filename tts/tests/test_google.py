"""Google's voices: whole or not at all, and left alone when Google does not want to be asked."""

import ssl
import time

import pytest
from django.test import override_settings
from pytest_django.fixtures import SettingsWrapper

from tts.engines import google as module
from tts.engines.breaker import Breaker, State
from tts.engines.google import Google
from tts.errors import Cancelled, EngineFailed
from tts.synthesis import Piece, SpeechSpec, Synthesis, synthesise
from tts.tests.google_fake import TONE, GoogleFake

SENTENCE = "Это предложение, которое кончается точкой. "
LONG = SENTENCE * 10


def made(text: str = "Привет, мир.", **specs: object) -> tuple[Synthesis, list[Piece]]:
    synthesis = synthesise(SpeechSpec(text, engine="gtts", **specs))  # type: ignore[arg-type]
    return synthesis, list(synthesis)


def test_google_speaks_the_text_with_its_punctuation(google: GoogleFake) -> None:
    synthesis, pieces = made("Привет, мир! Как дела?")

    assert google.asked == ["Привет, мир! Как дела?"]
    assert google.languages == ["ru"]
    assert (synthesis.spoken.engine, synthesis.voice) == ("gtts", "google-ru")
    assert synthesis.fell_back == ""
    assert pieces[-1].seconds == pytest.approx(TONE, abs=0.15)


def test_a_long_text_is_asked_for_in_few_requests_at_the_ends_of_sentences(
    google: GoogleFake,
) -> None:
    made(LONG)

    assert len(google.asked) == 5
    assert all(part.strip().endswith(".") for part in google.asked)


def test_requests_run_side_by_side_on_few_connections(google: GoogleFake) -> None:
    google.delay = 0.2

    made(LONG * 3)

    assert len(google.asked) == 15
    assert 1 < google.most_at_once <= module.MAX_PARALLEL_REQUESTS
    assert len(google.connections) <= module.MAX_PARALLEL_REQUESTS


@pytest.mark.parametrize(
    "mode",
    ["broken", "says_nothing", "noise", "captcha", "html", "sorry", "too_many", "forbidden", "cut"],
)
def test_whatever_fails_the_whole_text_is_spoken_offline(google: GoogleFake, mode: str) -> None:
    google.modes = ["speaks", "speaks", mode, mode]
    google.mode = mode

    synthesis, pieces = made(SENTENCE * 5)

    assert synthesis.spoken.engine != "gtts"
    assert synthesis.fell_back
    # More than the tones that Google had already given.
    assert pieces[-1].seconds > 3 * TONE + 5


def test_a_server_that_hangs_is_not_waited_for(
    google: GoogleFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READ_TIMEOUT", 0.2)
    google.mode = "hangs"

    synthesis, _ = made()

    assert synthesis.fell_back == "Google does not respond: ReadTimeout"


def test_a_server_without_a_proper_certificate_is_not_trusted(
    google: GoogleFake, settings: SettingsWrapper
) -> None:
    # What answers there speaks no TLS at all, so even a connection is an error.
    settings.TTS_GOOGLE_URL = google.url.replace("http:", "https:")

    synthesis, _ = made()

    assert synthesis.fell_back == "Google does not respond: ConnectError"
    assert Google()._certificates.verify_mode is ssl.CERT_REQUIRED
    assert Google()._certificates.check_hostname


def test_one_failure_that_passes_is_not_noticed(google: GoogleFake) -> None:
    google.modes = ["broken"]

    assert made()[0].spoken.engine == "gtts"


@pytest.mark.parametrize("mode", ["too_many", "forbidden", "captcha", "sorry"])
def test_a_refusal_opens_the_breaker_at_once(google: GoogleFake, mode: str) -> None:
    google.mode = mode

    made()
    synthesis, _ = made()

    assert len(google.asked) == 1
    assert Google.breaker.state() is State.OPEN
    assert "the next attempt is in" in synthesis.fell_back


def test_failures_open_the_breaker_when_there_are_several(google: GoogleFake) -> None:
    google.mode = "broken"

    for _ in range(3):
        assert Google.breaker.state() is State.CLOSED
        made()

    assert Google.breaker.state() is State.OPEN


@pytest.mark.parametrize(
    ("said", "seconds"), [("7", 7), ("Wed, 21 Oct 2015 07:28:00 GMT", 1), ("soon", 300)]
)
def test_retry_after_is_honoured(google: GoogleFake, said: str, seconds: int) -> None:
    google.mode, google.retry_after = "too_many", said

    made()

    trip = Google.breaker.trip()
    assert trip is not None
    assert trip.pause == pytest.approx(seconds, abs=1)


def test_after_the_pause_one_trial_closes_the_breaker(google: GoogleFake) -> None:
    google.modes = ["too_many"]
    google.retry_after = "Wed, 21 Oct 2015 07:28:00 GMT"
    made()
    google.retry_after = ""
    time.sleep(1.1)

    assert Google.breaker.state() is State.HALF_OPEN
    assert made()[0].spoken.engine == "gtts"
    assert Google.breaker.state() is State.CLOSED


def test_a_failed_trial_doubles_the_pause() -> None:
    breaker = Breaker("test")
    breaker.close()
    breaker._open("refused", 0.0)
    first = breaker.trip()
    breaker._open("refused", 0.01)
    time.sleep(0.02)

    with pytest.raises(EngineFailed), breaker.guard():
        raise EngineFailed("still")

    second = breaker.trip()
    breaker.close()
    assert first is not None
    assert second is not None
    assert second.pause == pytest.approx(0.02)


def test_while_one_tries_nobody_else_does() -> None:
    breaker = Breaker("test")
    breaker.close()
    breaker._open("refused", 0.0)

    with breaker.guard(), pytest.raises(EngineFailed, match="next attempt"), breaker.guard():
        pytest.fail("two trials at once")

    assert breaker.state() is State.CLOSED


def test_without_its_store_google_is_not_asked(
    google: GoogleFake, settings: SettingsWrapper
) -> None:
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}

    with override_settings(CACHES={"default": away}):
        synthesis, _ = made()

    assert google.asked == []
    assert synthesis.fell_back.startswith("the cache of the circuit breaker does not respond")


def test_a_cancelled_text_is_not_waited_for(google: GoogleFake) -> None:
    google.delay = 60
    started = time.monotonic()

    with pytest.raises(Cancelled):
        list(
            synthesise(
                SpeechSpec(LONG, engine="gtts"),
                is_cancelled=lambda: time.monotonic() - started > 0.1,
            )
        )

    assert time.monotonic() - started < 20
    assert Google.breaker.state() is State.CLOSED


@pytest.mark.parametrize("name", ["mp3", "opus", "wav"])
def test_googles_sound_can_be_faster_and_of_any_format(google: GoogleFake, name: str) -> None:
    _, pieces = made(speed=2.0, format=name)

    assert pieces[-1].seconds == pytest.approx(TONE / 2, abs=0.1)
