"""Administrators look into the sandbox."""

from typing import Any

import pytest
from django.urls import reverse

from sandbox.actions import add_oauth_client, post_message
from sandbox.models import AccessToken, Faults, Message

LISTS = ["accesstoken", "account", "apicall", "chat", "faults", "message", "oauthclient", "view"]
LISTS += ["webhookevent"]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens(
    admin_client: Any, as_bot: Any, ann: Any, bot: Any, chat: Any, name: Any
) -> None:
    post_message(ann, chat, "hi")
    as_bot.get("/profile")
    Faults.objects.create()
    AccessToken.grant(add_oauth_client(bot, []), ann)

    response = admin_client.get(reverse(f"admin:sandbox_{name}_changelist"))

    assert response.status_code == 200


def test_what_was_said_is_for_reading(admin_client: Any, ann: Any, chat: Any) -> None:
    message = post_message(ann, chat, "hi")
    path = reverse("admin:sandbox_message_change", args=[message.pk])

    assert admin_client.get(path).status_code == 200
    assert admin_client.post(path, {"content": "other"}).status_code == 403


def test_tokens_are_not_shown(admin_client: Any, bot: Any) -> None:
    page = admin_client.get(reverse("admin:sandbox_account_change", args=[bot.pk]))

    assert bot.token not in page.content.decode()


def test_a_message_without_words_is_listed_by_its_number(ann: Any, chat: Any) -> None:
    message = Message.objects.create(author=ann, chat=chat, content="")

    assert str(message) == f"#{message.pk}"
