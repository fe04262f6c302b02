"""A register in FastAPI and in Starlette, as docs/realtime.md mounts it."""

import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from realtime.direct import DirectProtocol
from realtime.endpoints.connectors import FastApiConnector
from realtime.endpoints.sse import EventStream
from realtime.endpoints.websocket import EventConsumer
from realtime.register import Context, EventRegister
from realtime.tests.servers import serving


@pytest.fixture
def register() -> Any:
    made = EventRegister(anonymous=True)

    @made.on_event("hello")
    async def hello(context: Context) -> None:
        await context.connection.send("answer", [context.payload, context.connection.id])
        await context.connection.close(4001, "Enough.")

    @made.on_join("*")
    async def anyone(context: Context, room: str) -> bool:
        return True

    return made


@pytest.mark.parametrize("protocol", ["websockets-sansio", DirectProtocol], ids=["stock", "direct"])
async def test_zaptools_connector_serves_a_websocket_of_fastapi(
    register: Any, protocol: Any
) -> None:
    app = FastAPI()

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await FastApiConnector(register, websocket, connection_id="mine").start()

    with serving(app, protocol) as url:
        async with connect(url) as client:
            await client.send('{"eventName": "hello", "payload": "tea"}')
            answer = json.loads(await client.recv())
            await client.wait_closed()

    assert answer == {"eventName": "answer", "payload": ["tea", "mine"]}
    assert (client.close_code, client.close_reason) == (4001, "Enough.")


@pytest.mark.parametrize("path", ["/ws/game", "/live/"])
async def test_starlette_routes_and_mounts_a_register(register: Any, path: str) -> None:
    app = Starlette(
        routes=[
            WebSocketRoute("/ws/game", EventConsumer.as_asgi(register)),
            Mount("/live", EventConsumer.as_asgi(register)),  # type: ignore[arg-type]  # a dict
        ]
    )

    with serving(app) as url:
        async with connect(url.removesuffix("/ws") + path) as client:
            await client.send('{"eventName": "hello", "payload": "tea"}')
            answer = json.loads(await client.recv())

    assert answer["payload"][0] == "tea"


async def test_starlette_routes_an_event_stream(register: Any, broker: Any) -> None:
    app = Starlette(routes=[Route("/events", EventStream.as_asgi(register))])

    with serving(app) as url:
        address = url.replace("ws://", "http://").removesuffix("/ws") + "/events?room=tea"
        async with (
            httpx.AsyncClient(timeout=5) as client,
            client.stream("GET", address) as response,
        ):
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    break

    assert json.loads(line.removeprefix("data: "))["eventName"] == "system.joined"
