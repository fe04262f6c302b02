"""Rows for the tests of the admin, and the pages that show them."""

import json

from django.urls import reverse

from bots.jobs import State
from bots.models import Delivery, Update
from bots.tests.conftest import message_event


def make_update(bot, text="/start", state=State.DONE, **fields):
    event = message_event(text)
    count = Update.objects.count()
    raw = fields.pop("raw", json.dumps(event))
    return Update.objects.create(
        bot=bot, key=f"k{count}", kind="message.new", chat="chat:77", raw=raw, state=state, **fields
    )


def make_delivery(bot, text="Hello!", state=State.DONE, **fields):
    payload = {"message": {"entity_type": "user", "entity_id": 12, "content": text}}
    return Delivery.objects.create(
        bot=bot, chat="user:12", method="create_message", payload=payload, state=state, **fields
    )


def page_of(row):
    name = row._meta.model_name
    return reverse(f"admin:bots_{name}_change", args=[row.pk])


def list_of(model):
    return reverse(f"admin:bots_{model._meta.model_name}_changelist")


def told(response):
    return [str(message) for message in response.context["messages"]]
