"""The contract of the route calls, in every state."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, connections
from django.http import HttpResponse
from django.urls import path
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import SettingsWrapper

from tts import storage
from tts.http.bodies import find_texts
from tts.http.register import Answer, patterns_beside, request_mapping
from tts.models import Audio, Speech

# Half an hour and ten seconds.
PAUSES = '<break time="10s"/>' * 181
pytestmark = pytest.mark.usefixtures("tone", "sockets")


def post(api: Any, call: Any, body: Any) -> Any:
    raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
    answer = api.post(f"/tts/{call}", raw, content_type="application/json")
    return answer.status_code, answer.json()


def ask(api: Any, text: Any = "привет", route: Any = "q") -> Any:
    return post(api, "route_to_audio", {"route_id": route, "route_text": text})


def track(api: Any, route: Any = "q") -> Any:
    return post(api, "get_track_for_route", {"route_id": route})


def test_a_text_goes_its_way_from_nothing_to_a_link(api: Any, work: Any) -> None:
    assert track(api) == (404, {"msg": "NOT_FOUND"})
    assert ask(api) == (200, {"msg": "OK"})
    assert track(api) == (200, {"msg": "PROCESSING"})
    assert ask(api) == (201, {"msg": "ALREADY_HAVE_TASK"})

    work()

    status, answer = track(api)
    assert (status, answer["msg"]) == (200, "OK")
    assert answer["link"].endswith(".mp3")
    assert ask(api) == (200, {"msg": "ALREADY_DONE"})


def test_pauses_longer_than_a_speech_are_refused_at_once(api: Any) -> None:
    text = f"<speak>раз{PAUSES}</speak>"

    status, answer = post(api, "route_to_audio", {"route_id": "q", "route_json": {"text": text}})

    assert status == 400
    assert "pauses" in answer["msg"]
    assert not Speech.objects.exists()


def test_string_to_audio_is_the_same_call(api: Any, work: Any) -> None:
    body = {"route_id": "q", "route_text": "привет"}

    assert post(api, "string_to_audio", body) == (200, {"msg": "OK"})
    assert ask(api) == (201, {"msg": "ALREADY_HAVE_TASK"})


def test_another_text_starts_anew_and_only_it_can_be_the_answer(api: Any, work: Any) -> None:
    ask(api, "раз")
    work()
    first = track(api)[1]["link"]

    assert ask(api, "второй") == (200, {"msg": "OK"})
    assert track(api) == (200, {"msg": "PROCESSING"})
    work()

    assert track(api)[1]["link"] != first


def test_a_route_of_json_is_all_its_texts_one_paragraph_each(
    api: Any, work: Any, tone: Any
) -> None:
    tree = {"a": [{"text": "раз"}, {"b": {"text": "два"}}], "text": "три", "c": {"text": 4}}

    post(api, "route_to_audio", {"route_id": "q", "route_json": tree})
    work()

    assert Audio.objects.get().text == "раз\n\nдва\n\nтри"


def test_texts_come_in_the_order_of_the_document() -> None:
    tree = {"x": {"text": "1"}, "text": "2", "y": [{"text": "3"}, [{"text": {"text": "4"}}]]}

    assert list(find_texts(tree)) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("harm", ["missing", "changed"])
def test_a_broken_file_is_told_and_made_anew(api: Any, work: Any, harm: str) -> None:
    ask(api)
    work()
    hash_ = Audio.objects.get().hash
    if harm == "missing":
        storage.delete(hash_)
    else:
        default_storage.delete(storage.storage_name(hash_))
        default_storage.save(storage.storage_name(hash_), File(open_bytes()))

    assert track(api) == (200, {"msg": "BROKEN"})
    assert ask(api) == (200, {"msg": "OK"})
    work()
    assert track(api)[1]["msg"] == "OK"


def open_bytes() -> Any:
    return io.BytesIO(b"something else")


def test_what_cannot_be_spoken_is_broken_and_may_be_asked_for_again(
    api: Any, work: Any, tone: Any
) -> None:
    tone.failures = ["no breath"] * 4
    ask(api)
    for _ in range(4):
        Audio.objects.update(due_at="2020-01-01T00:00:00Z")
        work()

    assert track(api) == (200, {"msg": "BROKEN"})
    assert ask(api) == (200, {"msg": "OK"})


@pytest.mark.parametrize("route", ["квест/7", "../../x", "$$", "a b\n", "'; drop table"])
def test_routes_may_be_any_text(api: Any, work: Any, route: str) -> None:
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
def test_what_is_wrong_is_a_400_that_says_so(api: Any, body: Any) -> None:
    status, answer = post(api, "route_to_audio", body)

    assert status == 400
    assert answer["msg"]
    assert not Speech.objects.exists()


@pytest.mark.parametrize("call", ["route_to_audio", "string_to_audio", "get_track_for_route"])
def test_without_a_key_nothing_is_told(client: Any, db: Any, call: str) -> None:
    assert post(client, call, {"route_id": "q"})[0] == 401


def test_a_bearer_is_a_key_too(api: Any, client: Any) -> None:
    answer = client.post(
        "/tts/get_track_for_route",
        {"route_id": "q"},
        content_type="application/json",
        headers={"authorization": "Bearer key of ann"},
    )

    assert answer.status_code == 404


def test_routes_of_others_are_not_to_be_seen(api: Any, boris: Any, client: Any) -> None:
    ask(api)
    others = {"api-key": "key of boris"}

    answer = client.post(
        "/tts/get_track_for_route", {"route_id": "q"}, "application/json", headers=others
    )

    assert answer.json() == {"msg": "NOT_FOUND"}


def test_the_heart_beats_for_everybody(client: Any, db: Any) -> None:
    assert client.get("/tts/heart_beat").json() == {"msg": "heart_beat"}
    assert post(client, "heart_beat", {}) == (200, {"msg": "heart_beat"})


def test_other_methods_are_refused(api: Any) -> None:
    answer = api.get("/tts/route_to_audio")

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"


def test_while_files_cannot_be_written_every_call_says_so(
    api: Any, settings: SettingsWrapper, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    settings.MEDIA_ROOT = tmp_path / "file"

    assert post(api, "heart_beat", {}) == (503, {"msg": "NOT_READY"})
    assert ask(api) == (503, {"msg": "NOT_READY"})


@pytest.mark.parametrize("status", [429, 503])
def test_a_call_that_may_be_repeated_tells_when(status: int) -> None:
    assert Answer("later", status, wait=7).response().headers["Retry-After"] == "7"


def test_an_owner_with_too_many_speeches_is_told_when_to_come_back(
    api: Any, settings: SettingsWrapper
) -> None:
    settings.TTS_MAX_OPEN = 1
    ask(api)

    answer = api.post(
        "/tts/route_to_audio",
        json.dumps({"route_id": "other", "route_text": "два"}),
        content_type="application/json",
    )

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_while_the_tables_are_not_there_every_call_says_so(api: Any, transactional_db: Any) -> None:
    with connections["default"].schema_editor() as editor:
        editor.alter_db_table(Speech, "tts_speech", "elsewhere")
    try:
        assert track(api) == (503, {"msg": "NOT_READY"})
    finally:
        with connections["default"].schema_editor() as editor:
            editor.alter_db_table(Speech, "elsewhere", "tts_speech")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "empty"),
        ("/", "empty"),
        ("//", "empty"),
        ("/heart_beat", "taken"),
        ("heart_beat", "taken"),
        ("//heart_beat", "taken"),
        ("/heart_beat/", "taken"),
        ("/files/x", "taken"),
        ("/a//b", "may only contain"),
        ("/heart_beat?x=1", "may only contain"),
        ("/heart%5Fbeat", "may only contain"),
        (" /x", "may only contain"),
        ("/<str:route>", "may only contain"),
        ("/х", "may only contain"),
    ],
)
def test_a_url_that_is_empty_collides_or_cannot_be_one_is_refused_when_it_is_registered(
    url: str, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        request_mapping(url)(lambda caller, data: Answer("x"))


@pytest.mark.parametrize("page", ["heart_beat", "<str:anything>"])
def test_a_call_at_the_url_of_a_page_is_refused_when_the_urls_are_loaded(page: str) -> None:
    with pytest.raises(ValueError, match="belongs to a page"):
        patterns_beside([path(page, lambda request: HttpResponse())])


def test_a_text_that_begins_as_ssml_is_parsed_as_ssml(api: Any, work: Any, tone: Any) -> None:
    markup = '<speak>раз<break time="1s"/>два</speak>'

    assert ask(api, markup) == (200, {"msg": "OK"})
    work()

    assert tone.spoken == ["раз", "два"]
    assert Audio.objects.get().is_ssml
    assert ask(api, markup) == (200, {"msg": "ALREADY_DONE"})


def test_what_is_wrong_with_the_ssml_of_a_route_is_told_with_its_place(api: Any) -> None:
    status, answer = ask(api, "<speak>\n<audio/></speak>")

    assert status == 400
    assert answer["msg"].startswith("Line 2, column 1: unknown element <audio>")


def test_texts_of_a_tree_may_be_ssml_and_plain_side_by_side(api: Any, work: Any, tone: Any) -> None:
    tree = [{"text": "A & B"}, {"text": '<speak xml:lang="ru">раз <sub alias="2">II</sub></speak>'}]

    status, _ = post(api, "route_to_audio", {"route_id": "q", "route_json": tree})
    work()

    assert status == 200
    assert tone.spoken == ["A and B", "раз два"]


def test_the_voice_that_spoke_is_in_the_headers_of_a_track(
    api: Any, work: Any, tone: Any, spare: Any
) -> None:
    tone.failures = ["no breath"]
    ask(api)
    work()

    body = {"route_id": "q"}
    answer = api.post("/tts/get_track_for_route", body, content_type="application/json")

    assert (answer.headers["X-Engine"], answer.headers["X-Voice"]) == ("spare", "spare")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("text"), inner),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=json_values)
def test_no_body_brings_the_service_down(api: Any, body: Any) -> None:
    for call in ("route_to_audio", "get_track_for_route"):
        assert post(api, call, body)[0] in (200, 201, 400, 404)


def test_asking_costs_few_queries(api: Any, work: Any, django_assert_max_num_queries: Any) -> None:
    # One more on PostgreSQL: an advisory lock serialises the requests of an owner.
    with django_assert_max_num_queries(15 + (connection.vendor == "postgresql")):
        ask(api)
    work()
    with django_assert_max_num_queries(3):
        ask(api)
    with django_assert_max_num_queries(3):
        track(api)
