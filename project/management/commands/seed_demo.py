"""`manage.py seed_demo`: people, tweets and a bot to try things with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Makes the demo (people, tweets, the bot “demo” in the sandbox). Only with DEBUG on."

    def handle(self, *args: object, **options: Any) -> None:
        if not (settings.DEBUG and settings.SANDBOX):
            raise CommandError("The demo needs DEBUG and the sandbox: its keys are no secrets.")
        from project import demo  # noqa: PLC0415  needs the sandbox's tables

        demo.seed()
        self.stdout.write(f"The demo is there; its password is in {demo.PASSWORD_FILE}.")
