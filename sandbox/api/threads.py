"""Threads of messages, and standalone threads."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from sandbox import actions, serializers
from sandbox.api.call import Call
from sandbox.api.errors import forbidden, not_found
from sandbox.api.pagination import Page, take_page
from sandbox.api.router import handles
from sandbox.models import Thread


@handles("ThreadOperations_createThread")
def create_thread(call: Call) -> dict[str, Any]:
    message = call.message()
    if message.chat.is_thread:
        raise forbidden(_("A comment cannot have its own thread."))
    return serializers.thread(actions.start_thread(call.account, message))


@handles("ThreadOperations_createStandaloneThread")
def create_standalone_thread(call: Call) -> dict[str, Any]:
    return serializers.thread(actions.start_thread(call.account))


@handles("ThreadOperations_getThread")
def get_thread(call: Call) -> dict[str, Any]:
    rows = Thread.objects.visible_to(call.account).select_related("message")
    thread = rows.filter(pk=call.path["id"]).first()
    if thread is None:
        raise not_found("id", call.path["id"])
    call.chat_id = thread.chat_id
    return serializers.thread(thread)


@handles("ThreadOperations_listThreads")
def list_threads(call: Call) -> Page:
    rows = Thread.objects.of(call.account).select_related("message")
    if after := call.query.get("last_message_at_after"):
        rows = rows.filter(updated_at__gte=serializers.parse_datetime(after))
    if before := call.query.get("last_message_at_before"):
        rows = rows.filter(updated_at__lte=serializers.parse_datetime(before))
    shown, cursor, more = take_page(rows, call.query, ("updated_at", "id"))
    return Page([serializers.thread(row) for row in shown], cursor, more)
