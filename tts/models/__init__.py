"""Speeches (requests of users) and audio (files that speeches share)."""

from tts.models.audio import Audio
from tts.models.speech import Speech

__all__ = ["Audio", "Speech"]
