"""python-socketio for the benchmark, in one process and without a broker: its best case."""

import socketio

from benchmarks.realtime.tuning import tune_collector

server = socketio.AsyncServer(async_mode="asgi", logger=False, engineio_logger=False)
application = socketio.ASGIApp(server)


@server.on("enter")
async def enter(sid, payload):
    await server.enter_room(sid, "hall")
    await server.emit("entered", None, to=sid)


@server.on("echo")
async def echo(sid, payload):
    await server.emit("echo", payload, to=sid)


@server.on("broadcast")
async def broadcast(sid, number):
    await server.emit("told", {"number": number, "text": "x" * 64}, room="hall")


tune_collector()
