"""Make a bot step by step: its token, who it is, how its updates come, and a check of all that."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify
from django.utils.translation import override

from bots import actions
from bots.api import run
from bots.models import Bot
from bots.setup import examine, sync
from bots.setup.checks import BAD, GOOD, is_public
from bots.setup.there import There, look

SIGNS = {GOOD: "ok", BAD: "wrong"}


class Command(BaseCommand):
    help = (
        "Make a bot, or set one up anew: asks for what is not given. The token is asked for"
        " without being shown; for scripts it is read from the standard input, never from the"
        " command line. Example:"
        ' printf \'%s\\n%s\\n\' "$TOKEN" "$SECRET" | manage.py newbot --slug demo --token-stdin'
        " --no-input --webhook"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--slug", help="part of the webhook's address; default: the nickname")
        parser.add_argument("--name", help="how it is called here; default: as in Pachca")
        parser.add_argument("--sandbox", action="store_true", help="the bot lives in the sandbox")
        parser.add_argument(
            "--token-stdin",
            action="store_true",
            help="read the token from the first line of the standard input, and from the second"
            " one, if there is one, the signing secret",
        )
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--webhook", action="store_true", help="Pachca posts updates to SITE_URL")
        way.add_argument(
            "--polling",
            action="store_true",
            help="updates are read from the history: manage.py poll",
        )
        parser.add_argument("--no-input", action="store_true", help="ask nothing; fail instead")
        parser.add_argument("--no-sync", action="store_true", help="write nothing to Pachca")

    @override("en")
    def handle(self, **options: Any) -> None:
        self.options = options
        token, secret = self._secrets()
        bot = Bot(in_sandbox=options["sandbox"], token=token, signing_secret=secret)
        there = self._introduced(bot)
        by_webhook = self._by_webhook(bot)
        if by_webhook and not bot.signing_secret:
            bot.signing_secret = self._asked_secretly("Signing secret")
        bot = self._saved(bot, there)
        if not options["no_sync"]:
            written = run(sync(bot))
            self._say(written.told, self.style.SUCCESS if written.ok else self.style.WARNING)
        self._report(bot)
        self._say(self._next(bot, by_webhook))

    # --- what is asked ---------------------------------------------------------------------------

    def _secrets(self) -> tuple[str, str]:
        if self.options["token_stdin"]:
            lines = [sys.stdin.readline().strip() for _ in range(2)]
            token, secret = lines
        else:
            token, secret = self._asked_secretly("Access token"), ""
        for given in (token, secret):
            if not given.isascii() or any(sign.isspace() for sign in given):
                raise CommandError("A token and a secret are one word of Latin letters and digits.")
        if not token:
            raise CommandError("No token was given.")
        return token, secret

    def _asked_secretly(self, what: str) -> str:
        if self.options["no_input"] or self.options["token_stdin"]:
            return ""
        return getpass.getpass(f"{what} (not shown): ").strip()

    def _asked(self, what: str, default: str) -> str:
        if self.options["no_input"] or self.options["token_stdin"]:
            return default
        return input(f"{what} [{default}]: ").strip() or default

    def _by_webhook(self, bot: Bot) -> bool:
        if self.options["webhook"] or self.options["polling"]:
            return bool(self.options["webhook"])
        default = "webhook" if bot.in_sandbox or is_public(bot.webhook_url) else "polling"
        answer = self._asked("How do updates come: webhook or polling", default)
        if answer not in ("webhook", "polling"):
            raise CommandError("Say webhook or polling.")
        return answer == "webhook"

    # --- what is done ----------------------------------------------------------------------------

    def _introduced(self, bot: Bot) -> There:
        """Ask Pachca who the bot is; without an answer nothing is stored."""
        there = run(look(bot))
        if there.profile is None:
            status = f"{there.response.status} " if there.response else ""
            raise CommandError(f"The token was not accepted at {bot.api_url}: {status}{there.told}")
        if there.profile.get("bot") is False:
            raise CommandError("This is the token of a person: take the one of a bot.")
        names = (there.profile.get("first_name"), there.profile.get("last_name"))
        bot.name = " ".join(filter(None, names)) or "Bot"
        bot.pachca_user_id = there.profile["id"]
        self._say(f"In Pachca it is “{bot.name}”, number {bot.pachca_user_id}.")
        return there

    def _saved(self, bot: Bot, there: There) -> Bot:
        nickname = (
            slugify((there.profile or {}).get("nickname") or "") or f"bot{bot.pachca_user_id}"
        )
        name = self.options["name"] or self._asked("Name", bot.name)
        slug = self.options["slug"] or self._asked("Address (slug)", nickname)
        if slugify(slug) != slug:
            raise CommandError("An address is of small Latin letters, digits and “-”.")
        self._check_same(bot, slug)
        changes = {
            "token": bot.token,
            "in_sandbox": bot.in_sandbox,
            "pachca_user_id": bot.pachca_user_id,
            **({"signing_secret": bot.signing_secret} if bot.signing_secret else {}),
        }
        made = {"name": name, **changes}
        saved, is_new = Bot.objects.update_or_create(
            slug=slug, defaults=changes, create_defaults=made
        )
        actions.list_commands([saved])
        self._say(f"{'Made' if is_new else 'Changed'}: {saved.name} at {saved.webhook_url}")
        return saved

    def _check_same(self, bot: Bot, slug: str) -> None:
        """Do not give the address of one bot to another one."""
        there = Bot.objects.defer("token", "signing_secret").filter(slug=slug).first()
        if there is None:
            return
        is_same = there.pachca_user_id in (None, bot.pachca_user_id)
        if not is_same or there.in_sandbox != bot.in_sandbox:
            raise CommandError(f"Another bot has the address {slug}: give one by --slug.")

    def _report(self, bot: Bot) -> None:
        for check in run(examine(bot)):
            style = {GOOD: self.style.SUCCESS, BAD: self.style.ERROR}.get(
                check.state, self.style.WARNING
            )
            sign = SIGNS.get(check.state, "?")
            self._say(f"  {sign:6}{check.title}: {check.told}", style)
            if check.fix:
                self._say(f"        → {check.fix}")

    def _next(self, bot: Bot, by_webhook: bool) -> str:
        if by_webhook:
            return f"Write /start to it in Pachca. Its updates come to {bot.webhook_url}"
        return f"Now run: manage.py poll {bot.slug}   and write /start to it in Pachca."

    def _say(self, text: str, style: Any = str) -> None:
        self.stdout.write(style(text))
