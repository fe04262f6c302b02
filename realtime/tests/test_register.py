import asyncio
import json
from typing import Any

import pytest

from realtime.errors import EventError
from realtime.register import EventRegister, signed_in
from realtime.tests.clients import connected


@pytest.fixture
def register() -> Any:
    return EventRegister(anonymous=True)


async def test_a_reply_has_the_name_and_id_of_its_event(register: Any) -> None:
    @register.on_event("add")
    async def add(context: Any) -> None:
        await context.reply(sum(context.payload))

    async with connected(register) as client:
        await client.emit("add", [1, 2], id="q1")

        assert json.loads(await client.receive_from(3)) == {
            "eventName": "add",
            "payload": 3,
            "headers": {"reply_to": "q1"},
        }


async def test_an_error_has_the_name_and_id_of_its_event(register: Any) -> None:
    @register.on_event("buy")
    async def buy(context: Any) -> None:
        raise EventError("sold_out", "There is no more tea.", left=0)

    async with connected(register) as client:
        await client.emit("buy", id=7)
        frame = json.loads(await client.receive_from(3))

    assert frame["eventName"] == "error"
    assert frame["headers"] == {"reply_to": 7}
    assert frame["payload"] == {
        "code": "sold_out",
        "message": "There is no more tea.",
        "left": 0,
        "event": "buy",
    }


async def test_an_event_error_is_not_logged(
    register: Any, caplog: pytest.LogCaptureFixture
) -> None:
    reasons = []

    @register.on_event("buy")
    async def buy(context: Any) -> None:
        raise EventError("sold_out", "There is no more tea.")

    @register.on_event("error")
    async def remember(context: Any) -> None:
        reasons.append(context.payload)

    async with connected(register) as client:
        await client.emit("buy")
        await client.hear()

    assert not reasons
    assert not caplog.records


async def test_a_ping_is_answered_while_handlers_are_busy(register: Any) -> None:
    @register.on_event("sleep", in_order=True)
    async def sleep(context: Any) -> None:
        await asyncio.sleep(0.05)

    async with connected(register) as client:
        await client.emit("sleep")
        await client.emit("system.ping", "tick", id=1)

        assert await client.hear(0.04) == ("system.pong", "tick")


async def test_system_events_cannot_be_registered(register: Any) -> None:
    with pytest.raises(ValueError, match="reserved for the server"):
        register.on_event("system.ping")(test_system_events_cannot_be_registered)

    async with connected(register) as client:
        await client.emit("system.shutdown")
        _, payload = await client.hear()

    assert payload["code"] == "unknown_event"


@pytest.mark.parametrize(("in_order", "heard"), [(True, [3, 1, 2]), (False, [1, 2, 3])])
async def test_a_register_can_handle_events_in_order(in_order: bool, heard: Any) -> None:
    register = EventRegister(in_order=in_order, anonymous=True)

    @register.on_event("sleep")
    async def sleep(context: Any) -> None:
        await asyncio.sleep(context.payload / 50)
        await context.reply(context.payload)

    async with connected(register) as client:
        for payload in (3, 1, 2):
            await client.emit("sleep", payload)

        assert [(await client.hear())[1] for _ in range(3)] == heard


async def test_a_single_event_can_be_handled_in_order(register: Any) -> None:
    @register.on_event("first", in_order=True)
    async def first(context: Any) -> None:
        await asyncio.sleep(0.03)
        await context.reply()

    @register.on_event("second", in_order=True)
    async def second(context: Any) -> None:
        await context.reply()

    @register.on_event("third")
    async def third(context: Any) -> None:
        await context.reply()

    async with connected(register) as client:
        for name in ("first", "second", "third"):
            await client.emit(name)

        assert [(await client.hear())[0] for _ in range(3)] == ["third", "first", "second"]


async def test_an_event_can_require_a_permission(register: Any) -> None:
    @register.on_event("secret", permission=signed_in)
    async def secret(context: Any) -> None:
        await context.reply("42")

    async with connected(register) as client:
        await client.emit("secret")
        _, payload = await client.hear()

    assert (payload["code"], payload["event"]) == ("forbidden", "secret")
