"""`manage.py up` as a command of Django: manage.py runs launcher.up without loading any apps."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from launcher import up


class Command(BaseCommand):
    help = up.HELP
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        up.add_arguments(parser)

    def handle(self, *args: object, host: str, **options: Any) -> None:
        try:
            up.run(host)
        except SystemExit as refusal:
            raise CommandError(refusal.code) from None
