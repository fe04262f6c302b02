"""The contract of the route calls, in every state."""

import io
import json

import pytest
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts import storage
from tts.http.bodies import texts_in
from tts.http.register import Answer, request_mapping
from tts.models import Audio, Speech

pytestmark = pytest.mark.usefixtures("tone", "sockets")


def post(api, call, body):
    raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
    answer = api.post(f"/tts/{call}", raw, content_type="application/json")
    return answer.status_code, answer.json()


def ask(api, text="привет", route="q"):
    return post(api, "route_to_audio", {"route_id": route, "route_text": text})


def track(api, route="q"):
    return post(api, "get_track_for_route", {"route_id": route})


def test_a_text_goes_its_way_from_nothing_to_a_link(api, work):
    assert track(api) == (404, {"msg": "NOT_FOUND"})
    assert ask(api) == (200, {"msg": "OK"})
    assert track(api) == (200, {"msg": "PROCESSING"})
    assert ask(api) == (201, {"msg": "ALREADY_HAVE_TASK"})

    work()

    status, answer = track(api)
    assert (status, answer["msg"]) == (200, "OK")
    assert answer["link"].endswith(".mp3")
    assert ask(api) == (200, {"msg": "ALREADY_DONE"})


def test_string_to_audio_is_the_same_call(api, work):
    body = {"route_id": "q", "route_text": "привет"}

    assert post(api, "string_to_audio", body) == (200, {"msg": "OK"})
    assert ask(api) == (201, {"msg": "ALREADY_HAVE_TASK"})


def test_another_text_starts_anew_and_only_it_can_be_the_answer(api, work):
    ask(api, "раз")
    work()
    first = track(api)[1]["link"]

    assert ask(api, "второй") == (200, {"msg": "OK"})
    assert track(api) == (200, {"msg": "PROCESSING"})
    work()

    assert track(api)[1]["link"] != first


def test_a_route_of_json_is_all_its_texts_one_paragraph_each(api, work, tone):
    tree = {"a": [{"text": "раз"}, {"b": {"text": "два"}}], "text": "три", "c": {"text": 4}}

    post(api, "route_to_audio", {"route_id": "q", "route_json": tree})
    work()

    assert Audio.objects.get().text == "раз\n\nдва\n\nтри"


def test_texts_come_in_the_order_of_the_document():
    tree = {"x": {"text": "1"}, "text": "2", "y": [{"text": "3"}, [{"text": {"text": "4"}}]]}

    assert list(texts_in(tree)) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("harm", ["missing", "changed"])
def test_a_broken_file_is_told_and_made_anew(api, work, harm):
    ask(api)
    work()
    hash_ = Audio.objects.get().hash
    if harm == "missing":
        storage.delete(hash_)
    else:
        default_storage.delete(storage.place_of(hash_))
        default_storage.save(storage.place_of(hash_), File(open_bytes()))

    assert track(api) == (200, {"msg": "BROKEN"})
    assert ask(api) == (200, {"msg": "OK"})
    work()
    assert track(api)[1]["msg"] == "OK"


def open_bytes():
    return io.BytesIO(b"something else")


def test_what_cannot_be_spoken_is_broken_and_may_be_asked_for_again(api, work, tone):
    tone.failures = ["no breath"] * 4
    ask(api)
    for _ in range(4):
        Audio.objects.update(due_at="2020-01-01T00:00:00Z")
        work()

    assert track(api) == (200, {"msg": "BROKEN"})
    assert ask(api) == (200, {"msg": "OK"})


@pytest.mark.parametrize("route", ["квест/7", "../../x", "$$", "a b\n", "'; drop table"])
def test_routes_may_be_any_text(api, work, route):
    ask(api, route=route)
    work()

    assert track(api, route)[1]["msg"] == "OK"
    assert ".." not in track(api, route)[1]["link"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        {"route_id": "q"},
        {"route_text": "x"},
        {"route_id": "", "route_text": "x"},
        {"route_id": 5, "route_text": "x"},
        {"route_id": "q", "route_text": ""},
        {"route_id": "q", "route_text": None},
        {"route_id": "q", "route_text": " …"},
        {"route_id": "q", "route_text": "a\0b"},
        b'{"route_id": "q", "route_text": "\\ud800"}',
        {"route_id": "x" * 501, "route_text": "x"},
        {"route_id": "q", "route_text": "а" * 5001},
        {"route_id": "q", "route_json": "x"},
        {"route_id": "q", "route_json": {"no": "texts"}},
    ],
    ids=lambda body: str(body)[:40],
)
def test_what_is_wrong_is_a_400_that_says_so(api, body):
    status, answer = post(api, "route_to_audio", body)

    assert status == 400
    assert answer["msg"]
    assert not Speech.objects.exists()


@pytest.mark.parametrize("call", ["route_to_audio", "string_to_audio", "get_track_for_route"])
def test_without_a_key_nothing_is_told(client, db, call):
    assert post(client, call, {"route_id": "q"})[0] == 401


def test_a_bearer_is_a_key_too(api, client):
    answer = client.post(
        "/tts/get_track_for_route",
        {"route_id": "q"},
        content_type="application/json",
        headers={"authorization": "Bearer key of ann"},
    )

    assert answer.status_code == 404


def test_routes_of_others_are_not_to_be_seen(api, boris, client):
    ask(api)
    others = {"api-key": "key of boris"}

    answer = client.post(
        "/tts/get_track_for_route", {"route_id": "q"}, "application/json", headers=others
    )

    assert answer.json() == {"msg": "NOT_FOUND"}


def test_the_heart_beats_for_everybody(client, db):
    assert client.get("/tts/heart_beat").json() == {"msg": "heart_beat"}
    assert post(client, "heart_beat", {}) == (200, {"msg": "heart_beat"})


def test_other_methods_are_refused(api):
    answer = api.get("/tts/route_to_audio")

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"


def test_while_files_cannot_be_written_every_call_says_so(api, settings, tmp_path):
    (tmp_path / "file").write_text("no folder")
    settings.MEDIA_ROOT = tmp_path / "file"

    assert post(api, "heart_beat", {}) == (503, {"msg": "NOT_READY"})
    assert ask(api) == (503, {"msg": "NOT_READY"})


def test_while_the_tables_are_not_there_every_call_says_so(api, transactional_db):
    with connections["default"].schema_editor() as editor:
        editor.alter_db_table(Speech, "tts_speech", "elsewhere")
    try:
        assert track(api) == (503, {"msg": "NOT_READY"})
    finally:
        with connections["default"].schema_editor() as editor:
            editor.alter_db_table(Speech, "elsewhere", "tts_speech")


@pytest.mark.parametrize("url", ["", "/", "/heart_beat"])
def test_an_empty_or_a_taken_url_is_refused_when_it_is_registered(url):
    with pytest.raises(ValueError, match=r"empty|taken"):
        request_mapping(url)(lambda caller, data: Answer("x"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("text"), inner),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=json_values)
def test_no_body_brings_the_service_down(api, body):
    for call in ("route_to_audio", "get_track_for_route"):
        assert post(api, call, body)[0] in (200, 201, 400, 404)


def test_asking_costs_few_queries(api, work, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        ask(api)
    work()
    with django_assert_max_num_queries(3):
        ask(api)
    with django_assert_max_num_queries(3):
        track(api)
