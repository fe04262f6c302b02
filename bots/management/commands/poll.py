"""`manage.py poll`: fetches the bots' events, for where Pachca cannot reach this machine."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bots import api
from bots.fields import SecretUnreadable
from bots.history import History, NoHistory, Poller
from bots.models import Bot


class Command(BaseCommand):
    help = (
        "Fetches events from the history that Pachca keeps, stores them for the workers, and"
        " deletes them there. No public address is needed: run it beside `manage.py up` on your"
        " own machine. The bot must have its history of events switched on. Ends with Ctrl-C."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "bots", nargs="*", metavar="bot", help="the bot's address, as in its webhook's URL"
        )
        parser.add_argument(
            "--once", action="store_true", help="fetch what is there, delete it, and end"
        )

    def handle(self, *args: object, **options: Any) -> None:
        pollers = [Poller(History(bot), self._say_of(bot)) for bot in self._bots(options["bots"])]
        try:
            asyncio.run(self._poll(pollers, once=options["once"]))
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        except NoHistory as error:
            raise CommandError(
                f"{NoHistory.__doc__} Check the bot's token, and that its history of events is on."
                f" Pachca said: {error}"
            ) from None
        except api.NoAnswer as error:
            raise CommandError(f"Nobody answers: {error}") from None

    def _bots(self, slugs: list[str]) -> list[Bot]:
        wanted = Bot.objects.on().filter(slug__in=slugs) if slugs else Bot.objects.on()
        try:
            bots = list(wanted.exclude(token=""))
        except SecretUnreadable as error:
            raise CommandError(str(error)) from None
        if missing := sorted(set(slugs) - {bot.slug for bot in bots}):
            raise CommandError(f"There is no bot {', '.join(missing)} that is on and has a token.")
        if not bots:
            raise CommandError("There is no bot that is on and has a token.")
        return bots

    async def _poll(self, pollers: list[Poller], once: bool) -> None:
        try:
            if once:
                await asyncio.gather(*map(self._empty, pollers))
                return
            for poller in pollers:
                self.stdout.write(f"Polling for {poller.history.bot.slug}; Ctrl-C ends it.")
            await asyncio.gather(*(poller.run() for poller in pollers))
        finally:
            await api.close()

    async def _empty(self, poller: Poller) -> None:
        while await poller.round() or not poller.is_through:
            pass
        self._say_of(poller.history.bot)("all is fetched")

    def _say_of(self, bot: Bot) -> Any:
        return lambda line: self.stdout.write(f"{bot.slug}: {line}")
