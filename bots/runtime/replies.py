"""Applies transformers that were installed on the handler's api to its replies."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from bots.framework.api import ApiError, ApiResponse, Signal
from bots.framework.api.chain import build_chain
from bots.framework.events.outbox import Outgoing
from bots.framework.events.places import Place


async def transform(calls: Iterable[Outgoing]) -> list[Outgoing]:
    """Return the calls after their transformers have run, in order.

    A reply is sent later, maybe by another process, so its transformers run when it is stored. A
    call that they change, drop or repeat is stored changed, not at all or repeatedly. They receive
    a stand-in response: status 202 and the given data. The transformers of the bot run when the
    reply is sent.

    Raises ApiError if a transformer returns an error response.
    """
    return [made for call in calls for made in await _transform(call)]


async def _transform(call: Outgoing) -> list[Outgoing]:
    if not call.transformers:
        return [call]
    made: list[Outgoing] = []

    async def store(method: str, payload: dict[str, Any], signal: Signal | None) -> ApiResponse:
        # A copy, because a transformer may change its payload between calls.
        payload = deepcopy(payload)
        made.append(replace(call, method=method, payload=payload, chat=_chat_of(call, payload)))
        return ApiResponse(202, {"data": payload.get("message", payload)})

    make_call = build_chain(store, call.transformers)
    response = await make_call(call.method, deepcopy(call.payload), None)
    if not response.ok:
        raise ApiError(call.method, response)
    return made


def _chat_of(call: Outgoing, payload: dict[str, Any]) -> str:
    """Return the chat of the call, which a transformer may have changed."""
    place = _place_in(payload)
    return call.chat if place is None or place == _place_in(call.payload) else place.chat


def _place_in(payload: dict[str, Any]) -> Place | None:
    message = payload.get("message")
    if not isinstance(message, dict) or "entity_id" not in message:
        return None
    return Place(message.get("entity_type", "discussion"), message["entity_id"])
