"""Tell a room something from the terminal."""

import json
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError

from realtime.actions import publish
from realtime.bus import bus
from realtime.envelope import is_of_the_server


class Command(BaseCommand):
    help = "Publish an event to a room: emit kitchen tea.poured '{\"cups\": 2}'"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("room")
        parser.add_argument("event")
        parser.add_argument("payload", nargs="?", default="null", help="JSON; null by default")

    def handle(self, *args: Any, room: str, event: str, payload: str, **options: Any) -> None:
        if not room or not event:
            raise CommandError("Name the room and the event.")
        if is_of_the_server(event):
            raise CommandError(f"The name {event} belongs to the server.")
        publish(event, _read(payload), room)
        if bus().is_behind:
            raise CommandError("The broker is away: nobody was told.")


def _read(payload: str) -> Any:
    try:
        return json.loads(payload, parse_constant=_refuse)
    except ValueError as error:
        raise CommandError(f"The payload is not JSON: {error}") from None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"there is no {name} in it.")
