"""The chain of transformers around every call, composed as in grammY."""

from collections.abc import Awaitable, Callable, Iterable
from functools import reduce
from typing import Any, Protocol

from bots.framework.api.envelope import ApiResponse
from bots.framework.api.signals import Signal

Call = Callable[[str, dict[str, Any], Signal | None], Awaitable[ApiResponse]]


class Transformer(Protocol):
    """A function around outgoing calls, as in grammY."""

    async def __call__(
        self, prev: Call, method: str, payload: dict[str, Any], signal: Signal | None
    ) -> ApiResponse:
        """Make the call with `prev`: unchanged, changed, repeatedly or not at all.

        `prev` returns error responses too; it raises an exception only if there is no response.
        A transformer that calls `prev` more than once must copy the payload and pass the signal on.
        """


class BadTransformer(TypeError):
    """A transformer returned something other than an ApiResponse."""


def build_chain(last: Call, transformers: Iterable[Transformer]) -> Call:
    """Return `last` wrapped in the transformers. The last transformer is called first."""
    return reduce(_wrap, transformers, last)


def _wrap(prev: Call, transformer: Transformer) -> Call:
    async def call(method: str, payload: dict[str, Any], signal: Signal | None) -> ApiResponse:
        response: object = await transformer(prev, method, payload, signal)
        if not isinstance(response, ApiResponse):
            raise BadTransformer(
                f"The transformer {_name_of(transformer)} returned {type(response).__name__} for"
                f" {method}, not an ApiResponse: does it return what `prev` gave it?"
            )
        return response

    return call


def _name_of(transformer: Transformer) -> str:
    named = transformer if hasattr(transformer, "__qualname__") else type(transformer)
    return f"{named.__module__}.{named.__qualname__}"
