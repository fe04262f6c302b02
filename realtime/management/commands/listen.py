"""Print the events that are published to rooms."""

import asyncio
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from realtime.rooms.subscription import Subscription
from realtime.wire.keys import room_channel, room_of_channel
from realtime.wire.room_names import InvalidRoomName, check_room_name


class Command(BaseCommand):
    help = "Print every event that is published to the rooms, one frame per line, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rooms", nargs="+", metavar="room")
        parser.add_argument("--count", type=int, default=0, help="exit after this many events")

    def handle(self, *args: Any, rooms: list[str], count: int, **options: Any) -> None:
        try:
            for room in rooms:
                check_room_name(room)
        except InvalidRoomName as error:
            raise CommandError(error.message) from None
        with suppress(KeyboardInterrupt):
            asyncio.run(self._listen(rooms, count))

    async def _listen(self, rooms: list[str], count: int) -> None:
        received: asyncio.Queue[str] = asyncio.Queue()

        def receive(channel: str, message: str) -> None:
            room, frame = room_of_channel(channel, settings.REDIS_URL), message.partition("\n")[2]
            received.put_nowait(f"{room}  {frame}")

        channels = [room_channel(room, settings.REDIS_URL) for room in rooms]
        subscription = Subscription(settings.REDIS_URL, receive, self._report_gap)
        for channel in channels:
            await subscription.subscribe(channel)
        self.stderr.write(f"Listening to {', '.join(rooms)}.")
        try:
            await self._print(received, count)
        finally:
            for channel in channels:
                await subscription.unsubscribe(channel)

    async def _print(self, received: "asyncio.Queue[str]", count: int) -> None:
        printed = 0
        while not count or printed < count:
            self.stdout.write(await received.get())
            self.stdout.flush()
            printed += 1

    def _report_gap(self, channel: str) -> None:
        room = room_of_channel(channel, settings.REDIS_URL)
        self.stderr.write(f"{room}  Redis was unavailable; events may be missing.")
