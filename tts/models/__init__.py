"""What people asked to have said, and the audio that was made of it."""

from tts.models.audio import Audio
from tts.models.speech import Speech

__all__ = ["Audio", "Speech"]
