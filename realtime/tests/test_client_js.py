"""The JavaScript client in a real browser, against a real server."""

from pathlib import Path

import pytest

from realtime.actions import publish
from realtime.consumer import EventConsumer
from realtime.errors import EventError
from realtime.register import EventRegister
from realtime.tests.people import KEY
from realtime.tests.servers import serving

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MODULE = Path(__file__).parent.parent / "static/realtime/client.js"
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
def register(settings):
    settings.KEY_AUTHENTICATOR = "realtime.tests.people.owner_of_key"
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    made = EventRegister()

    @made.on_join("tea")
    async def anyone(context, room):
        return True

    @made.on_event("price")
    async def price(context):
        if context.payload != "green":
            raise EventError("sold_out", "There is no more.")
        await context.reply(120)

    @made.on_event("drop")
    async def drop(context):
        await context.connection.close(4000)

    return made


def site_of(register):
    """Serve a page and the module from where the websocket is, as browsers demand."""
    websocket = EventConsumer.as_asgi(register)

    async def application(scope, receive, send):
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
def start(browser, broker, register):
    """Open a page with a line, which shows a key and perhaps joins the room."""
    with serving(site_of(register)) as url, browser.new_page() as page:
        page.set_default_timeout(8_000)
        page.goto(url.replace("ws://", "http://").removesuffix("/ws"))

        def started(key, joins=False):
            page.evaluate("(joins) => { window.joins = joins; }", joins)
            page.evaluate(START, [url, key])
            return page

        yield started


def test_a_page_asks_and_is_answered(start):
    page = start(KEY)
    page.wait_for_function(LIVE)

    assert page.evaluate("line.ask('price', 'green')") == 120
    assert page.evaluate("line.ask('price', 'x').catch((error) => error.code)") == "sold_out"


def test_a_page_hears_what_it_missed_while_its_line_was_broken(start):
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


def test_a_wrong_key_is_not_tried_again(start):
    page = start("wrong")
    page.wait_for_function("() => states.at(-1) === 'refused'")

    assert page.evaluate("line.ask('price').catch((error) => error.code)") == "lost"
