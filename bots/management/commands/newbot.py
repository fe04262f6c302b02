"""Create a bot step by step: token, identity, delivery of updates, and a check of the result."""

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
from bots.framework.api import run
from bots.models import Bot
from bots.setup import examine, sync
from bots.setup.checks import BAD, GOOD, is_public
from bots.setup.remote import RemoteSettings, fetch_settings

Answer = TypeVar("Answer")


class Command(BaseCommand):
    help = (
        "Create a bot or update an existing one. Prompts for what the options do not give; the"
        " token is not echoed. Scripts pass the token on standard input, so that it does not appear"
        " in the process list. Example:"
        ' printf \'%s\\n%s\\n\' "$TOKEN" "$SECRET" | manage.py newbot --slug demo --token-stdin'
        " --no-input --webhook"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--slug", help="part of the webhook address; default: the nickname in Pachca"
        )
        parser.add_argument("--name", help="name of the bot in Svyaz; default: the name in Pachca")
        parser.add_argument("--sandbox", action="store_true", help="create the bot in the sandbox")
        parser.add_argument(
            "--token-stdin",
            action="store_true",
            help="read the token from the first line of standard input and the signing secret, if"
            " any, from the second",
        )
        way = parser.add_mutually_exclusive_group()
        way.add_argument(
            "--webhook", action="store_true", help="receive updates by a webhook at SITE_URL"
        )
        way.add_argument(
            "--polling",
            action="store_true",
            help="read updates from the history with manage.py poll",
        )
        parser.add_argument(
            "--no-input", action="store_true", help="do not prompt; fail if a value is missing"
        )
        parser.add_argument(
            "--no-sync", action="store_true", help="do not write the settings to Pachca"
        )

    def handle(self, **options: Any) -> None:
        self.options = options
        self.can_ask = not (options["no_input"] or options["token_stdin"])
        with override(_terminal_language()):
            try:
                self._make()
            except (KeyboardInterrupt, EOFError):
                self._say("")  # ends the line of ^C
                raise CommandError(_("Stopped.")) from None

    def _make(self) -> None:
        if self.can_ask:
            self._say(_("In Pachca: Automations → Integrations → New bot. Copy its access token."))
        bot, remote = self._retry_prompt(self._identify)
        by_webhook = self._retry_prompt(partial(self._choose_webhook, bot))
        if by_webhook and not bot.signing_secret:
            bot.signing_secret = self._retry_prompt(partial(self._prompt_word, _("Signing secret")))
        bot = self._save(bot, remote)
        if not self.options["no_sync"]:
            written = run(sync(bot))
            self._say(written.message, self.style.SUCCESS if written.ok else self.style.WARNING)
        self._report(bot)
        self._say(self._describe_next_step(bot, by_webhook))

    # --- prompts ---------------------------------------------------------------------------------

    def _retry_prompt(self, ask: Callable[[], Answer]) -> Answer:
        """Repeat `ask` until the answer is valid; without a terminal, raise the error."""
        while True:
            try:
                return ask()
            except CommandError as error:
                if not self.can_ask:
                    raise
                self._say(str(error), self.style.ERROR)

    def _read_secrets(self) -> tuple[str, str]:
        if self.options["token_stdin"]:
            token, secret = (_one_word(sys.stdin.readline()) for _line in range(2))
        else:
            token, secret = self._prompt_word(_("Access token")), ""
        if not token:
            raise CommandError(_("No token was entered."))
        return token, secret

    def _prompt_word(self, what: str) -> str:
        if not self.can_ask:
            return ""
        return _one_word(getpass.getpass(_("%(what)s (not shown): ") % {"what": what}))

    def _prompt(self, what: str, default: str) -> str:
        return (input(f"{what} [{default}]: ").strip() if self.can_ask else "") or default

    def _choose_webhook(self, bot: Bot) -> bool:
        if self.options["webhook"] or self.options["polling"]:
            return bool(self.options["webhook"])
        default = "webhook" if bot.in_sandbox or is_public(bot.webhook_url) else "polling"
        answer = self._prompt(_("How are updates delivered: webhook or polling"), default)
        if answer not in ("webhook", "polling"):
            raise CommandError(_("Answer webhook or polling."))
        return answer == "webhook"

    def _choose_slug(self, bot: Bot, default: str) -> str:
        slug = self.options["slug"] or self._prompt(_("Address (slug)"), default)
        if slugify(slug) != slug:
            raise CommandError(
                _("An address consists of lower-case Latin letters, digits and “-”.")
            )
        remote = Bot.objects.defer("token", "signing_secret").filter(slug=slug).first()
        # An address that belongs to another bot is rejected.
        is_same = remote is None or remote.pachca_user_id in (None, bot.pachca_user_id)
        if remote and not (is_same and remote.in_sandbox == bot.in_sandbox):
            message = _(
                "The address %(slug)s is used by another bot. Choose another one with --slug."
            )
            raise CommandError(message % {"slug": slug})
        return slug

    # --- steps -----------------------------------------------------------------------------------

    def _identify(self) -> tuple[Bot, RemoteSettings]:
        """Ask Pachca for the bot's profile. Raises CommandError if it does not return one."""
        token, secret = self._read_secrets()
        bot = Bot(in_sandbox=self.options["sandbox"], token=token, signing_secret=secret)
        remote = run(fetch_settings(bot))
        if remote.response is None:
            message = _("There is no response from %(url)s.") % {"url": bot.api_url}
            raise CommandError(f"{message} {remote.error}")
        if remote.profile is None:
            facts = {"url": bot.api_url, "why": f"{remote.response.status} {remote.error}"}
            raise CommandError(_("%(url)s rejected the token: %(why)s") % facts)
        if remote.profile.get("bot") is False:
            raise CommandError(_("This token belongs to a person. Use the token of a bot."))
        names = (remote.profile.get("first_name"), remote.profile.get("last_name"))
        bot.name = " ".join(filter(None, names)) or "Bot"
        bot.pachca_user_id = remote.profile["id"]
        message = _("Name in Pachca: “%(name)s”, user id %(id)s.")
        self._say(message % {"name": bot.name, "id": bot.pachca_user_id})
        return bot, remote

    def _save(self, bot: Bot, remote: RemoteSettings) -> Bot:
        nickname = slugify((remote.profile or {}).get("nickname") or "")
        ask = partial(self._choose_slug, bot, nickname or f"bot{bot.pachca_user_id}")
        slug = ask() if self.options["slug"] else self._retry_prompt(ask)
        is_there = Bot.objects.filter(slug=slug).exists()
        name = self.options["name"] or ("" if is_there else self._prompt(_("Name"), bot.name))
        changes = {
            "token": bot.token,
            "in_sandbox": bot.in_sandbox,
            "pachca_user_id": bot.pachca_user_id,
            **({"signing_secret": bot.signing_secret} if bot.signing_secret else {}),
            **({"name": name} if name else {}),
        }
        saved, is_new = Bot.objects.update_or_create(slug=slug, defaults=changes)
        actions.list_commands([saved])
        message = _("Created %(bot)s: %(url)s") if is_new else _("Updated %(bot)s: %(url)s")
        self._say(message % {"bot": saved.name, "url": saved.webhook_url})
        return saved

    def _report(self, bot: Bot) -> None:
        signs = {GOOD: ("✓", self.style.SUCCESS), BAD: ("✗", self.style.ERROR)}
        for check in run(examine(bot)):
            sign, style = signs.get(check.state, ("?", self.style.WARNING))
            self._say(f"  {sign} {check.title}: {check.message}", style)
            if check.fix:
                self._say(f"      → {check.fix}")

    def _describe_next_step(self, bot: Bot, by_webhook: bool) -> str:
        if by_webhook:
            message = _("Write /start to the bot in Pachca. Updates are delivered to %(url)s")
            return message % {"url": bot.webhook_url}
        message = _("Run %(command)s and write /start to the bot in Pachca.")
        return message % {"command": f"`manage.py poll {bot.slug}`"}

    def _say(self, text: str, style: Any = str) -> None:
        self.stdout.write(style(text))


def _one_word(given: str) -> str:
    given = given.strip()
    if not given.isascii() or any(sign.isspace() for sign in given):
        raise CommandError(_("A token or secret is a single word of Latin letters and digits."))
    return given


def _terminal_language() -> str:
    values = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    code = next(filter(None, values), "").partition("_")[0]
    try:
        return get_supported_language_variant(code)
    except LookupError:
        return "en"
