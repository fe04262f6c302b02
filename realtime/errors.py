"""Errors that are sent to clients: a code for programs and a message for people."""

from typing import Any


class EventError(Exception):
    """Raise it in a handler to refuse an event. The client receives an `error` event.

        raise EventError("sold_out", "There is no more tea.", left=0)

    `details` are JSON values that are added to the payload beside `code` and `message`. Unlike
    other exceptions it is not a failure: it is not logged, and handlers of `error` are not called.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    @property
    def payload(self) -> dict[str, Any]:
        """The payload of the `error` event."""
        return {"code": self.code, "message": self.message, **self.details}


class Offence(EventError):
    """A violation of the protocol or of a limit by the client.

    Repeated offences close the connection with `close_code`; a fatal one closes it at once.
    """

    def __init__(
        self, code: str, message: str, close_code: int = 4400, *, is_fatal: bool = False
    ) -> None:
        super().__init__(code, message)
        self.close_code = close_code
        self.is_fatal = is_fatal
