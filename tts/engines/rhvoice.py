"""RHVoice: clear Russian on this machine alone, once `tts.native.fetch` has brought it."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from django.conf import settings

from tts.audio.sound import Samples, Sound
from tts.engines.engine import IsCancelled, Line, Voice
from tts.native.pool import Pool
from tts.native.wire import Order

# Name, language, gender and licence, the most intelligible of a language first.
VOICES = (
    ("Elena", "ru", "female", "GPL-3.0"),
    ("Aleksandr", "ru", "male", "LGPL-2.1"),
    ("Irina", "ru", "female", "LGPL-2.1"),
    ("Anna", "ru", "female", "LGPL-2.1"),
    ("Slt", "en", "female", "CMU Arctic (as BSD)"),
)


class RHVoice:
    """RHVoice, whose own rate is exact from a quarter to four times."""

    name = "rhvoice"
    label = "RHVoice"
    longest = 400

    def voices(self) -> Sequence[Voice]:
        # Looked at each time: it may be fetched while the processes run.
        return self._voices if settings.RHVOICE_DIR.is_dir() else []

    def speak(self, line: Line, is_cancelled: IsCancelled) -> Iterator[Sound]:
        order = Order(line.text, line.voice.own_name, line.rate, line.pitch, line.volume)
        return (Samples(data, rate) for rate, data in self._pool.speak(order, is_cancelled))

    @cached_property
    def _voices(self) -> Sequence[Voice]:
        return [
            Voice(name.lower(), language, gender, self.name, licence, f"{name}, RHVoice", name)
            for name, language, gender, licence in VOICES
        ]

    def warm(self) -> None:
        self._pool.warm()

    @cached_property
    def _pool(self) -> Pool:
        return Pool(self.name, {"folder": str(settings.RHVOICE_DIR)})
