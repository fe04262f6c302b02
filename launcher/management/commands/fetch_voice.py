"""`manage.py fetch_voice`: download RHVoice if possible and print the default voice."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand

from launcher import preparation


class Command(BaseCommand):
    help = "Download RHVoice, if it is available for this machine, and print the default voice."
    requires_system_checks = ()

    def handle(self, *args: object, **options: Any) -> None:
        self.stdout.write(asyncio.run(preparation.voice()))
