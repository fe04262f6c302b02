"""The response of a call, and the errors of calls."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class ApiResponse:
    """A response: HTTP status, body (parsed if it is JSON), and two headers.

    `retry_after` is in seconds; `sent_at` is the server's time.
    """

    status: int
    body: Any = None
    retry_after: float | None = None
    sent_at: datetime | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.status, int) or not 100 <= self.status <= 999:
            raise ValueError(f"An HTTP status is a number of three digits, not {self.status!r}.")

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def data(self) -> Any:
        """The `data` of the body, or the body of a successful response without `data`."""
        if isinstance(self.body, dict) and "data" in self.body:
            return self.body["data"]
        return self.body if self.ok else None

    @property
    def next_page(self) -> str | None:
        """The cursor of the next page, None on the last page."""
        return self._pagination.get("next_page") or None

    @property
    def is_page(self) -> bool:
        """Whether the body says which page of a list it is."""
        return bool(self._pagination)

    @property
    def _pagination(self) -> dict[str, Any]:
        meta = self.body.get("meta") if isinstance(self.body, dict) else None
        paginate = meta.get("paginate") if isinstance(meta, dict) else None
        return paginate if isinstance(paginate, dict) else {}


class ApiError(Exception):
    """Pachca returned an error; `response` is the response."""

    def __init__(self, method: str, response: ApiResponse) -> None:
        super().__init__(f"{method}: {response.status} {describe(response)}")
        self.method = method
        self.response = response


class NoAnswer(Exception):
    """There was no response to a call. The call may have arrived."""


class NotSent(NoAnswer):
    """A call has certainly not arrived, because no connection was established."""


class UnknownMethod(Exception):
    """There is no such method in Pachca's API."""


class BadParameters(ValueError):
    """A parameter of a call is missing or invalid."""


def describe(response: ApiResponse) -> str:
    """Return the errors in a response as one line."""
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
