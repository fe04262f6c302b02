"""Rows for the tests of the admin, and the pages that show them."""

import json
from typing import Any

from django.urls import reverse

from bots.models import Delivery, Update
from bots.models.jobs import State
from bots.tests.conftest import message_event


def make_update(bot: Any, text: Any = "/start", state: Any = State.DONE, **fields: Any) -> Any:
    event = message_event(text)
    count = Update.objects.count()
    raw = fields.pop("raw", json.dumps(event))
    return Update.objects.create(
        bot=bot, key=f"k{count}", kind="message.new", chat="chat:77", raw=raw, state=state, **fields
    )


def make_delivery(bot: Any, text: Any = "Hello!", state: Any = State.DONE, **fields: Any) -> Any:
    payload = {"message": {"entity_type": "user", "entity_id": 12, "content": text}}
    return Delivery.objects.create(
        bot=bot, chat="user:12", method="create_message", payload=payload, state=state, **fields
    )


def page_of(row: Any) -> Any:
    name = row._meta.model_name
    return reverse(f"admin:bots_{name}_change", args=[row.pk])


def list_of(model: Any) -> Any:
    return reverse(f"admin:bots_{model._meta.model_name}_changelist")


def messages_of(response: Any) -> Any:
    return [str(message) for message in response.context["messages"]]
