import re
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from tts.actions import request_speech
from tts.http.pages.views import PAGE_SIZE
from tts.models import Audio, Speech
from tts.models.speech import SpeechState
from tts.synthesis import SpeechSpec

# Half an hour and ten seconds.
PAUSES = '<break time="10s"/>' * 181
pytestmark = pytest.mark.usefixtures("tone", "sockets")


@pytest.fixture
def browser(client: Any, ann: Any) -> Any:
    client.force_login(ann)
    return client


def say(browser: Any, text: Any = "привет", **fields: Any) -> Any:
    return browser.post("/tts/say", {"text": text, "speed": "1.0", **fields}, follow=True)


def page_of(answer: Any) -> Any:
    return answer.content.decode()


def test_what_is_asked_for_without_javascript_is_listened_to_without_it(
    browser: Any, work: Any
) -> None:
    answer = say(browser)
    assert answer.redirect_chain[0][0] == f"/tts/#speech-{Speech.objects.get().pk}"
    assert "<progress" in page_of(answer)

    work()

    assert f'src="/tts/files/{Audio.objects.get().hash}.mp3"' in page_of(browser.get("/tts/"))


def test_voice_and_speed_are_those_that_were_chosen(browser: Any) -> None:
    say(browser, voice="tone", speed="1.5")

    audio = Audio.objects.get()
    assert (audio.voice, audio.speed) == ("tone", 1.5)


def test_a_speech_names_its_voice_as_the_list_of_voices_does(browser: Any, work: Any) -> None:
    say(browser)
    waiting = page_of(browser.get("/tts/"))
    work()
    ready = page_of(browser.get("/tts/"))

    label = "Tone, the engine"
    assert f">{label}</option>" in ready
    assert f"<span>{label}</span>" in waiting
    assert f"<span>{label}</span>" in ready


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"text": "…"}, "nothing that can be spoken"),
        ({"text": " "}, "required"),
        ({"text": "а" * 5001}, "longer than 5000"),
        ({"text": f"<speak>раз{PAUSES}</speak>"}, "Shorten them"),
        ({"voice": "nobody"}, "Select a valid choice"),
        ({"speed": "9"}, "Select a valid choice"),
        ({"speed": "nan"}, "Select a valid choice"),
    ],
    ids=str,
)
def test_what_cannot_be_said_is_told_beside_the_text(browser: Any, fields: Any, fault: str) -> None:
    answer = say(browser, **{"text": "привет", **fields})

    assert answer.status_code == 400
    assert fault in page_of(answer)
    assert not Speech.objects.exists()


def test_markup_that_is_broken_is_told_with_its_place(browser: Any) -> None:
    answer = say(browser, "<speak>раз\n <brake/></speak>", is_ssml="on")

    assert answer.status_code == 400
    fault = re.findall(r'<p class="fault"[^>]*>([^<]+)', page_of(answer))[0]
    assert "brake" in fault
    assert re.search(r"\b2\b.*\b2\b", fault)
    assert not Speech.objects.exists()


def test_a_speech_that_waits_can_be_cancelled_and_asked_for_again(browser: Any, work: Any) -> None:
    say(browser)
    speech = Speech.objects.get()

    browser.post(f"/tts/{speech.pk}/stop")
    speech.refresh_from_db()
    assert speech.state == SpeechState.CANCELLED
    browser.post(f"/tts/{speech.pk}/again")
    work()

    assert Speech.objects.first().is_ready


@pytest.mark.parametrize("what", ["stop", "again"])
def test_what_others_said_is_not_mine_to_change(browser: Any, boris: Any, what: str) -> None:
    speech = request_speech(boris, SpeechSpec("чужое")).speech

    assert browser.post(f"/tts/{speech.pk}/{what}").status_code == 404
    assert "чужое" not in page_of(browser.get("/tts/"))


def test_the_page_counts_every_state(browser: Any, work: Any) -> None:
    say(browser, "раз")
    work()
    say(browser, "два")

    counts = dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", page_of(browser.get("/tts/"))))
    assert counts == {
        "queued": "1",
        "in progress": "0",
        "ready": "1",
        "failed": "0",
        "cancelled": "0",
        "pending for all users": "1",
    }


def test_older_speeches_are_a_link_away_and_cost_no_more_queries(
    browser: Any, ann: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(PAGE_SIZE + 2):
        request_speech(ann, SpeechSpec(f"текст {number}"))

    with django_assert_num_queries(6):
        page = page_of(browser.get("/tts/"))
    (link,) = re.findall(r'href="(\?before=\d+)"', page)

    assert re.findall(r"текст \d+", page_of(browser.get("/tts/" + link))) == ["текст 1", "текст 0"]


def test_an_empty_page_says_what_to_do(browser: Any) -> None:
    assert '<p id="empty" class="empty">' in page_of(browser.get("/tts/"))


def test_strangers_are_asked_to_sign_in(client: Any, db: Any) -> None:
    assert client.get("/tts/").status_code == 302
    assert client.post("/tts/say", {"text": "x"}).status_code == 302


def test_what_was_written_is_text_and_never_markup(browser: Any) -> None:
    say(browser, "<b>жирно</b>")

    assert "<b>жирно" not in page_of(browser.get("/tts/"))


def test_the_page_has_nothing_inline(browser: Any) -> None:
    answer = browser.get("/tts/")

    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style| style=| on\w+=", page_of(answer))
