"""`manage.py seed_demo`: create users, tweets and a bot to try."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from twitter.demo.bulk import create_bulk_data

WIDTH = 40


class Command(BaseCommand):
    help = "Create demo data: users, tweets, and the bot “demo” in the sandbox. Requires DEBUG."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--tweets",
            type=int,
            metavar="N",
            help="also add N tweets by N/100 users with 5 N likes, to try a large site",
        )

    def handle(self, *args: object, tweets: int | None = None, **options: Any) -> None:
        if not (settings.DEBUG and settings.SANDBOX):
            raise CommandError("Demo data requires DEBUG and SANDBOX, because its keys are public.")
        if tweets is not None and tweets < 1:
            raise CommandError("--tweets must be at least 1.")
        from launcher import demo  # noqa: PLC0415  needs the sandbox's tables

        demo.seed()
        if tweets:
            create_bulk_data(tweets, self._show)
        self.stdout.write(f"Demo data is loaded. The password is in {demo.PASSWORD_FILE}.")

    def _show(self, made: int, of: int) -> None:
        bar = ("█" * (WIDTH * made // of)).ljust(WIDTH, "░")
        is_terminal = self.stdout.isatty()
        end = "\r" if is_terminal and made < of else "\n"
        if is_terminal or made == of or made % (of // 10 or 1) < 20_000:
            self.stdout.write(f"{bar} {made:,} of {of:,} tweets", ending=end)
            self.stdout.flush()
