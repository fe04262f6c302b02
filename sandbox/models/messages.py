"""Messages and reactions."""

from typing import Self

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sandbox.models.accounts import Account
from sandbox.models.chats import Chat


class MessageQuerySet(models.QuerySet["Message"]):
    def alive(self) -> Self:
        return self.filter(deleted_at=None)

    def visible_to(self, account: Account) -> Self:
        return self.filter(chat__in=Chat.objects.visible_to(account))

    def whole(self) -> Self:
        """Load everything that `serializers.message` needs, in a fixed number of queries."""
        return self.select_related(
            "author", "chat", "thread", "chat__thread", "chat__thread__message"
        ).prefetch_related("files", "chat__memberships")

    def for_page(self) -> Self:
        """Load everything that the chat page shows of a message."""
        comments = (
            Message.objects.filter(chat__thread__message=OuterRef("pk"), deleted_at=None)
            .order_by()
            .values("chat")
            .annotate(count=Count("pk"))
            .values("count")
        )
        return (
            self.whole()
            .prefetch_related("reactions")
            .annotate(comments_count=Coalesce(Subquery(comments), 0))
        )


class Message(models.Model):
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="messages", verbose_name=_("chat"))
    author = models.ForeignKey(
        Account, models.CASCADE, related_name="messages", verbose_name=_("author")
    )
    content = models.TextField(_("text"), blank=True)
    buttons = models.JSONField(_("buttons"), null=True, blank=True)
    link_previews = models.JSONField(_("link previews"), default=dict, blank=True)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, verbose_name=_("reply to")
    )
    display_name = models.CharField(_("display name"), max_length=255, blank=True)
    display_avatar_url = models.CharField(_("display avatar"), max_length=2000, blank=True)
    created_at = models.DateTimeField(_("sent at"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True)
    pinned_at = models.DateTimeField(_("pinned at"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(
                fields=["chat", "id"], condition=Q(deleted_at=None), name="sandbox_message_alive"
            )
        ]

    def __str__(self) -> str:
        return self.content[:60] or f"#{self.pk}"


class Reaction(models.Model):
    message = models.ForeignKey(
        Message, models.CASCADE, related_name="reactions", verbose_name=_("message")
    )
    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"))
    code = models.CharField(_("emoji"), max_length=255)
    name = models.CharField(pgettext_lazy("title", "name"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("added at"), default=timezone.now)

    class Meta:
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["message", "account", "code", "name"], name="sandbox_reaction_once"
            )
        ]

    def __str__(self) -> str:
        return self.code
