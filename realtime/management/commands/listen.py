"""Show in the terminal what is told in rooms."""

import asyncio
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from realtime.broker import channel_of, room_of
from realtime.subscription import Subscription


class Command(BaseCommand):
    help = "Show every event that is published to the rooms, one frame a line, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rooms", nargs="+", metavar="room")
        parser.add_argument("--count", type=int, default=0, help="end after so many events")

    def handle(self, *args: Any, rooms: list[str], count: int, **options: Any) -> None:
        with suppress(KeyboardInterrupt):
            asyncio.run(self._listen(rooms, count))

    async def _listen(self, rooms: list[str], count: int) -> None:
        heard: asyncio.Queue[str] = asyncio.Queue()

        def hear(channel: str, message: str) -> None:
            heard.put_nowait(f"{room_of(channel)}  {message.partition(chr(10))[2]}")

        channels = [channel_of(room, settings.REDIS_URL) for room in rooms]
        subscription = Subscription(settings.REDIS_URL, hear, self._note_break)
        for channel in channels:
            await subscription.add(channel)
        self.stderr.write(f"Listening to {', '.join(rooms)}.")
        try:
            await self._show(heard, count)
        finally:
            for channel in channels:
                await subscription.drop(channel)

    async def _show(self, heard: "asyncio.Queue[str]", count: int) -> None:
        shown = 0
        while not count or shown < count:
            self.stdout.write(await heard.get())
            self.stdout.flush()
            shown += 1

    def _note_break(self, channel: str) -> None:
        self.stderr.write(f"{room_of(channel)}  The line was broken; something may be missing.")
