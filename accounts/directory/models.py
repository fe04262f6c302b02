"""What the directory sync knows of the people in Pachca."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Member(models.Model):
    """Somebody in Pachca who has an account here, with what was last taken over from there.

    A name or picture that the person changes here stays until it changes in Pachca. The row
    remains when the person unlinks the Pachca account, so that the account is still blocked when
    they leave, and when they delete their account, so that no new one is created for them.
    """

    in_sandbox = models.BooleanField(_("in the sandbox"), default=False)
    pachca_user_id = models.BigIntegerField(_("Pachca user id"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"), related_name="+"
    )
    name = models.CharField(_("name"), max_length=100, blank=True)
    image_url = models.TextField(_("picture"), blank=True)
    is_blocked = models.BooleanField(_("blocked by the sync"), default=False)
    changed_at = models.DateTimeField(_("blocked or unblocked"), null=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(
                fields=["in_sandbox", "pachca_user_id"], name="directory_member_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.pachca_user_id}"


def forget_block(person: Any, **_signal: Any) -> None:
    """Note that the sync no longer blocks a person whose account was ended here."""
    Member.objects.filter(person_id=person.pk, is_blocked=True).update(is_blocked=False)


def forget_block_of_active(
    instance: Any, created: bool, update_fields: Iterable[str] | None = None, **_signal: Any
) -> None:
    """Note that a block of the sync has ended when somebody else has unblocked the person."""
    may_have_changed = update_fields is None or "is_active" in update_fields
    if instance.is_active and may_have_changed and not created:
        forget_block(instance)


def forget_person(person: Any, **_signal: Any) -> None:
    """Delete what Pachca said of a person who has deleted the account."""
    Member.objects.filter(person_id=person.pk).update(name="", image_url="", is_blocked=False)
