"""espeak-ng, installed by pip everywhere: intelligible in English, poor in Russian."""

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
from tts.native.wire import Request

# The library copies the path into a buffer of 160 bytes without checking its length.
MAX_PATH_LENGTH = 140
# Name, language, label, espeak-ng's own name, and gain.
VOICES = (
    ("espeak-ru", "ru", "русский", "ru", 3.8),
    ("espeak-en", "en", "English", "en-us", 3.0),
)


class Espeak:
    """espeak-ng. Its own rate is limited to 2.5, so the rate is applied by stretching."""

    name = "espeak"
    label = "espeak-ng"
    longest = 400

    def voices(self) -> Sequence[Voice]:
        return [
            Voice(
                name, language, "", self.name, "GPL-3.0", f"espeak-ng, {label}", own_name, gain=gain
            )
            for name, language, label, own_name, gain in VOICES
        ]

    def speak(self, line: Line, is_cancelled: IsCancelled) -> Iterator[Sound]:
        request = Request(line.text, line.voice.own_name, 1.0, line.pitch, line.volume)
        spoken = (Samples(data, rate) for rate, data in self._pool.speak(request, is_cancelled))
        yield from stretched(resampled(spoken), line.rate)

    def warm(self) -> None:
        self._pool.warm()

    @cached_property
    def _pool(self) -> Pool:
        places = {"library": espeakng_loader.get_library_path(), "data": short_path()}
        return Pool(self.name, places)


def short_path() -> str:
    """Return the directory of the data by a path that is short enough for the library."""
    data = Path(espeakng_loader.get_data_path())
    if len(os.fsencode(data)) <= MAX_PATH_LENGTH:
        return str(data.parent)
    folder = Path(tempfile.mkdtemp(prefix="svyaz-espeak-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / data.name).symlink_to(data)
    return str(folder)
