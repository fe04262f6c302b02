"""The child process: loads one speech library and serves requests until its parent ends.

python -m tts.native.child rhvoice '{"folder": "…"}'
"""

import json
import os
import select
import sys
from collections.abc import Callable
from typing import BinaryIO, Protocol

from tts.native.espeak import Espeak
from tts.native.rhvoice import RHVoice
from tts.native.wire import Kind, Request, frame

# Seconds without requests after which the process ends, to release the memory of the voices.
IDLE_TIMEOUT = 300.0


class Library(Protocol):
    """A speech library, called from one thread only."""

    sample_rate: int

    def speak(self, request: Request, write: Callable[[bytes], None]) -> None:
        """Write 16-bit mono samples as they are made; raises `OSError` if the library fails."""


LIBRARIES: dict[str, Callable[..., Library]] = {"espeak": Espeak, "rhvoice": RHVoice}


def main(name: str, places: str) -> None:
    requests, responses = sys.stdin.buffer, reserve_stdout()
    try:
        library = LIBRARIES[name](**json.loads(places))
    except OSError as error:
        return send(responses, frame(Kind.FAILURE, str(error).encode()))
    send(responses, frame(Kind.READY, str(library.sample_rate).encode()))
    while select.select([requests], [], [], IDLE_TIMEOUT)[0] and (line := requests.readline()):
        handle(library, Request.read(line), responses)
    return None


def reserve_stdout() -> BinaryIO:
    """Reserve standard output for frames: what a library prints goes to standard error instead."""
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return pipe


def handle(library: Library, request: Request, responses: BinaryIO) -> None:
    try:
        library.speak(request, lambda samples: send(responses, frame(Kind.SAMPLES, samples)))
    except OSError as error:
        send(responses, frame(Kind.FAILURE, str(error).encode()))
    else:
        send(responses, frame(Kind.END))


def send(responses: BinaryIO, data: bytes) -> None:
    """Write all bytes; end the process if the parent has ended."""
    view = memoryview(data)
    try:
        while view:
            view = view[responses.write(view) :]
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
