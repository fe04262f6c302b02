"""RHVoice: intelligible Russian without a network, once `tts.native.fetch` has installed it."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from django.conf import settings

from tts.audio.sound import Samples, Sound
from tts.engines.engine import IsCancelled, Line, Voice
from tts.native.pool import Pool
from tts.native.wire import Request

# Name, language, gender, licence and gain, the most intelligible of a language first.
VOICES = (
    ("Elena", "ru", "female", "GPL-3.0", 3.3),
    ("Aleksandr", "ru", "male", "LGPL-2.1", 1.3),
    ("Irina", "ru", "female", "LGPL-2.1", 3.4),
    ("Anna", "ru", "female", "LGPL-2.1", 3.7),
    ("Slt", "en", "female", "CMU Arctic (as BSD)", 3.7),
)


class RHVoice:
    """RHVoice. Its own rate is exact from 0.25 to 4."""

    name = "rhvoice"
    label = "RHVoice"
    longest = 400

    def voices(self) -> Sequence[Voice]:
        # Checked on each call, since it may be installed while the processes run.
        return self._voices if settings.RHVOICE_DIR.is_dir() else []

    def speak(self, line: Line, is_cancelled: IsCancelled) -> Iterator[Sound]:
        request = Request(line.text, line.voice.own_name, line.rate, line.pitch, line.volume)
        return (Samples(data, rate) for rate, data in self._pool.speak(request, is_cancelled))

    @cached_property
    def _voices(self) -> Sequence[Voice]:
        return [
            Voice(
                name.lower(),
                language,
                gender,
                self.name,
                licence,
                f"{name}, RHVoice",
                name,
                (),
                gain,
            )
            for name, language, gender, licence, gain in VOICES
        ]

    def warm(self) -> None:
        self._pool.warm()

    @cached_property
    def _pool(self) -> Pool:
        return Pool(self.name, {"folder": str(settings.RHVOICE_DIR)})
