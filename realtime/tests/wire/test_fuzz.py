"""Whatever frames a client sends: answers, errors or a close with a reason, never a fault."""

import asyncio
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime.connections.limits import Limits
from realtime.endpoints.websocket import EventConsumer
from realtime.register import EventRegister
from realtime.tests.clients import Client
from realtime.tests.wire.test_envelope import json_values

LIMITS = Limits(close_within=0.2)
NAMES = ["echo", "system.ping", "system.join", "system.leave", "system.auth", "system.x", "error"]
events = st.fixed_dictionaries(
    {"eventName": st.sampled_from(NAMES) | json_values},
    optional={
        "payload": json_values
        | st.dictionaries(st.sampled_from(["room", "since", "api_key"]), json_values),
        "headers": json_values | st.fixed_dictionaries({"id": json_values}),
    },
)
frames = events.map(json.dumps) | st.text() | st.binary() | json_values.map(json.dumps)


@given(st.lists(frames, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_frames_end_a_connection_without_a_reason(sent: Any) -> None:
    asyncio.run(_exchange(sent))


async def _exchange(sent: list[str | bytes]) -> None:
    register = EventRegister(anonymous=True)

    @register.on_event("echo")
    async def echo(context: Any) -> None:
        await context.reply(context.payload)

    client = Client(EventConsumer.as_asgi(register, LIMITS), "/ws")
    await client.connect(timeout=3)
    for frame in sent:
        kind = "bytes" if isinstance(frame, bytes) else "text"
        await client.send_input({"type": "websocket.receive", kind: frame})
    await client.send_to(text_data='{"eventName": "system.ping", "payload": "the end"}')

    is_over = False
    while not is_over:
        message = await client.receive_output(3)
        if message["type"] == "websocket.close":
            assert 4400 <= message["code"] < 4500
            assert message["reason"]
            break
        event = json.loads(message["text"])
        is_internal = event["eventName"] == "error" and event["payload"]["code"] == "internal"
        assert not is_internal, event
        is_over = (event["eventName"], event["payload"]) == ("system.pong", "the end")
    await client.disconnect(timeout=5)
