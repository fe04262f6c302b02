"""Administrators look into the sandbox."""

from typing import Any

import pytest
from django.urls import reverse

from sandbox.actions import add_oauth_client, post_message
from sandbox.models import AccessToken, Faults, Message, WebhookEvent

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


def test_who_is_suspended_and_activated_is_told_to_the_bots(
    admin_client: Any, ann: Any, bot: Any
) -> None:
    WebhookEvent.objects.all().delete()
    chosen = {"_selected_action": [ann.pk, bot.pk]}

    for action in ("suspend", "suspend", "activate"):
        admin_client.post("/admin/sandbox/account/", {"action": action, **chosen})

    kinds = WebhookEvent.objects.order_by("pk").values_list("event_type", "payload__user_ids")
    assert list(kinds) == [
        ("company_member_suspend", [ann.pk]),
        ("company_member_activate", [ann.pk]),
    ]


def test_people_who_are_changed_or_deleted_in_the_admin_are_told_to_the_bots(
    admin_client: Any, ann: Any, bot: Any
) -> None:
    WebhookEvent.objects.all().delete()
    page = admin_client.get(f"/admin/sandbox/account/{ann.pk}/change/")
    form = {k: "" if v is None else v for k, v in page.context["adminform"].form.initial.items()}
    fields = {**form, "commands": "[]", "other_settings": "{}", "events": "", "first_name": "Olga"}
    fields = {name: value for name, value in fields.items() if value is not False}

    saved = admin_client.post(f"/admin/sandbox/account/{ann.pk}/change/", fields)
    admin_client.post(f"/admin/sandbox/account/{ann.pk}/change/", {**fields, "suspended": "on"})
    admin_client.post(f"/admin/sandbox/account/{ann.pk}/delete/", {"post": "yes"})

    assert saved.status_code == 302
    kinds = list(WebhookEvent.objects.order_by("pk").values_list("event_type", flat=True))
    assert kinds == [f"company_member_{it}" for it in ("update", "suspend", "delete")]
