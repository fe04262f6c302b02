"""Print an invitation link, for example for the first administrator of an installation."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions
from accounts.pages.invitations import link_to
from twitter.models import User


class Command(BaseCommand):
    help = (
        "Prints a link by which somebody creates an account, or with --username chooses a new"
        " password for an existing one. With --superuser the account is an administrator's."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--superuser", action="store_true", help="an administrator")
        parser.add_argument("--staff", action="store_true", help="may use the admin")
        parser.add_argument("--name", default="", help="suggested name")
        parser.add_argument("--username", help="an existing account that gets a new password")

    def handle(self, *args: Any, **options: Any) -> None:
        person = None
        if options["username"]:
            person = User.objects.with_username(options["username"]).first()
            if person is None:
                raise CommandError(f"There is no account “{options['username']}”.")
            if options["superuser"] or options["staff"]:
                raise CommandError("--username changes no rights.")
        try:
            _made, token = actions.invite(
                None,
                person=person,
                name=options["name"],
                is_staff=options["staff"],
                is_superuser=options["superuser"],
            )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(link_to(token))
