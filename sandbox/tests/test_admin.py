"""Administrators look into the sandbox."""

import pytest
from django.urls import reverse

from sandbox.actions import post_message
from sandbox.models import Faults

LISTS = ["account", "apicall", "chat", "faults", "message", "view", "webhookevent"]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens(admin_client, as_bot, ann, chat, name):
    post_message(ann, chat, "hi")
    as_bot.get("/profile")
    Faults.objects.create()

    response = admin_client.get(reverse(f"admin:sandbox_{name}_changelist"))

    assert response.status_code == 200


def test_what_was_said_is_for_reading(admin_client, ann, chat):
    message = post_message(ann, chat, "hi")
    path = reverse("admin:sandbox_message_change", args=[message.pk])

    assert admin_client.get(path).status_code == 200
    assert admin_client.post(path, {"content": "other"}).status_code == 403


def test_tokens_are_not_shown(admin_client, bot):
    page = admin_client.get(reverse("admin:sandbox_account_change", args=[bot.pk]))

    assert bot.token not in page.content.decode()
