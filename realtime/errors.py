"""What went wrong, as a client is told: a code for programs and a sentence for people."""

from typing import Any


class EventError(Exception):
    """Raise it in a handler to refuse an event: the client gets `error` with just this.

        raise EventError("sold_out", "There is no more tea.", left=0)

    Unlike any other exception it is no fault of the server: nothing is logged, nor `error` fired.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    @property
    def payload(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, **self.details}


class Offence(EventError):
    """What a well-behaved client never does: it is closed with `close_code` if it goes on.

    A fatal one closes the connection at once.
    """

    def __init__(
        self, code: str, message: str, close_code: int = 4400, *, is_fatal: bool = False
    ) -> None:
        super().__init__(code, message)
        self.close_code = close_code
        self.is_fatal = is_fatal
