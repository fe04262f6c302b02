"""One loudness for all voices: measured by ITU-R BS.1770, reached by a fixed gain for each."""

import math

from tts.audio.frames import build_graph, join, ready, to_frame
from tts.audio.sound import Samples

# LUFS of mono, for everything that leaves.
LOUDNESS = -18.0
# Hertz: what is below is no speech, but takes room and moves the membranes of loudspeakers.
LOWEST = 40
# The peaks are held below -1 dBFS, by gain that changes too slowly to be heard as distortion.
LIMITER = "limit=0.891:level=0:attack=5:release=50:latency=1"
INTEGRATED = "lavfi.r128.I"
# What the meter reads where it has less than 0.4 s, or nothing above its threshold.
SILENT = -70.0


class Leveller:
    """Removes what is below 40 Hz, brings speech to -18 LUFS by its gain, and limits the peaks.

    Returns samples up to 5 ms later than they came, and as many as came. Filters keep their state
    from one sound to the next, so seams don't click; how sound is portioned changes nothing.
    """

    def __init__(self) -> None:
        self._graph, filters = build_graph(
            ("aformat", "sample_fmts=dblp"),
            # First: between two lines, where the gain may change, engines give silence, but the
            # filter still swings.
            ("volume", "1.0:precision=double"),
            ("highpass", f"f={LOWEST}:poles=2"),
            ("alimiter", LIMITER),
            ("aformat", "sample_fmts=s16"),
        )
        self._volume = filters[1]
        self._gain = 0.0

    def add(self, samples: Samples, gain: float) -> Samples:
        """Level the next samples, which a voice with that gain in decibels speaks."""
        if not samples.data:
            return samples
        if gain != self._gain:
            self._gain = gain
            self._volume.process_command("volume", f"{10 ** (gain / 20):.6f}")
        self._graph.push(to_frame(samples))
        return join(ready(self._graph))

    def end(self) -> Samples:
        """Return the rest, once."""
        self._graph.push(None)
        return join(ready(self._graph))


def decibels(factor: float) -> float:
    """Return the gain that a factor of volume stands for; silence is -120 dB."""
    return max(-120.0, 20 * math.log10(factor)) if factor > 0 else -120.0


def loudness(samples: Samples) -> float:
    """Return the integrated loudness in LUFS; -70 where there is nothing to measure."""
    if not samples.data:
        return SILENT
    graph, _ = build_graph(("ebur128", "metadata=1"))
    measured = SILENT
    for part in (to_frame(samples), None):
        graph.push(part)
        for frame in ready(graph):
            measured = float(frame.metadata.get(INTEGRATED, measured))
    return measured
