from typing import Any

import pytest

from realtime.connections.router import ConnectionRouter
from realtime.register import EventRegister
from realtime.tests.clients import connected


@pytest.fixture
def router() -> Any:
    return ConnectionRouter()


@pytest.fixture
def register(router: Any) -> Any:
    made = EventRegister(anonymous=True)

    @made.on_event("connected")
    async def come(context: Any) -> None:
        router.add_connection(context.connection)

    @made.on_event("disconnected")
    async def go(context: Any) -> None:
        router.remove_connection(context.connection)

    @made.on_event("say")
    async def say(context: Any) -> None:
        await router.broadcast("said", context.payload, exclude=[context.connection])

    return made


async def test_a_broadcast_reaches_everyone_but_the_excluded(register: Any, router: Any) -> None:
    async with connected(register) as ann, connected(register) as bob:
        await ann.emit("say", "hello")

        assert await bob.hear() == ("said", "hello")
        assert await ann.receive_nothing()


async def test_one_connection_is_reached_by_its_id(register: Any, router: Any) -> None:
    async with connected(register) as ann:
        await ann.emit("system.ping")
        await ann.hear()
        (connection,) = router.get_all_connections()

        assert router.get_connection(connection.id) is connection
        assert await router.send_to_connection(connection.id, "said", 1)
        assert await ann.hear() == ("said", 1)

    assert router.get_all_connections() == []
    assert not await router.send_to_connection(connection.id, "said", 1)
