"""Publish an event to a room from the terminal."""

import json
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError

from realtime.actions import publish
from realtime.rooms.bus import bus
from realtime.wire.envelope import is_reserved
from realtime.wire.room_names import InvalidRoomName


class Command(BaseCommand):
    help = "Publish an event to a room: emit kitchen tea.poured '{\"cups\": 2}'"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("room")
        parser.add_argument("event")
        parser.add_argument("payload", nargs="?", default="null", help="JSON (default: null)")

    def handle(self, *args: Any, room: str, event: str, payload: str, **options: Any) -> None:
        if not event:
            raise CommandError("The name of the event must not be empty.")
        if is_reserved(event):
            raise CommandError(f"The event name {event} is reserved for the server.")
        try:
            publish(event, _read(payload), room)
        except InvalidRoomName as error:
            raise CommandError(error.message) from None
        if bus().is_behind:
            raise CommandError("Redis is unavailable: the event was not published.")


def _read(payload: str) -> Any:
    try:
        return json.loads(payload, parse_constant=_refuse)
    except ValueError as error:
        raise CommandError(f"The payload is not JSON: {error}") from None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not allowed.")
