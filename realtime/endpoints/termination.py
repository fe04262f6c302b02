"""Callbacks for SIGTERM and SIGINT.

ASGI reports the shutdown of the server (lifespan.shutdown) only after all responses have ended,
which an endless response never does. So the signals are handled here, and the server's own handlers
are called afterwards.
"""

import asyncio
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGINT)

_callbacks: dict[Callable[[], None], asyncio.AbstractEventLoop] = {}
_handlers: dict[int, Any] = {}


def add_callback(callback: Callable[[], None]) -> None:
    """Call `callback` in the running event loop when the process is asked to terminate."""
    _callbacks[callback] = asyncio.get_running_loop()
    if threading.current_thread() is threading.main_thread():  # only there signals can be handled
        for number in SIGNALS:
            _chain_handler(number)


def remove_callback(callback: Callable[[], None]) -> None:
    _callbacks.pop(callback, None)


def _chain_handler(number: int) -> None:
    previous = signal.getsignal(number)
    if previous is None or previous is _handlers.get(number):
        return  # set outside of Python, or handled here already
    _handlers[number] = partial(_handle, previous)
    signal.signal(number, _handlers[number])


def _handle(previous: Any, number: int, frame: FrameType | None) -> None:
    for callback, loop in tuple(_callbacks.items()):
        with suppress(RuntimeError):  # the loop has been closed
            loop.call_soon_threadsafe(callback)
    if callable(previous):
        previous(number, frame)
    elif previous == signal.SIG_DFL:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
