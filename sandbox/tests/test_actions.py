"""Seeding: the same call again changes nothing but what is given."""

from typing import Any

from sandbox.actions import add_bot, add_chat, add_person
from sandbox.models import Account, Chat


def test_people_are_added_once(db: Any) -> None:
    ann = add_person("Ann Lee", "ann", token="test")
    again = add_person("Ann Roe", "ann")

    assert (ann.pk, ann.token) == (again.pk, again.token)
    assert again.name == "Ann Roe"
    assert Account.objects.count() == 1


def test_bots_keep_their_secrets(db: Any) -> None:
    bot = add_bot("Demo", "demo", "/bots/demo/webhook", token="t", signing_secret="s")
    again = add_bot("Demo 2", "demo", "/bots/demo/webhook")

    assert (again.pk, again.token, again.signing_secret) == (bot.pk, "t", "s")
    assert (again.name, again.nickname, again.is_bot) == ("Demo 2", "demo", True)


def test_chats_gain_members(ann: Any, bob: Any, stranger: Any) -> None:
    chat = add_chat("Tea", [ann, bob])
    again = add_chat("Tea", [ann, stranger])

    assert chat == again
    assert chat.memberships.count() == 3
    assert add_chat("Tea", [ann], channel=True) != chat
    assert Chat.objects.count() == 2
