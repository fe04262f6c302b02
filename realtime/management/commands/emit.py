"""Tell a room something from the terminal."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from realtime.actions import publish
from realtime.bus import bus


class Command(BaseCommand):
    help = "Publish an event to a room: emit kitchen tea.poured '{\"cups\": 2}'"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("room")
        parser.add_argument("event")
        parser.add_argument("payload", nargs="?", default="null", help="JSON; null by default")

    def handle(self, *args: Any, room: str, event: str, payload: str, **options: Any) -> None:
        try:
            told = json.loads(payload)
        except ValueError as error:
            raise CommandError(f"The payload is not JSON: {error}") from None
        publish(event, told, room)
        if bus().is_behind:
            raise CommandError("The broker is away: nobody was told.")
