"""Discussions, channels, private chats and threads."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sandbox.models.accounts import Account, AccountQuerySet


class Kind(models.TextChoices):
    DISCUSSION = "discussion", _("discussion")
    CHANNEL = "channel", _("channel")
    PERSONAL = "personal", _("private chat")
    THREAD = "thread", _("thread")


class ChatQuerySet(models.QuerySet["Chat"]):
    def visible_to(self, account: Account) -> Self:
        """Filter chats that the account can read: its own, threads in them, and public ones."""
        mine = Membership.objects.filter(account=account).values("chat_id")
        return self.filter(
            Q(pk__in=mine) | Q(kind=Kind.THREAD, thread__message__chat__in=mine) | Q(public=True)
        )

    def of(self, account: Account) -> Self:
        """Filter chats in which the account is a member, except threads."""
        return self.exclude(kind=Kind.THREAD).filter(memberships__account=account)


class Chat(models.Model):
    name = models.CharField(pgettext_lazy("title", "name"), max_length=255)
    kind = models.CharField(_("type"), max_length=10, choices=Kind.choices, default=Kind.DISCUSSION)
    owner = models.ForeignKey(
        Account, models.CASCADE, related_name="owned_chats", verbose_name=_("owner")
    )
    public = models.BooleanField(_("is public"), default=False)
    archived = models.BooleanField(_("is archived"), default=False)
    # The ids of both members of a private chat; unique, so that they have only one.
    pair = models.CharField(max_length=50, unique=True, null=True, editable=False)  # noqa: DJ001
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    last_message_at = models.DateTimeField(_("last message at"), default=timezone.now)

    objects = ChatQuerySet.as_manager()

    class Meta:
        verbose_name = _("chat")
        verbose_name_plural = _("chats")
        indexes = [models.Index(fields=["last_message_at", "id"], name="sandbox_chat_by_message")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_thread(self) -> bool:
        return self.kind == Kind.THREAD

    @property
    def is_personal(self) -> bool:
        return self.kind == Kind.PERSONAL

    @property
    def root_id(self) -> int:
        """The id of the chat that a thread was started in; for other chats, their own id."""
        if not self.is_thread or self.thread.message is None:
            return self.pk
        return self.thread.message.chat_id

    def audience(self) -> AccountQuerySet:
        """Return the accounts that receive messages; for a thread, those of its root chat too."""
        ids = {self.pk, self.root_id}
        return Account.objects.filter(
            pk__in=Membership.objects.filter(chat__in=ids).values("account_id")
        )


class Role(models.TextChoices):
    ADMIN = "admin", _("admin")
    EDITOR = "editor", _("editor")
    MEMBER = "member", _("member")


class Membership(models.Model):
    chat = models.ForeignKey(
        Chat, models.CASCADE, related_name="memberships", verbose_name=_("chat")
    )
    account = models.ForeignKey(
        Account, models.CASCADE, related_name="memberships", verbose_name=_("account")
    )
    role = models.CharField(_("role"), max_length=6, choices=Role.choices, default=Role.MEMBER)
    last_read_id = models.BigIntegerField(_("read up to"), default=0)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["chat", "account"], name="sandbox_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} @ {self.chat_id}"

    def read_up_to(self, message_id: int) -> None:
        """Move the read position forward, never back."""
        Membership.objects.filter(pk=self.pk, last_read_id__lt=message_id).update(
            last_read_id=message_id
        )


class ThreadQuerySet(models.QuerySet["Thread"]):
    def visible_to(self, account: Account) -> Self:
        return self.filter(chat__in=Chat.objects.visible_to(account))

    def of(self, account: Account) -> Self:
        """Filter threads in which, or in whose root chat, the account is a member."""
        mine = Membership.objects.filter(account=account).values("chat_id")
        return self.filter(Q(chat__in=mine) | Q(message__chat__in=mine))


class Thread(models.Model):
    """Comments on a message, or a standalone thread; the comments are in a chat of their own."""

    chat = models.OneToOneField(Chat, models.CASCADE, verbose_name=_("chat"))
    message = models.OneToOneField(
        "sandbox.Message", models.CASCADE, null=True, blank=True, verbose_name=_("message")
    )
    updated_at = models.DateTimeField(_("changed at"), default=timezone.now)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        verbose_name = _("thread")
        verbose_name_plural = _("threads")
        ordering = [F("updated_at").desc(), F("id").desc()]

    def __str__(self) -> str:
        return str(self.pk)
