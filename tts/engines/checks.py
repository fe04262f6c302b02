"""System checks of speech."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from tts import engines


@register
def check_default_engine_can_speak(**_: Any) -> list[CheckMessage]:
    """Warn if TTS_ENGINE is not available."""
    requested = settings.TTS_ENGINE
    if not requested or requested == (speaks := engines.default_engine().name):
        return []
    known = ", ".join(engines.engines())
    reason = (
        "is not available on this machine" if requested in engines.engines() else "does not exist"
    )
    return [
        Warning(
            f"TTS_ENGINE is “{requested}”, which {reason}; “{speaks}” is used instead.",
            hint=f"The engines are {known}. `python -m tts.native.fetch` installs RHVoice.",
            id="tts.W001",
        )
    ]
