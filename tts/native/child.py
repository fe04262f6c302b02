"""The child: loads one speech library and speaks what it is told, until its owner is gone.

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
from tts.native.wire import Kind, Order, frame

# Seconds without work after which the memory of the voices is given back.
IDLE = 300.0


class Library(Protocol):
    """A speech library. Only one thread ever calls it."""

    sample_rate: int

    def speak(self, order: Order, write: Callable[[bytes], None]) -> None:
        """Write 16-bit mono samples as they are made; raises `OSError` when the library refuses."""


LIBRARIES: dict[str, Callable[..., Library]] = {"espeak": Espeak, "rhvoice": RHVoice}


def main(name: str, places: str) -> None:
    orders, answers = sys.stdin.buffer, own_stdout()
    try:
        library = LIBRARIES[name](**json.loads(places))
    except OSError as error:
        return put(answers, frame(Kind.FAILURE, str(error).encode()))
    put(answers, frame(Kind.READY, str(library.sample_rate).encode()))
    while select.select([orders], [], [], IDLE)[0] and (line := orders.readline()):
        obey(library, Order.read(line), answers)
    return None


def own_stdout() -> BinaryIO:
    """Keep the pipe for frames: whatever a library prints goes to standard error."""
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return pipe


def obey(library: Library, order: Order, answers: BinaryIO) -> None:
    try:
        library.speak(order, lambda samples: put(answers, frame(Kind.SAMPLES, samples)))
    except OSError as error:
        put(answers, frame(Kind.FAILURE, str(error).encode()))
    else:
        put(answers, frame(Kind.END))


def put(answers: BinaryIO, data: bytes) -> None:
    """Write all of it; an owner that has gone ends the process."""
    view = memoryview(data)
    try:
        while view:
            view = view[answers.write(view) :]
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
