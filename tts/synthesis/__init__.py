"""Synthesis: the spec of a speech becomes the bytes of an audio file."""

import warnings
from typing import Any

from tts.synthesis.synthesizer import Piece, SpeechSpec, Synthesis, never, resolve, synthesise

__all__ = ["Piece", "SpeechSpec", "Synthesis", "never", "resolve", "synthesise"]


def __getattr__(name: str) -> Any:
    """Return SpeechSpec under its former name Wish, which works until 0.3."""
    if name == "Wish":
        warnings.warn(
            "tts.synthesis.Wish is called SpeechSpec now.", DeprecationWarning, stacklevel=2
        )
        return SpeechSpec
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
