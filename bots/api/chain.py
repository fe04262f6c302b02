"""The chain of transformers that every call goes through, folded as grammY folds it."""

from collections.abc import Awaitable, Callable, Iterable
from functools import reduce
from typing import Any, Protocol

from bots.api.envelope import ApiResponse
from bots.api.signals import Signal

Call = Callable[[str, dict[str, Any], Signal | None], Awaitable[ApiResponse]]


class Transformer(Protocol):
    async def __call__(
        self, prev: Call, method: str, payload: dict[str, Any], signal: Signal | None
    ) -> ApiResponse:
        """Change the call, make it none or many times by `prev`, or make up the answer.

        `prev` returns refusals too; only what kept an answer from coming is raised. Whoever calls
        it more than once copies the payload, and hands the signal on.
        """


def chained(last: Call, transformers: Iterable[Transformer]) -> Call:
    """Return the call that goes through all of them: the one given last is called first."""
    return reduce(_wrapped, transformers, last)


def _wrapped(prev: Call, transformer: Transformer) -> Call:
    async def call(method: str, payload: dict[str, Any], signal: Signal | None) -> ApiResponse:
        return await transformer(prev, method, payload, signal)

    return call
