"""espeak-ng by ctypes (speak_lib.h of espeak-ng 1.51 and newer)."""

import ctypes
from collections.abc import Callable

from tts.native.wire import Request

SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: the callback gets the samples
BUFFER_MS = 60
UTF8 = 1
RATE, VOLUME, PITCH = 1, 2, 3
USUAL = {RATE: 160, VOLUME: 100, PITCH: 50}

CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Espeak:
    """espeak-ng. `data` is the folder of `espeak-ng-data`, by a path under 160 characters."""

    def __init__(self, library: str, data: str) -> None:
        self._espeak = ctypes.CDLL(library)
        self.sample_rate = self._espeak.espeak_Initialize(SYNCHRONOUS, BUFFER_MS, data.encode(), 0)
        if self.sample_rate <= 0:
            raise OSError(f"espeak-ng finds no data in {data}")
        self._write: Callable[[bytes], None] | None = None
        # A reference is held here, or the callback would be garbage-collected while in use.
        self._callback = CALLBACK(self._on_samples)
        self._espeak.espeak_SetSynthCallback(self._callback)

    def speak(self, request: Request, write: Callable[[bytes], None]) -> None:
        self._write = write
        if self._espeak.espeak_SetVoiceByName(request.voice.encode()):
            raise OSError(f"espeak-ng has no voice {request.voice}")
        self._set(RATE, USUAL[RATE])
        self._set(PITCH, min(99, USUAL[PITCH] * request.pitch))
        self._set(VOLUME, min(200, USUAL[VOLUME] * request.volume))
        text = request.text.encode()
        status = self._espeak.espeak_Synth(text, len(text) + 1, 0, 0, 0, UTF8, None, None)
        if status:
            raise OSError(f"espeak-ng rejects the text (error {status})")

    def _set(self, parameter: int, value: float) -> None:
        self._espeak.espeak_SetParameter(parameter, round(value), 0)

    def _on_samples(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _: int) -> int:
        if samples and count and self._write:
            self._write(ctypes.string_at(samples, count * 2))
        return 0
