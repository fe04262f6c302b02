"""What an API key allows holds at every entrance where a key can be shown."""

import json
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.testing import HttpCommunicator, WebsocketCommunicator
from django.test import Client
from django.utils import timezone

from core.scopes import Scope
from project.asgi import application
from twitter.api.calls import CALLS
from twitter.models import ApiKey, User

BODY = '{"tweet_data": "hi"}'
PATHS = {"<int:tweet_id>": "1", "<int:user_id>": "1", "<str:filename>": "x"}


def client_with(person: User, scopes: str) -> Client:
    return Client(headers={"api-key": ApiKey.objects.make(person, "tests", scopes=scopes)[1]})


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path}")
def test_each_call_of_the_api_takes_keys_with_its_scope_only(
    ann: User, call: Any, scope: Scope
) -> None:
    path = "/api/" + call.path
    for name, value in PATHS.items():
        path = path.replace(name, value)

    answer = client_with(ann, scope).generic(call.method, path)

    is_allowed = scope == call.required_scope or call.path.startswith("medias/")
    refused = b"insufficient_scope" in answer.content
    assert refused != is_allowed
    assert not refused or answer.status_code == 403


def test_reading_and_writing_follow_the_method() -> None:
    scopes = {call.method: call.required_scope for call in CALLS}

    assert scopes == {
        "GET": Scope.READ,
        "POST": Scope.WRITE,
        "PATCH": Scope.WRITE,
        "DELETE": Scope.WRITE,
    }


def test_the_refusal_names_the_scope(ann: User) -> None:
    answer = client_with(ann, "read").post("/api/tweets", BODY, "application/json")

    assert answer.json() == {
        "result": False,
        "error_type": "insufficient_scope",
        "error_message": "The api-key does not allow this. It needs the scope “write”.",
    }


@pytest.mark.parametrize("path", ["/tts/string_to_audio", "/tts/get_track_for_route"])
def test_speech_takes_keys_with_the_scope_of_speech_only(ann: User, path: str) -> None:
    statuses = {scope: client_with(ann, scope).post(path).status_code for scope in Scope}

    assert [scope for scope, status in statuses.items() if status != 403] == [Scope.SPEECH]


def test_the_openai_endpoint_takes_keys_with_the_scope_of_speech_only(ann: User) -> None:
    def status_with(scopes: str) -> int:
        key = ApiKey.objects.make(ann, "tests", scopes=scopes)[1]
        return Client().get("/v1/models", headers={"authorization": f"Bearer {key}"}).status_code

    assert (status_with("speech"), status_with("read write")) == (200, 403)


@pytest.mark.parametrize(("scopes", "is_open"), [("read", True), ("write speech", False)])
async def test_sockets_take_keys_with_the_scope_of_reading_only(
    transactional_db: None, broker: Any, scopes: str, is_open: bool
) -> None:
    ann = await database_sync_to_async(User.objects.create)(username="ann")
    _, key = await database_sync_to_async(ApiKey.objects.make)(ann, "tests", scopes=scopes)
    headers = [(b"api-key", key.encode()), (b"host", b"localhost")]
    socket = WebsocketCommunicator(application, "/ws", headers=headers)
    await socket.connect()

    await socket.send_to(json.dumps({"eventName": "system.ping", "payload": 1, "headers": {}}))
    answer = json.loads(await socket.receive_from(3))

    if is_open:
        assert answer["eventName"] == "system.pong"
    else:
        assert answer["payload"]["code"] == "insufficient_scope"
        assert (await socket.receive_output(3))["code"] == 4403
    await socket.disconnect()


async def test_event_streams_take_keys_with_the_scope_of_reading_only(
    transactional_db: None, broker: Any
) -> None:
    ann = await database_sync_to_async(User.objects.create)(username="ann")
    _, key = await database_sync_to_async(ApiKey.objects.make)(ann, "tests", scopes="write")
    headers = [(b"api-key", key.encode()), (b"host", b"localhost")]
    stream = HttpCommunicator(application, "GET", "/events?room=tweets", headers=headers)

    assert (await stream.get_response(10))["status"] == 403


def test_the_settings_page_makes_keys_with_scopes_and_an_end(ann: User, signed_in: Client) -> None:
    form = {"name": "reports", "scopes": ["read"], "days": "30"}

    page = signed_in.post("/settings/keys", form, follow=True)

    key = ann.api_keys.get()
    assert key.scopes == "read"
    assert key.expires_at is not None
    assert key.expires_at - timezone.now() > timedelta(days=29)
    assert "read the microblog and its events" in page.content.decode()
    assert "valid until" in page.content.decode()


def test_a_key_for_everything_has_every_scope_also_later_ones(ann: User, signed_in: Client) -> None:
    signed_in.post("/settings/keys", {"name": "all", "scopes": ["read", "write", "speech"]})

    assert set(ann.api_keys.get().scopes.split()) == set(Scope)


def test_a_key_for_nothing_is_not_made(ann: User, signed_in: Client) -> None:
    page = signed_in.post("/settings/keys", {"name": "nothing"})

    assert page.status_code == 400
    assert "Choose at least one thing" in page.content.decode()
    assert not ann.api_keys.exists()


def test_the_admin_makes_keys_with_scopes(ann: User, root: User, client: Client) -> None:
    client.force_login(root)
    form = {"owner": ann.pk, "name": "reports", "scopes": ["speech"]}
    form |= {"expires_at_0": "2126-01-01", "expires_at_1": "12:00"}

    client.post("/admin/twitter/apikey/add/", form)

    key = ann.api_keys.get()
    assert (key.scopes, key.expires_at and key.expires_at.year) == ("speech", 2126)
    assert client.get(f"/admin/twitter/apikey/{key.pk}/change/").status_code == 200
