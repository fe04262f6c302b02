"""Commands: name, action, audience and chats."""

import re
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bots.models.bot import Bot

HANDLER = "handler"
NAME = r"[\w-]{1,32}"
IN_TEXT = re.compile(r"[\s,]+")


class Audience(models.TextChoices):
    EVERYBODY = "everybody", _("everyone")
    TAGS = "tags", _("employees with tags")
    PEOPLE = "people", _("selected users")


class CommandQuerySet(models.QuerySet["Command"]):
    def on(self) -> Self:
        return self.filter(is_on=True)


class Command(models.Model):
    """A command of a bot. `action` is a registered type: a handler in the code, or another one."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="commands", verbose_name=_("bot"))
    name = models.CharField(
        pgettext_lazy("title", "name"),
        max_length=32,
        help_text=_("Without the slash."),
        validators=[RegexValidator(rf"^{NAME}$", _("Letters, digits, “_” and “-” only."))],
    )
    aliases = models.CharField(
        _("aliases"),
        max_length=255,
        blank=True,
        help_text=_("Alternative names, separated by spaces."),
    )
    description = models.CharField(_("description"), max_length=255, blank=True)
    is_on = models.BooleanField(_("enabled"), default=True)

    audience = models.CharField(
        _("available to"), max_length=9, choices=Audience, default=Audience.EVERYBODY
    )
    tags = models.CharField(
        _("tags"), max_length=500, blank=True, help_text=_("Separated by commas.")
    )
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        verbose_name=_("users"),
        help_text=_("Only users who have linked their Pachca account."),
    )
    in_private = models.BooleanField(_("in private chats"), default=True)
    in_chats = models.BooleanField(_("in chats"), default=True)
    in_threads = models.BooleanField(_("in threads"), default=True)

    action = models.CharField(_("action"), max_length=32, default=HANDLER)
    handler = models.CharField(
        _("handler of"),
        max_length=32,
        blank=True,
        help_text=_("The command whose handler runs. Empty: the command with the same name."),
    )
    text = models.TextField(_("text"), blank=True)
    form = models.JSONField(_("form"), null=True, blank=True)

    objects = CommandQuerySet.as_manager()

    class Meta:
        ordering = ("bot", "name")
        verbose_name = _("command")
        verbose_name_plural = _("commands")
        constraints = [
            models.UniqueConstraint(fields=["bot", "name"], name="bots_command_once"),
        ]

    def __str__(self) -> str:
        return f"/{self.name}"

    def clean(self) -> None:
        self.name, self.aliases = self.name.lower(), " ".join(self.alias_list)
        if wrong := [it for it in self.alias_list if not re.fullmatch(NAME, it)]:
            raise ValidationError({"aliases": _gettext("Not a name: %s") % wrong[0]})
        if self.audience == Audience.TAGS and not self.tag_list:
            raise ValidationError({"tags": _gettext("Name at least one tag.")})
        if self.bot_id and (taken := self._taken()):
            raise ValidationError({"aliases": _gettext("Another command has the name %s.") % taken})

    def _taken(self) -> str:
        """Return a name of this command that another command of the bot has, or ""."""
        mine = {self.name, *self.alias_list}
        others = Command.objects.filter(bot=self.bot_id).exclude(pk=self.pk)
        names = {name for row in others for name in row.names}
        return next(iter(sorted(mine & names)), "")

    @property
    def alias_list(self) -> list[str]:
        return [it.lstrip("/") for it in IN_TEXT.split(self.aliases.lower()) if it.lstrip("/")]

    @property
    def tag_list(self) -> list[str]:
        return [it.strip() for it in self.tags.split(",") if it.strip()]

    @property
    def names(self) -> list[str]:
        return [self.name, *self.alias_list]

    def works_in(self, kind: str) -> bool:
        """Return whether the command may be used in this type of chat; "" is unknown."""
        allowed: dict[str, Any] = {
            "private": self.in_private,
            "chat": self.in_chats,
            "thread": self.in_threads,
        }
        return bool(allowed.get(kind, True))
