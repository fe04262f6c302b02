"""RHVoice by ctypes (RHVoice.h of RHVoice 1.8 and newer)."""

import ctypes
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from tts.native.wire import Request

PLAIN_TEXT = 0
ANY_RATE = 1  # RHVoice_synth_flag_dont_clip_rate: 0.25 to 4 times, exactly
SAMPLE_RATE = 24_000

SAMPLE_RATE_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
SAMPLES_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_uint, ctypes.c_void_p
)


class Callbacks(ctypes.Structure):
    """RHVoice_callbacks. Those for marks, words, sentences and the end are not set."""

    _fields_ = [
        ("set_sample_rate", SAMPLE_RATE_CALLBACK),
        ("play_speech", SAMPLES_CALLBACK),
        ("others", ctypes.c_void_p * 7),
    ]


class InitParams(ctypes.Structure):
    """RHVoice_init_params."""

    _fields_ = [
        ("data_path", ctypes.c_char_p),
        ("config_path", ctypes.c_char_p),
        ("resource_paths", ctypes.POINTER(ctypes.c_char_p)),
        ("callbacks", Callbacks),
        ("options", ctypes.c_uint),
    ]


class SynthParams(ctypes.Structure):
    """RHVoice_synth_params."""

    _fields_ = [
        ("voice_profile", ctypes.c_char_p),
        *((f"absolute_{name}", ctypes.c_double) for name in ("rate", "pitch", "volume")),
        *((f"relative_{name}", ctypes.c_double) for name in ("rate", "pitch", "volume")),
        ("punctuation_mode", ctypes.c_int),
        ("punctuation_list", ctypes.c_char_p),
        ("capitals_mode", ctypes.c_int),
        ("flags", ctypes.c_int),
    ]


class RHVoice:
    """RHVoice, installed in a directory by `tts.native.fetch`."""

    def __init__(self, folder: str) -> None:
        self.sample_rate = SAMPLE_RATE
        self._write: Callable[[bytes], None] | None = None
        self._rhvoice = load(Path(folder, "lib"))
        self._rhvoice.RHVoice_new_tts_engine.restype = ctypes.c_void_p
        self._rhvoice.RHVoice_new_message.restype = ctypes.c_void_p
        # A reference is held here, or the callback would be garbage-collected while in use.
        self._callbacks = Callbacks(
            SAMPLE_RATE_CALLBACK(self._on_sample_rate), SAMPLES_CALLBACK(self._on_samples)
        )
        # An empty path is rejected; a directory without a configuration file is not.
        config = tempfile.gettempdir()
        init = InitParams(
            os.fsencode(Path(folder, "data")), os.fsencode(config), None, self._callbacks, 0
        )
        self._engine = ctypes.c_void_p(self._rhvoice.RHVoice_new_tts_engine(ctypes.byref(init)))
        if not self._engine:
            raise OSError(f"RHVoice finds no voices in {folder}")

    def speak(self, request: Request, write: Callable[[bytes], None]) -> None:
        self._write = write
        text = request.text.encode()
        message = self._rhvoice.RHVoice_new_message(
            self._engine, text, len(text), PLAIN_TEXT, ctypes.byref(params(request)), None
        )
        if not message:
            raise OSError("RHVoice rejects the text")
        try:
            if not self._rhvoice.RHVoice_speak(ctypes.c_void_p(message)):
                raise OSError("RHVoice failed during the text")
        finally:
            self._rhvoice.RHVoice_delete_message(ctypes.c_void_p(message))

    def _on_sample_rate(self, rate: int, _: int) -> int:
        return int(rate == self.sample_rate)

    def _on_samples(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _: int) -> int:
        if self._write:
            self._write(ctypes.string_at(samples, count * 2))
        return 1


def load(folder: Path) -> ctypes.CDLL:
    """Load the library after its dependencies, which are not on the system's search path."""
    loaded = [
        ctypes.CDLL(str(next(folder.glob(f"{name}.so.*"), name)), mode=ctypes.RTLD_GLOBAL)
        for name in ("libsonic", "libRHVoice_core", "libRHVoice")
    ]
    return loaded[-1]


def params(request: Request) -> SynthParams:
    return SynthParams(
        voice_profile=request.voice.encode(),
        relative_rate=request.rate,
        relative_pitch=request.pitch,
        relative_volume=request.volume,
        flags=ANY_RATE,
    )
