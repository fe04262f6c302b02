"""A recorder of calls for tests, with responses that the test chooses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bots.framework.api import ApiResponse, Call, Signal
from bots.framework.transformers.auto_retry import copy_payload
from bots.framework.transformers.dry_run import made_up

Answer = ApiResponse | Exception | Callable[[dict[str, Any]], ApiResponse]


@dataclass
class Recorder:
    """A transformer that makes no call: `api.use(recorder)`, then look at `recorder.calls`.

    `answers` maps a method to its responses, used in order; the last one is used repeatedly. Other
    methods get invented responses as in a dry run.
    """

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def __call__(
        self, prev: Call, method: str, payload: dict[str, Any], signal: Signal | None
    ) -> ApiResponse:
        """Record the call and return its response."""
        self.calls.append((method, copy_payload(payload)))
        waiting = self.answers.get(method)
        if not waiting:
            return made_up(method, payload, next(self._numbers))
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, ApiResponse) else answer(payload)

    def will_answer(self, method: str, *answers: Answer) -> None:
        """Add answers to a method."""
        self.answers.setdefault(method, []).extend(answers)

    @property
    def said(self) -> list[str]:
        """The texts of sent messages."""
        return [
            payload["message"]["content"]
            for method, payload in self.calls
            if method == "create_message"
        ]
