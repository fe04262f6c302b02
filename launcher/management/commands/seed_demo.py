"""`manage.py seed_demo`: people, tweets and a bot to try things with."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from twitter.crowd import make_crowd

WIDTH = 40


class Command(BaseCommand):
    help = "Makes the demo (people, tweets, the bot “demo” in the sandbox). Only with DEBUG on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--tweets",
            type=int,
            metavar="N",
            help="adds N tweets of N/100 people, with 5 N likes, to see how a large site does",
        )

    def handle(self, *args: object, tweets: int | None = None, **options: Any) -> None:
        if not (settings.DEBUG and settings.SANDBOX):
            raise CommandError("The demo needs DEBUG and the sandbox: its keys are no secrets.")
        if tweets is not None and tweets < 1:
            raise CommandError("--tweets takes a number from 1.")
        from project import demo  # noqa: PLC0415  needs the sandbox's tables

        demo.seed()
        if tweets:
            make_crowd(tweets, self._show)
        self.stdout.write(f"The demo is there; its password is in {demo.PASSWORD_FILE}.")

    def _show(self, made: int, of: int) -> None:
        bar = ("█" * (WIDTH * made // of)).ljust(WIDTH, "░")
        is_terminal = self.stdout.isatty()
        end = "\r" if is_terminal and made < of else "\n"
        if is_terminal or made == of or made % (of // 10 or 1) < 20_000:
            self.stdout.write(f"{bar} {made:,} of {of:,} tweets", ending=end)
            self.stdout.flush()
