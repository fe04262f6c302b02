"""Make a bot step by step: its token, who it is, how its updates come, and a check of all that."""

import getpass
import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify
from django.utils.translation import get_supported_language_variant, override
from django.utils.translation import gettext as _

from bots import actions
from bots.api import run
from bots.models import Bot
from bots.setup import examine, sync
from bots.setup.checks import BAD, GOOD, is_public
from bots.setup.there import There, look

Answer = TypeVar("Answer")


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

    def handle(self, **options: Any) -> None:
        self.options = options
        self.can_ask = not (options["no_input"] or options["token_stdin"])
        with override(_language_of_the_terminal()):
            try:
                self._make()
            except (KeyboardInterrupt, EOFError):
                self._say("")  # a line of its own after ^C
                raise CommandError(_("Stopped.")) from None

    def _make(self) -> None:
        if self.can_ask:
            self._say(_("In Pachca: Automations → Integrations → New bot. Copy its access token."))
        bot, there = self._until_right(self._introduced)
        by_webhook = self._until_right(partial(self._by_webhook, bot))
        if by_webhook and not bot.signing_secret:
            bot.signing_secret = self._until_right(partial(self._word, _("Signing secret")))
        bot = self._saved(bot, there)
        if not self.options["no_sync"]:
            written = run(sync(bot))
            self._say(written.told, self.style.SUCCESS if written.ok else self.style.WARNING)
        self._report(bot)
        self._say(self._next(bot, by_webhook))

    # --- what is asked ---------------------------------------------------------------------------

    def _until_right(self, ask: Callable[[], Answer]) -> Answer:
        """Ask until the answer is right; a script is told what is wrong with its one."""
        while True:
            try:
                return ask()
            except CommandError as error:
                if not self.can_ask:
                    raise
                self._say(str(error), self.style.ERROR)

    def _secrets(self) -> tuple[str, str]:
        if self.options["token_stdin"]:
            token, secret = (_one_word(sys.stdin.readline()) for _line in range(2))
        else:
            token, secret = self._word(_("Access token")), ""
        if not token:
            raise CommandError(_("No token was given."))
        return token, secret

    def _word(self, what: str) -> str:
        if not self.can_ask:
            return ""
        return _one_word(getpass.getpass(_("%(what)s (not shown): ") % {"what": what}))

    def _asked(self, what: str, default: str) -> str:
        return (input(f"{what} [{default}]: ").strip() if self.can_ask else "") or default

    def _by_webhook(self, bot: Bot) -> bool:
        if self.options["webhook"] or self.options["polling"]:
            return bool(self.options["webhook"])
        default = "webhook" if bot.in_sandbox or is_public(bot.webhook_url) else "polling"
        answer = self._asked(_("How do updates come: webhook or polling"), default)
        if answer not in ("webhook", "polling"):
            raise CommandError(_("Say webhook or polling."))
        return answer == "webhook"

    def _slug(self, bot: Bot, default: str) -> str:
        slug = self.options["slug"] or self._asked(_("Address (slug)"), default)
        if slugify(slug) != slug:
            raise CommandError(_("An address is of small Latin letters, digits and “-”."))
        there = Bot.objects.defer("token", "signing_secret").filter(slug=slug).first()
        # The address of one bot is not given to another one.
        is_same = there is None or there.pachca_user_id in (None, bot.pachca_user_id)
        if there and not (is_same and there.in_sandbox == bot.in_sandbox):
            told = _("Another bot has the address %(slug)s: choose another one (--slug).")
            raise CommandError(told % {"slug": slug})
        return slug

    # --- what is done ----------------------------------------------------------------------------

    def _introduced(self) -> tuple[Bot, There]:
        """Ask Pachca who the bot is; without an answer nothing is stored."""
        token, secret = self._secrets()
        bot = Bot(in_sandbox=self.options["sandbox"], token=token, signing_secret=secret)
        there = run(look(bot))
        if there.response is None:
            told = _("Nobody answers at %(url)s.") % {"url": bot.api_url}
            raise CommandError(f"{told} {there.told}")
        if there.profile is None:
            facts = {"url": bot.api_url, "why": f"{there.response.status} {there.told}"}
            raise CommandError(_("The token was not accepted at %(url)s: %(why)s") % facts)
        if there.profile.get("bot") is False:
            raise CommandError(_("This is a person's token: take the one of a bot."))
        names = (there.profile.get("first_name"), there.profile.get("last_name"))
        bot.name = " ".join(filter(None, names)) or "Bot"
        bot.pachca_user_id = there.profile["id"]
        told = _("In Pachca it is “%(name)s”, number %(id)s.")
        self._say(told % {"name": bot.name, "id": bot.pachca_user_id})
        return bot, there

    def _saved(self, bot: Bot, there: There) -> Bot:
        nickname = slugify((there.profile or {}).get("nickname") or "")
        ask = partial(self._slug, bot, nickname or f"bot{bot.pachca_user_id}")
        slug = ask() if self.options["slug"] else self._until_right(ask)
        is_there = Bot.objects.filter(slug=slug).exists()
        name = self.options["name"] or ("" if is_there else self._asked(_("Name"), bot.name))
        changes = {
            "token": bot.token,
            "in_sandbox": bot.in_sandbox,
            "pachca_user_id": bot.pachca_user_id,
            **({"signing_secret": bot.signing_secret} if bot.signing_secret else {}),
            **({"name": name} if name else {}),
        }
        saved, is_new = Bot.objects.update_or_create(slug=slug, defaults=changes)
        actions.list_commands([saved])
        told = _("Made: %(bot)s at %(url)s") if is_new else _("Changed: %(bot)s at %(url)s")
        self._say(told % {"bot": saved.name, "url": saved.webhook_url})
        return saved

    def _report(self, bot: Bot) -> None:
        signs = {GOOD: ("✓", self.style.SUCCESS), BAD: ("✗", self.style.ERROR)}
        for check in run(examine(bot)):
            sign, style = signs.get(check.state, ("?", self.style.WARNING))
            self._say(f"  {sign} {check.title}: {check.told}", style)
            if check.fix:
                self._say(f"      → {check.fix}")

    def _next(self, bot: Bot, by_webhook: bool) -> str:
        if by_webhook:
            told = _("Write /start to it in Pachca. Its updates come to %(url)s")
            return told % {"url": bot.webhook_url}
        told = _("Now run %(command)s and write /start to it in Pachca.")
        return told % {"command": f"`manage.py poll {bot.slug}`"}

    def _say(self, text: str, style: Any = str) -> None:
        self.stdout.write(style(text))


def _one_word(given: str) -> str:
    given = given.strip()
    if not given.isascii() or any(sign.isspace() for sign in given):
        raise CommandError(_("A token and a secret are one word of Latin letters and digits."))
    return given


def _language_of_the_terminal() -> str:
    said = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    code = next(filter(None, said), "").partition("_")[0]
    try:
        return get_supported_language_variant(code)
    except LookupError:
        return "en"
