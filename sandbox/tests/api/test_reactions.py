"""Reactions over the API."""

from typing import Any

from sandbox.models import Reaction, WebhookEvent


def test_a_reaction_is_there_once(as_ann: Any, as_bob: Any, bob: Any, chat: Any) -> None:
    path = f"/messages/{as_ann.say(chat, 'hi')['id']}/reactions"

    first = as_bob.post(path, {"code": "👍", "name": ":+1:"})
    again = as_bob.post(path, {"code": "👍", "name": ":+1:"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.json()["user_id"] == bob.pk
    assert as_ann.get(path).json()["data"] == [first.json()]
    event = WebhookEvent.objects.get(event_type="reaction_new")
    assert (event.payload["code"], event.payload["user_id"]) == ("👍", bob.pk)


def test_one_takes_back_ones_own(as_ann: Any, as_bob: Any, chat: Any) -> None:
    path = f"/messages/{as_ann.say(chat, 'hi')['id']}/reactions"
    as_bob.post(path, {"code": "👍"})

    assert as_ann.delete(path, code="👍").status_code == 404
    assert as_bob.delete(path, code="👍").status_code == 204
    assert as_bob.delete(path).status_code == 400
    assert not Reaction.objects.exists()
    assert WebhookEvent.objects.filter(event_type="reaction_delete").count() == 1


def test_only_emoji(as_ann: Any, chat: Any) -> None:
    path = f"/messages/{as_ann.say(chat, 'hi')['id']}/reactions"

    response = as_ann.post(path, {"code": "ok"})

    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "wrong_emoji"


def test_one_person_adds_no_more_than_twenty(as_ann: Any, chat: Any) -> None:
    path = f"/messages/{as_ann.say(chat, 'hi')['id']}/reactions"

    answers = [as_ann.post(path, {"code": chr(0x1F600 + n)}).status_code for n in range(21)]

    assert answers == [201] * 20 + [422]
