"""`manage.py poll`: fetch events from the history where Pachca cannot reach this machine."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bots.framework import api
from bots.intake.history import History, HistoryUnavailable, NoHistory, Poller
from bots.models import Bot
from bots.models.fields import SecretUnreadable


class Command(BaseCommand):
    help = (
        "Fetches events from Pachca's history, stores them for the workers and deletes them from"
        " the history. Needs no public address: run it next to `manage.py up` on your own machine."
        " The event history must be enabled in the bot's settings. Stop it with Ctrl-C."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "bots",
            nargs="*",
            metavar="bot",
            help="address (slug) of a bot; default: all bots that are on",
        )
        parser.add_argument(
            "--once", action="store_true", help="fetch and delete the present events, then exit"
        )

    def handle(self, *args: object, **options: Any) -> None:
        pollers = [Poller(History(bot), self._say_of(bot)) for bot in self._bots(options["bots"])]
        try:
            ended = asyncio.run(self._poll(pollers, once=options["once"]))
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
            return
        if refused := [error for error in ended if isinstance(error, NoHistory)]:
            raise CommandError(
                f"{NoHistory.__doc__} Check that the bot's token is valid and its event history"
                f" is enabled. Response: {refused[0]}"
            )
        if failed := [error for error in ended if error is not None]:
            raise CommandError(f"Pachca did not respond as expected. Try again later. {failed[0]}")

    def _bots(self, slugs: list[str]) -> list[Bot]:
        wanted = Bot.objects.on().filter(slug__in=slugs) if slugs else Bot.objects.on()
        try:
            bots = list(wanted.exclude(token=""))
        except SecretUnreadable as error:
            raise CommandError(str(error)) from None
        if missing := sorted(set(slugs) - {bot.slug for bot in bots}):
            raise CommandError(
                f"No bot with this address is on and has a token: {', '.join(missing)}."
            )
        if not bots:
            raise CommandError("No bot is on and has a token. Create one with manage.py newbot.")
        return bots

    async def _poll(self, pollers: list[Poller], once: bool) -> list[Exception | None]:
        """Return the error of each bot, or None. A bot that fails does not stop the others."""
        try:
            return await asyncio.gather(*(self._fetch(poller, once) for poller in pollers))
        finally:
            await api.close()

    async def _fetch(self, poller: Poller, once: bool) -> Exception | None:
        slug = poller.history.bot.slug
        if not once:
            self.stdout.write(f"Polling for {slug}. Stop with Ctrl-C.")
        try:
            await (self._empty(poller) if once else poller.run())
        except (NoHistory, HistoryUnavailable) as error:
            self.stderr.write(f"{slug}: {type(error).__doc__} Response: {error}")
            return error
        return None

    async def _empty(self, poller: Poller) -> None:
        while await poller.round() or not poller.is_through:
            pass
        self._say_of(poller.history.bot)("all events fetched")

    def _say_of(self, bot: Bot) -> Any:
        return lambda line: self.stdout.write(f"{bot.slug}: {line}")
