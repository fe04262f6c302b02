from typing import Any

import pytest
from django.contrib.auth.models import Permission

from jobs.rows import State
from tts import engines
from tts.actions import request_speech
from tts.engines.breaker import State as BreakerState
from tts.engines.google import Google
from tts.models import Audio, Speech
from tts.models.speech import SpeechState
from tts.synthesis import SpeechSpec

pytestmark = pytest.mark.usefixtures("tone", "sockets")


@pytest.fixture
def admin(client: Any, django_user_model: Any) -> Any:
    boss = django_user_model.objects.create_superuser("boss", name="Начальник")
    client.force_login(boss)
    return client


@pytest.mark.parametrize("model", ["audio", "speech"])
def test_the_lists_and_pages_open_and_cost_few_queries(
    admin: Any, ann: Any, work: Any, model: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        request_speech(ann, SpeechSpec(f"текст {number}"))
    work()
    request_speech(ann, SpeechSpec("ждёт"))

    with django_assert_max_num_queries(14):
        page = admin.get(f"/admin/tts/{model}/").content.decode()
    assert page.count("<audio") == 5
    pk = (Audio if model == "audio" else Speech).objects.last().pk
    assert "<audio" in admin.get(f"/admin/tts/{model}/{pk}/change/").content.decode()
    assert "текст 3" in admin.get(f"/admin/tts/{model}/?q=текст 3").content.decode()


def test_the_engines_are_shown_with_what_they_did(admin: Any, ann: Any, work: Any) -> None:
    request_speech(ann, SpeechSpec("привет"))
    work()

    page = admin.get("/admin/tts/audio/").content.decode()

    assert "Tone" in page
    assert "chart" in page


@pytest.mark.parametrize(
    ("state", "shown"),
    [("closed", "working"), ("open", "paused after failures"), ("half-open", "being tested")],
)
def test_the_state_of_a_breaker_is_said_in_words(
    admin: Any, monkeypatch: pytest.MonkeyPatch, state: str, shown: str
) -> None:
    monkeypatch.setattr(engines, "engines", lambda: {"google": Google()})
    monkeypatch.setattr(Google.breaker, "state", lambda: BreakerState(state))

    page = admin.get("/admin/tts/audio/").content.decode()

    assert f">{shown}</td>" in page


def test_a_length_is_shown_once_and_rounded_in_the_readers_language(
    admin: Any, ann: Any, work: Any
) -> None:
    request_speech(ann, SpeechSpec("привет"))
    work()
    audio = Audio.objects.get()
    Audio.objects.update(duration=1.1199999999999999)

    page = admin.get(
        f"/admin/tts/audio/{audio.pk}/change/", headers={"Accept-Language": "ru"}
    ).content.decode()

    assert "1,1" in page
    assert "1,119" not in page


def act(admin: Any, model: Any, action: Any, *rows: Any) -> Any:
    body = {"action": action, "_selected_action": [row.pk for row in rows]}
    return admin.post(f"/admin/tts/{model}/", body, follow=True)


def test_what_waits_is_cancelled(admin: Any, ann: Any) -> None:
    speech = request_speech(ann, SpeechSpec("привет")).speech

    act(admin, "speech", "cancel_selected", speech)

    speech.refresh_from_db()
    assert speech.state == SpeechState.CANCELLED


@pytest.mark.parametrize("model", ["audio", "speech"])
def test_what_is_there_is_made_anew(admin: Any, ann: Any, work: Any, model: str, tone: Any) -> None:
    speech = request_speech(ann, SpeechSpec("привет")).speech
    work()

    act(admin, model, "remake", speech.audio if model == "audio" else speech)

    assert Audio.objects.get().state == State.WAITING
    work()
    assert len(tone.spoken) == 2


def test_who_may_only_look_can_do_nothing(client: Any, ann: Any, django_user_model: Any) -> None:
    looker = django_user_model.objects.create_user("looker", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_speech"))
    client.force_login(looker)
    speech = request_speech(ann, SpeechSpec("привет")).speech

    act(client, "speech", "cancel_selected", speech)

    speech.refresh_from_db()
    assert speech.is_open
