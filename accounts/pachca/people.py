"""Whose account a person of Pachca has here, and creating it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.actions import confirm_email
from accounts.backends import people_with_email
from accounts.pachca.avatars import request_avatar
from bots.models import PachcaAccount
from core.storable import storable
from twitter.actions import free_username
from twitter.models import User
from twitter.text.normal import normalize_name

EMPLOYEES = {"owner", "admin", "user"}
"""The roles of those who may have an account; guests may not."""
CONFIRMED = "confirmed"
MAX_NAME = 100
MAX_EMAIL = 254
ATTEMPTS = 5
"""How often an account is looked for and created while concurrent calls do the same."""


class Refused(Exception):
    """Somebody of Pachca gets no account here; the message says why."""


class NotAnEmployee(Refused):
    """Guests, bots and suspended or unconfirmed people of Pachca get no account."""


class ForeignAddress(Refused):
    """The e-mail address is in none of PACHCA_EMAIL_DOMAINS."""


class AddressInUse(Refused):
    """Somebody else has an account with this e-mail address."""


class NoAccount(Refused):
    """There is no account here, and none may be created."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What Pachca says of a person; `Profile.parse` reads it from the API's `User`."""

    id: int
    name: str = ""
    nickname: str = ""
    email: str = ""
    image_url: str = ""
    role: str = ""
    is_bot: bool = False
    is_suspended: bool = False
    is_confirmed: bool = True
    in_sandbox: bool = False

    @classmethod
    def parse(cls, data: Mapping[str, Any], *, in_sandbox: bool = False) -> Self:
        """Read the `User` of Pachca's API; ValueError without an id."""
        pk = data.get("id")
        if isinstance(pk, bool) or not isinstance(pk, int) or not 0 < pk < 2**63:
            raise ValueError("A person of Pachca has a number.")
        text = {name: storable(str(data.get(name) or "")) for name in TEXTS}
        return cls(
            id=pk,
            name=f"{text['first_name']} {text['last_name']}".strip()[:MAX_NAME],
            nickname=text["nickname"],
            email=text["email"].lower() if len(text["email"]) <= MAX_EMAIL else "",
            image_url=urljoin(settings.SITE_URL, text["image_url"]) if text["image_url"] else "",
            role=text["role"],
            is_bot=bool(data.get("bot")),
            is_suspended=bool(data.get("suspended")),
            is_confirmed=data.get("invite_status", CONFIRMED) == CONFIRMED,
            in_sandbox=in_sandbox,
        )


TEXTS = ("first_name", "last_name", "nickname", "email", "image_url", "role")


def find_or_create(profile: Profile, *, create: bool = True) -> User:
    """Return the account of a person of Pachca here, created and linked if necessary.

    The account is, in this order: the one that the Pachca account is linked to, also if it is
    blocked; with PACHCA_TRUST_EMAIL, the only one whose confirmed e-mail address is the same; a new
    one with the name and, later, the avatar of the profile. Nobody is found by a username.

    Raises a subclass of Refused: NotAnEmployee, ForeignAddress, AddressInUse, or, without `create`,
    NoAccount. Of concurrent calls for the same person, one creates the account.
    """
    check_employee(profile)
    for _attempt in range(ATTEMPTS):
        if person := linked_person(profile):
            return person
        try:
            with transaction.atomic():
                return _link_by_email(profile) or _create(profile, create)
        except IntegrityError:
            continue
        except AddressInUse:
            # A concurrent call may have given it to this very person.
            if person := linked_person(profile):
                return person
            raise
    raise AddressInUse(AddressInUse.__doc__)


def check_employee(profile: Profile) -> None:
    """Raise NotAnEmployee or ForeignAddress for people who may have no account here."""
    may_act = profile.is_confirmed and not (profile.is_bot or profile.is_suspended)
    if not may_act or profile.role not in EMPLOYEES:
        raise NotAnEmployee(NotAnEmployee.__doc__)
    domains = {domain.lower() for domain in settings.PACHCA_EMAIL_DOMAINS}
    if domains and profile.email.rpartition("@")[2] not in domains:
        raise ForeignAddress(ForeignAddress.__doc__)


def linked_person(profile: Profile) -> User | None:
    """Return the user whom the Pachca account is linked to, blocked ones included."""
    links = PachcaAccount.objects.select_related("person")
    link = links.filter(in_sandbox=profile.in_sandbox, pachca_user_id=profile.id).first()
    return link.person if link else None


def _link_by_email(profile: Profile) -> User | None:
    """Link the account with the same address, or refuse an address that is in use."""
    if not profile.email:
        return None
    if settings.PACHCA_TRUST_EMAIL:
        confirmed = {"emailaddress__email": profile.email, "emailaddress__verified": True}
        people = User.objects.filter(is_active=True, **confirmed).distinct()[:2]
        # Somebody who has another Pachca account is another person with a reassigned address.
        linked = PachcaAccount.objects.filter(in_sandbox=profile.in_sandbox, person__in=people)
        if len(people) == 1 and not linked.exists():
            _link(people[0], profile)
            return people[0]
    if people_with_email(profile.email).exists():
        raise AddressInUse(AddressInUse.__doc__)
    return None


def _create(profile: Profile, create: bool) -> User:
    if not create:
        raise NoAccount(NoAccount.__doc__)
    wanted = profile.nickname or profile.email.partition("@")[0] or profile.name
    person = User(username=free_username(wanted), name=acceptable_name(profile.name))
    person.set_unusable_password()
    person.save()
    if settings.PACHCA_TRUST_EMAIL and profile.email:
        confirm_email(person, profile.email)
    _link(person, profile)
    if profile.image_url:
        request_avatar(person, profile.image_url, in_sandbox=profile.in_sandbox)
    return person


def acceptable_name(name: str) -> str:
    """Return a name that may be shown here, "" for one that nobody may choose."""
    name = normalize_name(name)
    try:
        User._meta.get_field("name").run_validators(name)
    except ValidationError:
        return ""
    return name


def _link(person: User, profile: Profile) -> None:
    PachcaAccount.objects.create(
        person=person, pachca_user_id=profile.id, in_sandbox=profile.in_sandbox
    )
