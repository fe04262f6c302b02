"""Speech in the admin site."""

from tts.admin.speeches import AudioAdmin, SpeechAdmin

__all__ = ["AudioAdmin", "SpeechAdmin"]
