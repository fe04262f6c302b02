"""The audit log: who did what, from where. Rows are added and purged, never changed."""

from datetime import datetime
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_ID = 64
MAX_NAME = 150
MAX_OBJECT = 200
MAX_USER_AGENT = 300


class AppendOnly(Exception):
    """Audit events can be neither changed nor deleted. They are purged after AUDIT_KEEP_DAYS."""

    def __init__(self) -> None:
        super().__init__(AppendOnly.__doc__)


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def update(self, **_fields: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly

    def purge(self, before: datetime, batch: int) -> int:
        """Delete up to `batch` events from before a time, the oldest first; return how many."""
        oldest = self.filter(created_at__lt=before).order_by("created_at")
        ids = list(oldest.values_list("pk", flat=True)[:batch])
        return models.QuerySet(self.model).filter(pk__in=ids).delete()[0]


class AuditEvent(models.Model):
    class Action(models.TextChoices):
        SIGNED_IN = "sign_in", _("signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("failed to sign in")
        SIGNED_OUT = "sign_out", _("signed out")
        PASSWORD_CHANGED = "password", _("changed the password")
        EMAIL_CHANGED = "email", _("changed the e-mail address")
        FACTOR_ADDED = "factor_added", _("added a second factor")
        FACTOR_REMOVED = "factor_removed", _("removed a second factor")
        PERMISSIONS_CHANGED = "permissions", _("changed permissions")
        KEY_MADE = "key_made", _("created an API key")
        KEY_REVOKED = "key_revoked", _("revoked an API key")
        EXPORTED = "export", _("exported data")
        TWEET_HIDDEN = "tweet_hidden", _("hid a tweet")
        TWEET_RESTORED = "tweet_restored", _("restored a tweet")
        ACCOUNT_ENDED = "account_ended", _("ended an account")
        ACCOUNT_DELETED = "account_deleted", _("deleted the own account")
        ACCOUNT_ADDED = "account_added", _("added an account")
        ACCOUNT_BLOCKED = "account_blocked", _("blocked an account")
        ACCOUNT_UNBLOCKED = "account_unblocked", _("unblocked an account")
        ADDED = "added", _("added in the admin")
        CHANGED = "changed", _("changed in the admin")
        DELETED = "deleted", _("deleted in the admin")
        PROVISIONED = "provisioned", _("created by SCIM")
        PROVISION_CHANGED = "provision_changed", _("changed by SCIM")
        DEPROVISIONED = "deprovisioned", _("deleted by SCIM")

    created_at = models.DateTimeField(_("time"), default=timezone.now, editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("person"),
        null=True,
        related_name="+",
        db_index=False,  # the index of actor and id serves
    )
    # As it was at the time; of a failed sign-in, the name that was typed.
    actor_name = models.CharField(_("username"), max_length=MAX_NAME, blank=True)
    action = models.CharField(_("action"), max_length=20, choices=Action)
    object_type = models.CharField(_("kind of object"), max_length=100, blank=True)
    object_id = models.CharField(_("object's number"), max_length=MAX_ID, blank=True)
    object_name = models.CharField(_("object"), max_length=MAX_OBJECT, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("browser or program"), max_length=MAX_USER_AGENT, blank=True)
    request_id = models.CharField(_("request"), max_length=MAX_ID, blank=True)
    details = models.JSONField(_("details"), default=dict)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit log")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["created_at"], name="audit_time"),
            models.Index(fields=["actor", "-id"], name="audit_actor"),
            models.Index(fields=["action", "-id"], name="audit_action"),
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_object"),
        ]

    def __str__(self) -> str:
        return " ".join(
            filter(None, [self.actor_name, self.get_action_display(), self.object_name])
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnly

    def details_as_text(self) -> str:
        """Return the details in one line, as they are listed."""
        return "; ".join(f"{name}: {_text(value)}" for name, value in self.details.items())


def _text(value: Any) -> str:
    match value:
        case dict():
            return ", ".join(f"{name} {_text(each)}" for name, each in value.items())
        case list():
            return ", ".join(_text(each) for each in value)
    return str(value)
