"""People are invited, and accept."""

import logging
from collections.abc import Iterable
from functools import partial

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mail
from accounts.backends import people_with_email
from accounts.models import Invitation
from accounts.signals import invitation_accepted
from realtime.actions import revalidate
from twitter.models import User

logger = logging.getLogger(__name__)


class InvitationClosed(Exception):
    """The invitation has been used or revoked, or has expired."""


class AddressTaken(InvitationClosed):
    """Meanwhile somebody has an account with the invitation's e-mail address."""


@transaction.atomic
def invite(
    staff: User | None,
    *,
    person: User | None = None,
    email: str = "",
    name: str = "",
    is_staff: bool = False,
    is_superuser: bool = False,
    groups: Iterable[Group] = (),
) -> tuple[Invitation, str]:
    """Create an invitation to join, or for a `person` to choose a password; return it and its
    token.

    Without `staff` it is the command line that invites. An earlier open invitation of the same
    person or address is revoked. Raises PermissionDenied for rights that the inviter cannot give.
    """
    groups = list(groups)
    if staff is not None and not settings.PASSWORD_SIGN_IN:
        raise PermissionDenied(_("Everybody signs in by single sign-on here."))
    if staff is not None:
        _check_rights(staff, person, bool(is_staff or is_superuser or groups))
    earlier = Invitation.objects.open().filter(email=email, person=person)
    if person or email:
        earlier.update(revoked_at=timezone.now())
    if person is None and email and people_with_email(email).exists():
        raise ValidationError({"email": _("Somebody has this e-mail address already.")})
    invitation, token = Invitation.objects.issue(
        person=person,
        email=email,
        name=name,
        is_staff=is_staff or is_superuser,
        is_superuser=is_superuser,
        invited_by=staff,
    )
    invitation.groups.set(groups)
    return invitation, token


def _check_rights(staff: User, person: User | None, gives_rights: bool) -> None:
    needed = "twitter.change_user" if person else "accounts.add_invitation"
    exceeds = person is not None and person.is_superuser > staff.is_superuser
    if not staff.has_perm(needed) or exceeds:
        raise PermissionDenied(_("You cannot invite this person."))
    if gives_rights and not staff.is_superuser:
        raise PermissionDenied(_("Only administrators can give rights."))


def send_invitation(invitation: Invitation, link: str) -> bool:
    """Mail the link; return whether the mail server took it."""
    context = {"invitation": invitation, "link": link}
    return mail.send("accounts/email/invitation", invitation.email, context)


@transaction.atomic
def accept_invitation(token: str, *, password: str, username: str = "", name: str = "") -> User:
    """Use an invitation up: create the account, or give an existing one the password.

    An address to which the invitation was mailed counts as confirmed. Raises InvitationClosed,
    also for the second of two who accept at once, and AddressTaken.
    """
    invitation = Invitation.objects.with_token(token).open().select_for_update(of=["self"]).first()
    if invitation is None:
        raise InvitationClosed(InvitationClosed.__doc__)
    if _is_taken(invitation):
        raise AddressTaken(AddressTaken.__doc__)
    person = invitation.person or User(
        username=username,
        name=name,
        email=invitation.email.lower(),
        is_staff=invitation.is_staff,
        is_superuser=invitation.is_superuser,
    )
    person.set_password(password)
    person.save()
    if invitation.person is None:
        person.groups.set(invitation.groups.all())
    if invitation.email:
        try:
            confirm_email(person, invitation.email)
        except IntegrityError as error:  # at this moment
            raise AddressTaken(AddressTaken.__doc__) from error
    invitation.person = person
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["person", "accepted_at"])
    revalidate(person.pk)
    transaction.on_commit(
        partial(invitation_accepted.send, sender=Invitation, invitation=invitation)
    )
    return person


def _is_taken(invitation: Invitation) -> bool:
    """Return whether the invitation's address belongs to somebody else by now."""
    owners = people_with_email(invitation.email) if invitation.email else User.objects.none()
    return owners.exclude(pk=invitation.person_id or 0).exists()


def revoke_invitation(invitation: Invitation) -> bool:
    """End an invitation; return whether it was open until now."""
    open_one = Invitation.objects.open().filter(pk=invitation.pk)
    return bool(open_one.update(revoked_at=timezone.now()))


@transaction.atomic
def confirm_email(person: User, email: str) -> None:
    """Make this the person's only e-mail address, known to be theirs; "" for none at all."""
    email = email.lower()
    EmailAddress.objects.filter(user=person).exclude(email=email).delete()
    if email:
        values = {"verified": True, "primary": True}
        EmailAddress.objects.update_or_create(user=person, email=email, defaults=values)
    if person.email != email:
        person.email = email
        person.save(update_fields=["email"])
