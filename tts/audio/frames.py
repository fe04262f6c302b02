"""Samples as PyAV's frames, and what FFmpeg's resampler, filters and decoders make of them."""

import io
from collections.abc import Iterable, Iterator
from itertools import pairwise

import av
from av.filter import Graph

from tts.audio.sound import RATE, Samples

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


def stretched(parts: Iterable[Samples], speed: float, volume: float = 1.0) -> Iterator[Samples]:
    """Make 24 kHz speech faster and louder by factors as it comes; its pitch stays."""
    if speed == volume == 1.0:
        yield from parts
        return
    graph = tempo_graph(speed, volume)
    for part in parts:
        graph.push(to_frame(part))
        yield join(ready(graph))
    graph.push(None)
    yield join(ready(graph))


def tempo_graph(speed: float, volume: float) -> Graph:
    graph = Graph()
    steps = [speed] if speed >= SLOWEST_STEP else [SLOWEST_STEP, speed / SLOWEST_STEP]
    chain = [
        graph.add("abuffer", SOURCE),
        *(graph.add("atempo", f"{step:.6f}") for step in steps),
        graph.add("volume", f"{volume:.6f}"),
        graph.add("abuffersink"),
    ]
    for left, right in pairwise(chain):
        left.link_to(right)
    graph.configure()
    return graph


def ready(graph: Graph) -> Iterator[av.AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, av.AudioFrame)  # noqa: S101
        yield frame


def decode(data: bytes) -> Samples:
    """Decode an audio file to 24 kHz mono; raises `ValueError` when there is no audio in it."""
    resampler = av.AudioResampler(format=FORMAT, layout=LAYOUT, rate=RATE)
    frames: list[av.AudioFrame] = []
    try:
        with av.open(io.BytesIO(data), "r") as container:
            for frame in container.decode(audio=0):
                frames += resampler.resample(frame)
        frames += resampler.resample(None)
    except (av.FFmpegError, IndexError) as error:
        raise ValueError("there is no audio in it") from error
    return join(frames)
