"""Which call is answered how, before any handler sees it."""

import json
from typing import Any

import pytest

from sandbox.models import ApiCall

JSON = "application/json"


def test_without_a_known_token_nothing_is_answered(as_nobody: Any, as_ann: Any) -> None:
    for headers in ({}, {"Authorization": "Bearer no"}, {"Authorization": "Basic YTpi"}):
        response = as_nobody.client.get("/sandbox/api/shared/v1/profile", headers=headers)

        assert response.status_code == 401
        assert response.json().keys() == {"error", "error_description"}


def test_an_unknown_path_is_not_found(as_ann: Any) -> None:
    response = as_ann.get("/no/such/path")

    assert response.status_code == 404
    assert response.json()["errors"][0]["key"] == "path"


def test_what_is_official_but_not_emulated_says_so(as_ann: Any) -> None:
    for verb, path in (("GET", "/tasks"), ("GET", "/drafts"), ("POST", "/tasks")):
        response = as_ann.call(verb, path)

        assert response.status_code == 404
        assert response.json()["errors"][0]["code"] == "not_found"


@pytest.mark.parametrize(("verb", "path"), [("PATCH", "/messages"), ("DELETE", "/profile")])
def test_a_wrong_verb_is_refused(as_ann: Any, verb: str, path: str) -> None:
    assert as_ann.call(verb, path).status_code == 405


@pytest.mark.parametrize("path", ["/messages/0", "/messages/x", f"/messages/{10**30}", "/chats/-1"])
def test_an_id_that_cannot_be_is_not_found(as_ann: Any, path: str) -> None:
    assert as_ann.get(path).status_code == 404


def test_a_name_that_no_database_takes_is_not_found(as_bot: Any) -> None:
    assert as_bot.call("DELETE", "/webhooks/events/%00").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b'"text"',
        b'{"message": 1}',
        b'{"message": {"entity_id": NaN, "content": "a"}}',
        b'{"message": {"entity_id": 1e999, "content": "a"}}',
        b'{"message": {"entity_id": 1, "content": "a\\u0000b"}}',
        b'{"message": {"entity_id": 1, "content": "\\ud800"}}',
        b"[" * 100_000,
        b"9" * 10_000,
    ],
)
def test_a_body_that_is_not_a_call_is_refused(as_ann: Any, chat: Any, body: Any) -> None:
    response = as_ann.post("/messages", body)

    assert response.status_code == 400
    assert response.json()["errors"][0].keys() == {"key", "value", "message", "code", "payload"}


def test_a_body_that_is_too_large_is_refused(as_ann: Any) -> None:
    response = as_ann.post("/messages", b"[" + b" " * 1024 * 1024 + b"]")

    assert response.status_code == 413


def test_text_of_any_script_is_taken(as_ann: Any, chat: Any) -> None:
    text = "Привет 👩‍👩‍👧 \u202eabc\u2028\U0001f600\x07"

    assert as_ann.say(chat, text)["content"] == text


def test_the_calls_of_bots_are_logged_without_their_tokens(
    as_bot: Any, as_ann: Any, bot: Any, chat: Any
) -> None:
    as_bot.say(chat, "hi")
    as_ann.say(chat, "hi")
    as_bot.get("/messages/999")

    calls = list(ApiCall.objects.order_by("id"))
    assert [(call.method, call.path, call.status) for call in calls] == [
        ("POST", "/messages", 201),
        ("GET", "/messages/999", 404),
    ]
    log = json.dumps([[call.request, call.response] for call in calls])
    assert '"content": "hi"' in log
    assert bot.token not in log


def test_the_log_of_calls_is_bounded(
    as_bot: Any, bot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.models.calls.MAX_CALLS", 3)
    monkeypatch.setattr("sandbox.models.calls.PRUNE_INTERVAL", 1)

    for _ in range(6):
        as_bot.get("/profile")

    assert ApiCall.objects.count() == 3
