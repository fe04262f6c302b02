"""The system check that warns of the sandbox on a production site."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security)
def check_sandbox_is_off_in_production(**_: Any) -> list[CheckMessage]:
    if settings.DEBUG:
        return []
    return [
        Warning(
            "The sandbox, an emulator for development, is on while DEBUG is off.",
            hint="Set SANDBOX=0 on a site that others can reach.",
            id="sandbox.W001",
        )
    ]
