"""Make the accounts follow the people in Pachca, or print what would change."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.directory.plan import make_plan
from accounts.directory.roster import IncompleteList, NoDirectoryBot, find_bot, read_all
from accounts.directory.sync import TooManyBlocked, sync
from bots.framework.api import ApiError, NoAnswer, run


class Command(BaseCommand):
    help = (
        "Create, update and block accounts as people join and leave Pachca. The bot that"
        " DIRECTORY_BOT names reads the list."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only print what would change")
        parser.add_argument(
            "--force",
            action="store_true",
            help="block more accounts than DIRECTORY_MAX_BLOCKED_PERCENT allows",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            roster = run(read_all(find_bot()))
            if options["dry_run"]:
                plan = make_plan(roster)
                for line in plan.lines():
                    self.stdout.write(line)
                if len(plan.block) > plan.max_blocked:
                    self.stderr.write(str(TooManyBlocked(plan)))
                return
            report = sync(roster, force=options["force"])
        except (NoDirectoryBot, IncompleteList, TooManyBlocked, ApiError, NoAnswer) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(report))
        for line in report.refused:
            self.stdout.write(f"refused {line}")
