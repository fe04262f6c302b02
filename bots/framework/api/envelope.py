"""The envelope of an answer, and what can be wrong with a call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class ApiResponse:
    """What Pachca answered: the HTTP status and the body, read as JSON where it is JSON."""

    status: int
    body: Any = None
    retry_after: float | None = None
    sent_at: datetime | None = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def data(self) -> Any:
        """What most calls are made for: the body's `data`; a few answers come without that wrap."""
        if isinstance(self.body, dict) and "data" in self.body:
            return self.body["data"]
        return self.body if self.ok else None

    @property
    def next_page(self) -> str | None:
        """The cursor of the page after this one, None on the last page."""
        meta = self.body.get("meta") if isinstance(self.body, dict) else None
        paginate = meta.get("paginate") if isinstance(meta, dict) else None
        return (paginate.get("next_page") or None) if isinstance(paginate, dict) else None


class ApiError(Exception):
    """Pachca refused a call; `response` is its answer."""

    def __init__(self, method: str, response: ApiResponse) -> None:
        super().__init__(f"{method}: {response.status} {describe(response)}")
        self.method = method
        self.response = response


class NoAnswer(Exception):
    """No answer came to a call; it may have arrived all the same."""


class NotSent(NoAnswer):
    """A call has certainly not arrived: nobody could be connected to."""


class UnknownMethod(Exception):
    """There is no such method in Pachca's API."""


class BadParameters(ValueError):
    """A call lacks a parameter that it must have, or has one of a wrong kind."""


def describe(response: ApiResponse) -> str:
    """Return what an answer says is wrong, in a line."""
    body = response.body
    if isinstance(body, dict) and isinstance(body.get("errors"), list):
        return "; ".join(
            f"{item.get('key')}: {item.get('message')}"
            for item in body["errors"]
            if isinstance(item, dict)
        )
    if isinstance(body, dict) and "error" in body:
        return str(body.get("error_description") or body["error"])
    return str(body or "")[:500]
