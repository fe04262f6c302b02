"""Zaptools on FastAPI for the benchmark, as in its tutorial."""

from fastapi import FastAPI, WebSocket
from zaptools.connection_router import ConnectionRouter
from zaptools.connectors import FastApiConnector
from zaptools.core import EventContext, EventRegister

from benchmarks.realtime.tuning import tune_collector

application = FastAPI()
register = EventRegister()
hall = ConnectionRouter()


@register.on_event("enter")
async def enter(context: EventContext) -> None:
    hall.add_connection(context.connection)
    await context.connection.send("entered", None)


@register.on_event("echo")
async def echo(context: EventContext) -> None:
    await context.connection.send("echo", context.payload)


@register.on_event("broadcast")
async def broadcast(context: EventContext) -> None:
    await hall.broadcast("told", {"number": context.payload, "text": "x" * 64})


@register.on_event("disconnected")
async def leave(context: EventContext) -> None:
    if hall.get_connection(context.connection.id):
        hall.remove_connection(context.connection)


@application.websocket("/ws")
async def endpoint(websocket: WebSocket) -> None:
    await FastApiConnector(register, websocket).start()


tune_collector()
