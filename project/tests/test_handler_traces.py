"""The traceback of a bot's handler in the trace of the sandbox's message."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.fixtures import (
    DjangoAssertNumQueries,
    DjangoCaptureOnCommitCallbacks,
    SettingsWrapper,
)

from bots.framework.api import run
from bots.framework.events.identity import key_of, kind_of
from bots.framework.routing.router import Command, Router, root
from bots.models import Bot, Update
from bots.runtime import dispatch
from realtime.testing import sockets as sockets  # a fixture
from sandbox import trace
from sandbox.actions import add_bot, add_person, direct_chat, post_message
from sandbox.models import Message, WebhookEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def router() -> Iterator[Router]:
    router = Router()
    root.routers.insert(0, router)
    yield router
    root.routers.remove(router)


@pytest.fixture
def asked() -> Message:
    """A message that the sandbox has delivered to a bot here."""
    ann = add_person("Ann", "ann")
    account = add_bot("Helper", "helper", "/bots/helper/webhook", token="t", signing_secret="s")
    message = post_message(ann, direct_chat(ann, account), "/break")
    bot = Bot.objects.create(name="Helper", slug="helper", in_sandbox=True, token="t")
    payload = WebhookEvent.objects.get().payload
    Update.objects.create(
        bot=bot, key=key_of(payload), kind=kind_of(payload), raw=json.dumps(payload)
    )
    return message


def breaks(router: Router) -> None:
    @router.message(Command("break"))
    async def broken() -> None:
        raise ValueError("out of order")


def failure(message: Message) -> Any:
    (event,) = trace.serialize_trace(message)["events"]
    return event["failure"]


def test_the_trace_shows_the_traceback_of_the_handler(
    asked: Any,
    router: Any,
    sockets: Any,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    breaks(router)
    assert failure(asked) is None

    with django_capture_on_commit_callbacks(execute=True):
        run(dispatch.handle(Update.objects.get().pk))

    shown = failure(asked)
    assert "ValueError: out of order" in shown["error"]
    assert "test_handler_traces.py" in shown["error"]
    assert shown["is_final"] is False
    assert ("sandbox.trace", {"message_id": asked.pk}) in sockets.received


def test_while_debug_is_on_a_programming_error_is_not_tried_again(
    asked: Any, router: Any, settings: SettingsWrapper
) -> None:
    settings.DEBUG = True
    breaks(router)

    run(dispatch.handle(Update.objects.get().pk))

    assert failure(asked)["is_final"] is True


def test_an_event_that_was_handled_well_in_the_end_shows_nothing(asked: Any, router: Any) -> None:
    Update.objects.update(error="earlier")
    router.message()(lambda: "well")

    run(dispatch.handle(Update.objects.get().pk))

    assert failure(asked) is None


def test_a_traceback_is_one_query_for_all_events(
    asked: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):  # events, attempts, failures, calls
        trace.serialize_trace(asked)
