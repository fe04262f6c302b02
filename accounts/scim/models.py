"""What the identity provider knows of people and groups: its names, ids and e-mail addresses."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from twitter.text.normal import fold_username, storable_text, visible_text

MAX_LENGTH = 255
MAX_FOLDED = 3 * MAX_LENGTH
"""Folding makes at most three characters of one."""


class ScimUserQuerySet(models.QuerySet["ScimUser"]):
    def present(self) -> "ScimUserQuerySet":
        """Filter those that the identity provider has not deleted."""
        return self.filter(ended_at=None)

    def named(self, user_name: str) -> "ScimUserQuerySet":
        """Filter by the provider's username, ignoring case; deleted ones too."""
        return self.filter(user_name_folded=fold_username(user_name))


class ScimUser(models.Model):
    """An account that the identity provider manages.

    The row stays when the provider deletes the account, so that it can be created again.
    """

    scim_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("person"),
        related_name="scim",
    )
    user_name = models.CharField(
        _("username at the identity provider"),
        max_length=MAX_LENGTH,
        validators=[storable_text, visible_text],
    )
    user_name_folded = models.CharField(max_length=MAX_FOLDED, unique=True, editable=False)
    external_id = models.CharField(
        _("id at the identity provider"),
        max_length=MAX_LENGTH,
        blank=True,
        validators=[storable_text],
        db_index=True,
    )
    display_name = models.CharField(max_length=MAX_LENGTH, blank=True, validators=[storable_text])
    formatted_name = models.CharField(max_length=MAX_LENGTH, blank=True, validators=[storable_text])
    given_name = models.CharField(max_length=MAX_LENGTH, blank=True, validators=[storable_text])
    family_name = models.CharField(max_length=MAX_LENGTH, blank=True, validators=[storable_text])
    # Only what the provider has blocked can it unblock.
    is_blocked = models.BooleanField(_("blocked by the identity provider"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("deleted"), null=True, editable=False)

    objects = ScimUserQuerySet.as_manager()

    class Meta:
        verbose_name = _("account of the identity provider")
        verbose_name_plural = _("accounts of the identity provider")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.user_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.user_name_folded = fold_username(self.user_name)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a username that differs from another one in case alone."""
        if ScimUser.objects.named(self.user_name).exclude(pk=self.pk).exists():
            text = _("Another account has this username at the identity provider.")
            raise ValidationError({"user_name": text})


class ScimEmail(models.Model):
    """An e-mail address as the provider has it; `accounts.scim.people` chooses the account's."""

    user = models.ForeignKey(ScimUser, models.CASCADE, related_name="emails")
    value = models.EmailField(max_length=254)
    type = models.CharField(max_length=MAX_LENGTH, blank=True, validators=[storable_text])
    is_primary = models.BooleanField(null=True, blank=True)

    class Meta:
        verbose_name = _("e-mail address of the identity provider")
        verbose_name_plural = _("e-mail addresses of the identity provider")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.value


class ScimGroup(models.Model):
    """A group of the identity provider, and the group here whose members it decides on."""

    scim_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    group = models.OneToOneField(Group, models.CASCADE, related_name="scim")
    display_name = models.CharField(max_length=150, validators=[storable_text, visible_text])
    display_name_folded = models.CharField(max_length=3 * 150, unique=True, editable=False)
    external_id = models.CharField(
        max_length=MAX_LENGTH, blank=True, validators=[storable_text], db_index=True
    )
    # Whether the group here was created with it, and is deleted with it.
    owns_group = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("group of the identity provider")
        verbose_name_plural = _("groups of the identity provider")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.display_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.display_name_folded = fold_username(self.display_name)
        super().save(*args, **kwargs)
