"""Threads: comments on a message, or on nothing."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from sandbox import actions, shapes
from sandbox.api.call import Call
from sandbox.api.router import answers
from sandbox.errors import forbidden, not_found
from sandbox.models import Thread
from sandbox.pagination import Page, take_page


@answers("ThreadOperations_createThread")
def create_thread(call: Call) -> dict[str, Any]:
    message = call.message()
    if message.chat.is_thread:
        raise forbidden(_("A comment has no thread of its own."))
    return shapes.thread(actions.start_thread(call.account, message))


@answers("ThreadOperations_createStandaloneThread")
def create_standalone_thread(call: Call) -> dict[str, Any]:
    return shapes.thread(actions.start_thread(call.account))


@answers("ThreadOperations_getThread")
def get_thread(call: Call) -> dict[str, Any]:
    rows = Thread.objects.seen_by(call.account).select_related("message")
    thread = rows.filter(pk=call.path["id"]).first()
    if thread is None:
        raise not_found("id", call.path["id"])
    call.chat_id = thread.chat_id
    return shapes.thread(thread)


@answers("ThreadOperations_listThreads")
def list_threads(call: Call) -> Page:
    rows = Thread.objects.of(call.account).select_related("message")
    if after := call.query.get("last_message_at_after"):
        rows = rows.filter(updated_at__gte=shapes.parsed(after))
    if before := call.query.get("last_message_at_before"):
        rows = rows.filter(updated_at__lte=shapes.parsed(before))
    shown, cursor, more = take_page(rows, call.query, ("updated_at", "id"))
    return Page([shapes.thread(row) for row in shown], cursor, more)
