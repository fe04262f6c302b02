"""Accounts as users of SCIM: they are created, changed, blocked and ended."""

from collections.abc import Sequence
from typing import Any, NoReturn

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import Group as DjangoGroup
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from scim2_models import (
    ForbiddenException,
    InvalidValueException,
    Meta,
    Reference,
    UniquenessException,
)

from accounts.access import end_access
from accounts.actions import confirm_email
from accounts.audit.recording import Action, record
from accounts.backends import people_with_email
from accounts.blocks import is_blocked_by_sync
from accounts.pachca.models import PachcaGrant
from accounts.scim.models import ScimEmail, ScimGroup, ScimUser
from accounts.scim.resources import Email, Membership, Name, User
from accounts.scim.rights import exceeds_provider, follow_groups, keep_a_superuser
from realtime.actions import revalidate
from twitter.actions import add_person, end_account
from twitter.models import User as Person

MAX_EMAILS = 20
MAX_NAME = 100
NAMES = ("external_id", "display_name", "formatted_name", "given_name", "family_name")


def with_values(rows: QuerySet[ScimUser]) -> QuerySet[ScimUser]:
    """Fetch what `resource_of` reads, in two queries more."""
    groups = DjangoGroup.objects.filter(scim__isnull=False).select_related("scim").order_by("pk")
    return rows.select_related("person").prefetch_related(
        "emails", Prefetch("person__groups", queryset=groups, to_attr="scim_groups")
    )


def resource_to_change(row: ScimUser) -> User:
    """Return a user whose `active` is what the provider has said, whoever else blocks the account.

    The server stores only what a request changes. So a block is noted of somebody who is blocked
    already, but not by the provider.
    """
    resource = resource_of(row)
    resource.active = not row.is_blocked
    return resource


def resource_of(row: ScimUser) -> User:
    """Return a row that `with_values` has fetched as a resource of SCIM."""
    groups: list[Any] = row.person.scim_groups  # type: ignore[attr-defined]  # by with_values
    name = Name(
        formatted=row.formatted_name or None,
        given_name=row.given_name or None,
        family_name=row.family_name or None,
    )
    return User(
        id=str(row.scim_id),
        external_id=row.external_id or None,
        user_name=row.user_name,
        name=name if row.formatted_name or row.given_name or row.family_name else None,
        display_name=row.display_name or None,
        active=row.person.is_active,
        emails=[
            Email(value=each.value, type=each.type or None, primary=each.is_primary)
            for each in row.emails.all()
        ]
        or None,
        groups=[
            Membership(
                value=str(group.scim.scim_id),
                ref=Reference(f"Groups/{group.scim.scim_id}"),
                display=group.scim.display_name,
            )
            for group in groups
        ]
        or None,
        meta=Meta(
            resource_type="User", created=row.created_at, last_modified=row.updated_at, version=None
        ),
    )


def create(resource: User) -> ScimUser:
    """Create the account of a user, or manage one that exists already; see `_account_for`.

    Raises UniquenessException if the username or the e-mail address is taken.
    """
    row = ScimUser(user_name=resource.user_name or "")
    _write_values(row, resource)
    former = ScimUser.objects.named(row.user_name).select_for_update().first()
    if former is None:
        row.person = _account_for(row, resource)
    else:
        _check_return(former)
        row.pk, row.person, row.is_blocked = former.pk, former.person, former.is_blocked
        row._state.adding = False
    _save(row)
    person = row.person
    _write_name(person, row)
    _write_emails(row, resource.emails)
    _set_active(row, resource.active is not False)
    record(Action.PROVISIONED, person, user_name=row.user_name)
    return row


def update(row: ScimUser, resource: User) -> None:
    """Change an account to what the identity provider says."""
    former_name = name_in(row)
    row.user_name = resource.user_name or ""
    _write_values(row, resource)
    row.updated_at = timezone.now()
    _save(row)
    if name_in(row) != former_name:
        _write_name(row.person, row)
    _write_emails(row, resource.emails)
    if resource.active is not None:
        _set_active(row, resource.active)
    record(Action.PROVISION_CHANGED, row.person, active=row.person.is_active)


def end(row: ScimUser) -> None:
    """End an account: tweets stay, the ways to sign in and the rights by groups do not.

    The link to Pachca stays, so that whoever signs in by it is refused and gets no new account.
    """
    person = row.person
    keep_a_superuser(person)
    for held in ScimGroup.objects.filter(group__user=person).select_related("group"):
        person.groups.remove(held.group)
        person.refresh_from_db()
        follow_groups([person], held)
    _lock(person)
    is_ours = person.is_active or is_blocked_by_sync(person)
    end_access(person)
    person.set_unusable_password()
    person.save(update_fields=["password"])
    Authenticator.objects.filter(user=person).delete()
    SocialAccount.objects.filter(user=person).delete()
    # The link stays: without it, "Sign in with Pachca" would create a new account.
    PachcaGrant.objects.filter(account__person=person).delete()
    confirm_email(person, "")
    end_account(person)
    row.emails.all().delete()
    row.is_blocked = row.is_blocked or is_ours
    row.ended_at = row.updated_at = timezone.now()
    row.save()
    record(Action.DEPROVISIONED, person, user_name=row.user_name)


def _check_return(former: ScimUser) -> None:
    """Refuse to create a user again who was not deleted, or who has rights here."""
    if former.ended_at is None:
        _refuse_user_name()
    if exceeds_provider(former.person):
        raise ForbiddenException(
            detail="An administrator of Svyaz has to restore this account: it has rights here"
        )


def _account_for(row: ScimUser, resource: User) -> Person:
    """Return the account with the same confirmed e-mail address if SCIM_LINK_BY_EMAIL allows it,
    or else a new one.

    Nobody is linked by a username, which people choose themselves, and nobody with rights.
    """
    email = account_email(resource.emails)
    found = list(people_with_email(email)[:2]) if email else []
    if not found:
        wanted = row.user_name.partition("@")[0]
        person: Person = _valid(lambda: add_person(name_in(row), wanted))
        return person
    if settings.SCIM_LINK_BY_EMAIL and len(found) == 1 and _may_be_linked(found[0], email):
        return found[0]
    return _refuse_email()


def _may_be_linked(person: Person, email: str) -> bool:
    is_confirmed = EmailAddress.objects.filter(user=person, email=email, verified=True).exists()
    is_managed = ScimUser.objects.filter(person=person).exists()
    has_rights = person.is_staff or person.is_superuser or exceeds_provider(person)
    return person.is_active and is_confirmed and not is_managed and not has_rights


def name_in(row: ScimUser) -> str:
    """Return what the account is called here."""
    parts = f"{row.given_name} {row.family_name}".strip()
    name = row.display_name or row.formatted_name or parts or row.user_name.partition("@")[0]
    return name[:MAX_NAME]


def account_email(emails: Sequence[Email] | None) -> str:
    """Return the address that the account here gets: the primary one, one of work, or the first."""
    known = [each for each in emails or () if each.value]
    known.sort(key=lambda each: (not each.primary, (each.type or "").lower() != "work"))
    return str(known[0].value).lower() if known else ""


def _write_values(row: ScimUser, resource: User) -> None:
    name = resource.name or Name()
    row.external_id = resource.external_id or ""
    row.display_name = resource.display_name or ""
    row.formatted_name = name.formatted or ""
    row.given_name, row.family_name = name.given_name or "", name.family_name or ""
    _valid(lambda: row.clean_fields(exclude=["person"]))


def _save(row: ScimUser) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        _refuse_user_name()


def _write_name(person: Person, row: ScimUser) -> None:
    name = name_in(row)
    if person.name == name:
        return
    person.name = name
    _valid(person.clean_fields)
    person.save(update_fields=["name"])


def _write_emails(row: ScimUser, emails: Sequence[Email] | None) -> None:
    wanted = [
        (str(each.value), each.type or "", each.primary) for each in emails or () if each.value
    ]
    stored = [(each.value, each.type, each.is_primary) for each in row.emails.all()]
    if wanted == stored:
        return
    if len(wanted) > MAX_EMAILS:
        raise InvalidValueException(detail=f"A user has at most {MAX_EMAILS} e-mail addresses")
    former = account_email([Email(value=it[0], type=it[1], primary=it[2]) for it in stored])
    ScimEmail.objects.filter(user=row).delete()
    rows = [
        ScimEmail(user=row, value=value, type=type, is_primary=is_primary)
        for value, type, is_primary in wanted
    ]
    for each in rows:
        _valid(lambda each=each: each.clean_fields(exclude=["user"]))
    ScimEmail.objects.bulk_create(rows)
    email = account_email(emails)
    if email != former and email != row.person.email:
        _write_account_email(row.person, email)


def _write_account_email(person: Person, email: str) -> None:
    if exceeds_provider(person):
        raise ForbiddenException(
            detail="Only an administrator of Svyaz changes the e-mail address of somebody with"
            " rights that the identity provider did not give"
        )
    if email and people_with_email(email).exclude(pk=person.pk).exists():
        _refuse_email()
    try:
        with transaction.atomic():
            confirm_email(person, email)
    except IntegrityError:
        _refuse_email()


def _set_active(row: ScimUser, is_active: bool) -> None:
    """Block or unblock an account. One that was blocked here, not by the provider, stays so.

    If the directory sync has blocked it too, it stays blocked until both have ended their block.
    """
    person = row.person
    if not is_active:
        keep_a_superuser(person)
    _lock(person)
    is_blocked_in_pachca = not person.is_active and is_blocked_by_sync(person)
    if not is_active and (person.is_active or is_blocked_in_pachca):
        end_access(person)
        row.is_blocked = True
    elif is_active and row.is_blocked:
        if not is_blocked_in_pachca:
            person.is_active = True
            person.save(update_fields=["is_active"])
            revalidate(person.pk)
        row.is_blocked = False
    else:
        return
    row.save(update_fields=["is_blocked"])


def _lock(person: Person) -> None:
    """Lock the row of a person, and read again whether it is blocked."""
    locked = Person.objects.select_for_update(no_key=True).filter(pk=person.pk)
    person.is_active = locked.values_list("is_active", flat=True).get()


def _valid(check: Any) -> Any:
    """Call a function that validates; raise InvalidValueException with what is wrong."""
    try:
        return check()
    except ValidationError as error:
        raise InvalidValueException(detail=" ".join(error.messages)) from error


def _refuse_user_name() -> NoReturn:
    raise UniquenessException(detail="Another user has this userName")


def _refuse_email() -> NoReturn:
    raise UniquenessException(
        detail="An account that SCIM does not manage, or may not link, has this e-mail address"
    )
