"""Samples as PyAV's frames, and what FFmpeg's resampler, filters and decoders make of them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING

from core.lazy import LazyModule
from tts.audio.sound import RATE, Samples

if TYPE_CHECKING:
    import av
    from av.filter import Graph
    from av.filter.context import FilterContext
else:
    av = LazyModule("av")

FORMAT, LAYOUT = "s16", "mono"
SOURCE = f"sample_fmt={FORMAT}:channel_layout={LAYOUT}:sample_rate={RATE}:time_base=1/{RATE}"
# Of one step of the atempo filter.
SLOWEST_STEP = 0.5


def to_frame(samples: Samples) -> av.AudioFrame:
    frame = av.AudioFrame(format=FORMAT, layout=LAYOUT, samples=len(samples.data) // 2)
    frame.sample_rate = samples.rate
    # PyAV's buffers are longer than the samples: rounded up for fast arithmetic.
    plane = frame.planes[0]
    plane.update(samples.data.ljust(plane.buffer_size, b"\0"))
    return frame


def join(frames: Iterable[av.AudioFrame]) -> Samples:
    """Join frames of 24 kHz mono."""
    return Samples(b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in frames))


def join_samples(parts: Iterable[Samples]) -> Samples:
    return Samples(b"".join(part.data for part in parts))


def resampled(parts: Iterable[Samples]) -> Iterator[Samples]:
    """Bring samples of any one rate to 24 kHz as they come."""
    resampler = av.AudioResampler(format=FORMAT, layout=LAYOUT, rate=RATE)
    for part in parts:
        yield join(resampler.resample(to_frame(part)))
    yield join(resampler.resample(None))


def stretched(parts: Iterable[Samples], speed: float) -> Iterator[Samples]:
    """Make 24 kHz speech faster by a factor as it comes; its pitch stays."""
    if speed == 1.0:
        yield from parts
        return
    graph = tempo_graph(speed)
    for part in parts:
        graph.push(to_frame(part))
        yield join(ready(graph))
    graph.push(None)
    yield join(ready(graph))


def tempo_graph(speed: float) -> Graph:
    steps = [speed] if speed >= SLOWEST_STEP else [SLOWEST_STEP, speed / SLOWEST_STEP]
    return build_graph(*(("atempo", f"{step:.6f}") for step in steps))[0]


def build_graph(*filters: tuple[str, str]) -> tuple[Graph, list[FilterContext]]:
    """Return a chain of (name, options) that takes and gives 24 kHz mono, and its filters."""
    graph = av.filter.Graph()
    source, sink = graph.add("abuffer", SOURCE), graph.add("abuffersink")
    added = [graph.add(name, options) for name, options in filters]
    for left, right in pairwise([source, *added, sink]):
        left.link_to(right)
    graph.configure()
    return graph, added


def ready(graph: Graph) -> Iterator[av.AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, av.AudioFrame)  # noqa: S101
        yield frame


def decode_mp3(data: bytes) -> Samples:
    """Decode an MP3 file to 24 kHz mono, passing over what is no MP3, such as tags.

    Raises `ValueError` when there is no audio in it.
    """
    resampler = av.AudioResampler(format=FORMAT, layout=LAYOUT, rate=RATE)
    frames: list[av.AudioFrame] = []
    try:
        # The format is named: FFmpeg would follow what looks like a playlist to other files.
        with av.open(io.BytesIO(data), "r", format="mp3") as container:
            for packet in container.demux(audio=0):
                with suppress(av.InvalidDataError):
                    for frame in packet.decode():
                        frames += resampler.resample(frame)
        frames += resampler.resample(None)
    except (av.FFmpegError, IndexError) as error:
        raise ValueError("there is no MP3 in it") from error
    if not (samples := join(frames)).data:
        raise ValueError("there is no MP3 in it")
    return samples
