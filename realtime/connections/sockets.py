"""The socket under an ASGI connection, to which ASGI itself gives no access.

It shows how much of the output is still in the server's buffer, and can drop a connection whose
client has stopped reading. Both use private attributes of the servers; test_sockets.py fails if a
new version renames them.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol


class Socket(Protocol):
    """What is used of a server's socket."""

    @property
    def unread(self) -> int:
        """The number of bytes in the server's write buffer."""

    @property
    def is_closing(self) -> bool:
        """Whether the server is closing the connection; unread output may keep it open."""

    def abort(self) -> None:
        """Close the connection now and discard unread output."""


class AsyncioSocket:
    """The socket of a connection under uvicorn, with any of its protocol classes."""

    __slots__ = ("_transport",)

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    @property
    def unread(self) -> int:
        return int(self._transport.get_write_buffer_size())

    @property
    def is_closing(self) -> bool:
        return bool(self._transport.is_closing())

    def abort(self) -> None:
        self._transport.abort()


class TwistedSocket:
    """The socket of a connection under Daphne."""

    __slots__ = ("_transport",)

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    @property
    def unread(self) -> int:
        transport = self._transport
        return len(transport.dataBuffer) - int(transport.offset) + int(transport._tempDataLen)

    @property
    def is_closing(self) -> bool:
        return bool(self._transport.disconnecting)

    def abort(self) -> None:
        self._transport.abortConnection()


def find_socket(receive: Callable[..., Any], send: Callable[..., Any]) -> Socket | None:
    """Return the socket of a connection under uvicorn or Daphne; None under other servers."""
    receive = getattr(getattr(receive, "__self__", None), "_receive", receive)  # in Starlette
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if hasattr(transport, "get_write_buffer_size"):
        return AsyncioSocket(transport)
    if isinstance(send, partial) and send.args:
        transport = getattr(send.args[0], "transport", None)
        if hasattr(transport, "abortConnection") and hasattr(transport, "_tempDataLen"):
            return TwistedSocket(transport)
    return None
