"""Deleting one's own account: access ends at once, and a worker deletes the data."""

import logging
from datetime import timedelta
from functools import partial

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from requests import RequestException

from accounts import mail
from accounts.access import end_access, is_last_superuser
from accounts.audit.recording import Action, record
from accounts.models import Invitation
from accounts.pachca.grants import revoke_grants
from accounts.pachca.models import AvatarDownload
from accounts.privacy.models import AccountDeletion, DataExport
from accounts.signals import account_deleted
from bots.models import PachcaAccount
from core.backoff import Backoff
from jobs.doorbell import ring
from jobs.leases import Lease
from jobs.rows import State
from jobs.runner import ThreadRunner
from twitter.actions import erase_person
from twitter.models import User

logger = logging.getLogger(__name__)

TASK = "privacy.delete_account"
# Never given up: the person was promised that the data will be deleted.
RETRY_BACKOFF = Backoff(first=1, cap=3600, factor=5.5)


@transaction.atomic
def request_deletion(person: User) -> AccountDeletion:
    """End the person's access and have a worker delete the account. It cannot be undone.

    Raises PermissionDenied for the last superuser.
    """
    if is_last_superuser(person):
        raise PermissionDenied(
            _("You are the only administrator. Make somebody else an administrator first.")
        )
    deletion, is_new = AccountDeletion.objects.get_or_create(
        person=person, defaults={"email": person.email, "language": person.language}
    )
    if is_new:
        record(Action.ACCOUNT_DELETED, person, actor=person)
        end_access(person)
        transaction.on_commit(partial(ring, TASK, deletion.pk))
    return deletion


class DeletionRunner(ThreadRunner[AccountDeletion, None]):
    def run(self, job: AccountDeletion, lease: Lease) -> None:
        """Delete all data of the person; safe to repeat. LostClaim."""
        person = User.objects.get(pk=job.person_id)
        _unlink(person)
        delete_exports(person)
        erase_person(person, lease.check)
        _delete_identity(person)

    def complete(self, job: AccountDeletion, result: None) -> None:
        address, language = job.email, job.language or settings.LANGUAGE_CODE
        job.finish(State.DONE, email="", error="")
        if address and settings.EMAIL_IS_CONFIGURED:
            with translation.override(language):
                mail.send("accounts/email/account_deleted", address, _mail_context())

    def fail(self, job: AccountDeletion, error: Exception) -> None:
        logger.error("The data of person %s could not be deleted", job.person_id, exc_info=error)
        pause = RETRY_BACKOFF.delay(job.attempts)
        job.postpone(timedelta(seconds=pause), error=type(error).__name__)


def _unlink(person: User) -> None:
    """Delete the links to Pachca, and end what the person has granted there, if Pachca answers."""
    try:
        revoke_grants(person)
    except RequestException as error:
        logger.warning("Tokens of %s could not be revoked in Pachca: %s", person.pk, error)
    PachcaAccount.objects.filter(person_id=person.pk).delete()


def delete_exports(person: User) -> None:
    """Delete the copies of a person's data, with their files."""
    for export in DataExport.objects.filter(person=person):
        if export.file.name:
            default_storage.delete(export.file.name)
        export.delete()


@transaction.atomic
def _delete_identity(person: User) -> None:
    """Delete how the person signed in, and the name in the history of the admin."""
    for model in (EmailAddress, SocialAccount, Authenticator):
        model.objects.filter(user=person).delete()
    Invitation.objects.filter(person=person).delete()
    AvatarDownload.objects.filter(person=person).delete()
    kind = ContentType.objects.get_for_model(User)
    about = LogEntry.objects.filter(content_type=kind, object_id=str(person.pk))
    about.update(object_repr=f"@{person.username}")
    account_deleted.send(sender=User, person=person)


def _mail_context() -> dict[str, object]:
    return {"site_url": settings.SITE_URL, "days": settings.AUDIT_KEEP_DAYS}
