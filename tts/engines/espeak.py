"""espeak-ng: speaks anywhere from a package of pip's, clearly in English, poorly in Russian."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import espeakng_loader

from tts.audio.frames import resampled, stretched
from tts.audio.sound import Samples, Sound
from tts.engines.engine import IsCancelled, Line, Voice
from tts.native.pool import Pool
from tts.native.wire import Order

# The library copies the path into a field of 160 bytes without looking.
LONGEST_PATH = 140


class Espeak:
    """espeak-ng. Its rate ends at 2.5 times, so the stretcher does all of it."""

    name = "espeak"
    label = "espeak-ng"
    longest = 400

    def voices(self) -> Sequence[Voice]:
        return [
            Voice("espeak-ru", "ru", "", self.name, "GPL-3.0", "espeak-ng, русский", "ru"),
            Voice("espeak-en", "en", "", self.name, "GPL-3.0", "espeak-ng, English", "en-us"),
        ]

    def speak(self, line: Line, is_cancelled: IsCancelled) -> Iterator[Sound]:
        order = Order(line.text, line.voice.own_name, 1.0, line.pitch, line.volume)
        spoken = (Samples(data, rate) for rate, data in self._pool.speak(order, is_cancelled))
        yield from stretched(resampled(spoken), line.rate)

    def warm(self) -> None:
        self._pool.warm()

    @cached_property
    def _pool(self) -> Pool:
        places = {"library": espeakng_loader.get_library_path(), "data": short_path()}
        return Pool(self.name, places)


def short_path() -> str:
    """Return the folder of the data by a path that the library can take."""
    data = Path(espeakng_loader.get_data_path())
    if len(os.fsencode(data)) <= LONGEST_PATH:
        return str(data.parent)
    folder = Path(tempfile.mkdtemp(prefix="svyaz-espeak-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / data.name).symlink_to(data)
    return str(folder)
