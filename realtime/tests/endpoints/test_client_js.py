"""The JavaScript client in a real browser, against a real server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import SettingsWrapper

from realtime.actions import publish
from realtime.endpoints.websocket import EventConsumer
from realtime.errors import EventError
from realtime.tests.networks import network_to
from realtime.tests.people import KEY
from realtime.tests.servers import serving

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MODULE = Path(__file__).parents[2] / "static/realtime/client.js"
START = """async ([url, apiKey]) => {
    const { connect } = await import("/client.js");
    window.heard = [];
    window.states = [];
    window.line = connect({
        url,
        apiKey,
        greet: () => window.joins && line.join("tea", { refetch: () => heard.push("refetch") }),
        state: (state) => states.push(state),
    });
    line.on("poured", (payload) => heard.push(payload));
}"""
LIVE = "() => states.at(-1) === 'live'"


@pytest.fixture
def register(register: Any, settings: SettingsWrapper) -> Any:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]

    @register.on_event("price")
    async def price(context: Any) -> None:
        if context.payload != "green":
            raise EventError("sold_out", "There is no more.")
        await context.reply(120)

    @register.on_event("drop")
    async def drop(context: Any) -> None:
        await context.connection.close(4000)

    return register


def site_of(register: Any) -> Any:
    """Serve a page and the module from the origin of the WebSocket."""
    websocket = EventConsumer.as_asgi(register)

    async def application(scope: Any, receive: Any, send: Any) -> Any:
        if scope["type"] == "websocket":
            return await websocket(scope, receive, send)
        kind, body = (b"text/html", b"<!doctype html>")
        if scope["path"] == "/client.js":
            kind, body = (b"text/javascript", MODULE.read_bytes())
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]}
        )
        return await send({"type": "http.response.body", "body": body})

    return application


@pytest.fixture
def network(register: Any, broker: Any) -> Iterator[Any]:
    with serving(site_of(register)) as url, network_to(url) as made:
        yield made


@pytest.fixture
def start(browser: Any, network: Any) -> Iterator[Any]:
    """Open a page with a connection that sends a key and may join the room."""
    failures = []
    with browser.new_page() as page:
        page.set_default_timeout(8_000)
        page.on("pageerror", lambda failure: failures.append(failure))
        page.clock.install()
        page.goto(network.address.replace("ws://", "http://").removesuffix("/ws"))

        def started(key: Any, joins: Any = False) -> Any:
            page.evaluate("(joins) => { window.joins = joins; }", joins)
            page.evaluate(START, [network.address, key])
            return page

        yield started
    assert failures == []


def test_a_page_receives_a_reply(start: Any) -> None:
    page = start(KEY)
    page.wait_for_function(LIVE)

    assert page.evaluate("line.ask('price', 'green')") == 120
    assert page.evaluate("line.ask('price', 'x').catch((error) => error.code)") == "sold_out"


def test_a_page_catches_up_after_an_interruption(start: Any) -> None:
    page = start(KEY, joins=True)
    page.wait_for_function(LIVE)
    publish("poured", 1, "tea")
    page.wait_for_function("() => heard.length === 1")

    page.evaluate("line.send('drop')")
    page.wait_for_function("() => states.at(-1) === 'lost'")
    publish("poured", 2, "tea")
    page.wait_for_function(LIVE)
    publish("poured", 3, "tea")
    page.wait_for_function("() => heard.length === 3")

    assert page.evaluate("heard") == [1, 2, 3]
    assert page.evaluate("states") == ["connecting", "live", "lost", "live"]


def test_an_invalid_key_is_not_tried_again(start: Any) -> None:
    page = start("wrong")
    page.wait_for_function("() => states.at(-1) === 'refused'")

    assert page.evaluate("line.ask('price').catch((error) => error.code)") == "lost"


def test_a_connection_that_is_cut_repeatedly_misses_nothing(start: Any, network: Any) -> None:
    page = start(KEY, joins=True)
    page.wait_for_function(LIVE)

    page.evaluate("line.send('drop')")
    for number in range(60):
        network.cut_after = 800 + 61 * number % 700  # amid some frame, never before it has joined
        publish("poured", number, "tea")
        page.wait_for_timeout(25)
    network.cut_after = None
    page.wait_for_function("() => heard.at(-1) === 59 && states.at(-1) === 'live'")

    assert page.evaluate("heard") == list(range(60))
    assert network.opened > 3


def test_a_dead_connection_is_detected_and_reopened(start: Any, network: Any) -> None:
    page = start(KEY, joins=True)
    page.wait_for_function(LIVE)

    network.is_stalled = True
    publish("poured", 1, "tea")
    page.evaluate("line.ask('price', 'green').catch(({ code }) => heard.push(code))")
    page.clock.fast_forward(25_000)  # the ping, and the end of the question
    page.clock.fast_forward(10_000)  # the end of the ping
    page.wait_for_function("() => states.at(-1) === 'lost'")
    page.clock.fast_forward(1_000)  # another socket, which does not open
    page.clock.fast_forward(10_000)
    network.is_stalled = False
    page.clock.fast_forward(15_000)
    page.wait_for_function(LIVE)
    publish("poured", 2, "tea")
    page.wait_for_function("() => heard.at(-1) === 2")

    assert page.evaluate("heard") == ["lost", 1, 2]
    assert page.evaluate("states") == ["connecting", "live", "lost", "lost", "live"]
