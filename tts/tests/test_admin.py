import pytest
from django.contrib.auth.models import Permission

from jobs.rows import State
from tts.actions import request_speech
from tts.models import Audio, Speech
from tts.models.speech import SpeechState
from tts.synthesis import Wish

pytestmark = pytest.mark.usefixtures("tone", "sockets")


@pytest.fixture
def admin(client, django_user_model):
    boss = django_user_model.objects.create_superuser("boss", name="Начальник")
    client.force_login(boss)
    return client


@pytest.mark.parametrize("model", ["audio", "speech"])
def test_the_lists_and_pages_open_and_cost_few_queries(
    admin, ann, work, model, django_assert_max_num_queries
):
    for number in range(5):
        request_speech(ann, Wish(f"текст {number}"))
    work()
    request_speech(ann, Wish("ждёт"))

    with django_assert_max_num_queries(14):
        page = admin.get(f"/admin/tts/{model}/").content.decode()
    assert page.count("<audio") == 5
    pk = (Audio if model == "audio" else Speech).objects.last().pk
    assert "<audio" in admin.get(f"/admin/tts/{model}/{pk}/change/").content.decode()
    assert "текст 3" in admin.get(f"/admin/tts/{model}/?q=текст 3").content.decode()


def test_the_engines_are_shown_with_what_they_did(admin, ann, work):
    request_speech(ann, Wish("привет"))
    work()

    page = admin.get("/admin/tts/audio/").content.decode()

    assert "Tone" in page
    assert "chart" in page


def act(admin, model, action, *rows):
    body = {"action": action, "_selected_action": [row.pk for row in rows]}
    return admin.post(f"/admin/tts/{model}/", body, follow=True)


def test_what_waits_is_cancelled(admin, ann):
    speech = request_speech(ann, Wish("привет")).speech

    act(admin, "speech", "cancel_selected", speech)

    speech.refresh_from_db()
    assert speech.state == SpeechState.CANCELLED


@pytest.mark.parametrize("model", ["audio", "speech"])
def test_what_is_there_is_made_anew(admin, ann, work, model, tone):
    speech = request_speech(ann, Wish("привет")).speech
    work()

    act(admin, model, "make_anew", speech.audio if model == "audio" else speech)

    assert Audio.objects.get().state == State.WAITING
    work()
    assert len(tone.spoken) == 2


def test_who_may_only_look_can_do_nothing(client, ann, django_user_model):
    looker = django_user_model.objects.create_user("looker", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_speech"))
    client.force_login(looker)
    speech = request_speech(ann, Wish("привет")).speech

    act(client, "speech", "cancel_selected", speech)

    speech.refresh_from_db()
    assert speech.is_open
