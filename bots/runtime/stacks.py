"""Stacks of other threads as text, for logs and the admin."""

import sys
import traceback
from collections.abc import Iterator
from types import FrameType

MAX_FRAMES = 30


def frame_of(thread: int | None) -> FrameType | None:
    """Return the innermost frame of the thread with this identifier; None if it has ended."""
    # Documented by the standard library, in spite of its name.
    return sys._current_frames().get(thread or 0)


def outward(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield the frame and its callers, innermost first."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def stack_of(thread: int | None) -> str:
    """Return the innermost frames of the thread, formatted as a traceback; "" if it has ended."""
    return as_text(list(outward(frame_of(thread))))


def as_text(frames: list[FrameType]) -> str:
    """Format frames, innermost first, as a traceback."""
    lines = ((frame, frame.f_lineno) for frame in reversed(frames[:MAX_FRAMES]))
    return "".join(traceback.StackSummary.extract(lines).format())
