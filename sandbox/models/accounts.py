"""People and bots. They share a space of ids, as in Pachca."""

import secrets
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def new_token() -> str:
    return secrets.token_urlsafe(32)


class TriggerOn(models.TextChoices):
    COMMANDS = "commands", _("commands")
    ALL_MESSAGES = "all_messages", _("all messages")
    UNFURL = "unfurl", _("links")


class Role(models.TextChoices):
    ADMIN = "admin", _("administrator")
    USER = "user", _("employee")
    MULTI_GUEST = "multi_guest", _("guest of several chats")
    GUEST = "guest", _("guest of one chat")


class AccountQuerySet(models.QuerySet["Account"]):
    def people(self) -> "AccountQuerySet":
        return self.filter(is_bot=False)

    def bots(self) -> "AccountQuerySet":
        return self.filter(is_bot=True)

    def matching(self, text: str) -> "AccountQuerySet":
        """Filter accounts whose name or nickname contains `text`."""
        return self.filter(
            Q(nickname__icontains=text)
            | Q(first_name__icontains=text)
            | Q(last_name__icontains=text)
        )


class Account(models.Model):
    """A person or a bot. The token is valid in this sandbox only."""

    nickname = models.CharField(_("nickname"), max_length=255, unique=True)
    first_name = models.CharField(_("first name"), max_length=255)
    last_name = models.CharField(_("last name"), max_length=255, blank=True)
    image_url = models.CharField(_("picture"), max_length=2000, blank=True)
    token = models.CharField(_("token"), max_length=255, unique=True, default=new_token)
    role = models.CharField(
        _("role"), max_length=11, choices=Role, default=Role.USER, db_default="user"
    )
    suspended = models.BooleanField(_("suspended"), default=False, db_default=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    is_bot = models.BooleanField(_("is a bot"), default=False)
    slug = models.SlugField(_("slug"), max_length=255, unique=True, null=True, blank=True)
    signing_secret = models.CharField(_("signing secret"), max_length=255, default=new_token)
    webhook_url = models.CharField(_("webhook address"), max_length=2000, blank=True)
    # None: all events, including future ones.
    events = models.JSONField(_("events"), null=True, blank=True)
    trigger_on = models.CharField(
        _("receives"),
        max_length=12,
        choices=TriggerOn.choices,
        default=TriggerOn.ALL_MESSAGES,
    )
    commands = models.JSONField(_("commands"), default=list, blank=True)
    ignore_self_messages = models.BooleanField(_("ignores its own messages"), default=False)
    events_history_enabled = models.BooleanField(_("event history"), default=True)
    # Settings of a bot that are stored without an effect: template, can_edit, …
    other_settings = models.JSONField(_("other settings"), default=dict, blank=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def email(self) -> str:
        """The e-mail address of a person; bots have none."""
        return "" if self.is_bot else f"{self.nickname}@sandbox.invalid"

    @property
    def resolved_webhook_url(self) -> str:
        """The full URL of the webhook; a path is resolved against SITE_URL."""
        return urljoin(settings.SITE_URL, self.webhook_url) if self.webhook_url else ""

    def wants(self, event_type: str, payload: dict[str, Any]) -> bool:
        """Return whether the bot's settings subscribe it to the event."""
        # Forms have no subscription of their own: clicks open them.
        subscription = "button_click" if event_type == "view_submit" else event_type
        if self.events is not None and subscription not in self.events:
            return False
        if event_type.startswith("message_") and payload["user_id"] == self.pk:
            return not self.ignore_self_messages
        if event_type == "message_new" and self.trigger_on == TriggerOn.COMMANDS:
            return bool(payload["content"].startswith(tuple(self.commands)))
        return True
