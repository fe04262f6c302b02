"""What people may do because of their groups at the identity provider, and who is protected."""

from collections.abc import Iterable

from django.conf import settings
from scim2_models import ForbiddenException

from accounts.access import is_last_superuser
from accounts.roles.assignment import roles_of
from accounts.roles.definitions import AUTHOR, READER, ROLES
from accounts.scim.models import ScimGroup
from realtime.actions import revalidate
from twitter.models import User

HARMLESS = (READER.group_name, AUTHOR.group_name)


def group_name_for(display_name: str) -> str:
    """Return the name of the group here for a group that SCIM_GROUPS maps, or ""."""
    target = str(settings.SCIM_GROUPS.get(display_name, ""))
    return ROLES[target].group_name if target in ROLES else target


def is_named_in_settings(display_name: str) -> bool:
    """Return whether an administrator has allowed a group of the provider to give rights."""
    return display_name in {
        *settings.SCIM_GROUPS,
        *settings.SCIM_STAFF_GROUPS,
        *settings.SCIM_ADMIN_GROUPS,
    }


def follow_groups(people: Iterable[User], changed: ScimGroup) -> None:
    """Set who is staff and superuser after a group has gained or lost people.

    Only SCIM_STAFF_GROUPS and SCIM_ADMIN_GROUPS give these. Without a setting, and for groups that
    it does not name, the flags stay as they are.
    """
    admins, staff = set(settings.SCIM_ADMIN_GROUPS), set(settings.SCIM_STAFF_GROUPS)
    for person in people:
        revalidate(person.pk)
        if not admins | staff:
            continue
        held = ScimGroup.objects.filter(group__user=person)
        names = {changed.display_name, *held.values_list("display_name", flat=True)}
        if names & (admins | staff):
            names = set(held.values_list("display_name", flat=True))
            _set_flags(person, bool(names & admins), bool(names & staff))


def _set_flags(person: User, is_admin: bool, is_staff: bool) -> None:
    if not settings.SCIM_ADMIN_GROUPS:
        is_admin = person.is_superuser
    is_staff = is_admin or is_staff or any(ROLES[key].is_staff for key in roles_of(person))
    if (is_admin, is_staff) == (person.is_superuser, person.is_staff):
        return
    if not is_admin:
        keep_a_superuser(person)
    person.is_superuser, person.is_staff = is_admin, is_staff
    person.save(update_fields=["is_superuser", "is_staff"])


def keep_a_superuser(person: User) -> None:
    """Raise ForbiddenException if this is the last superuser who can sign in.

    Call it in the transaction that blocks or demotes: it locks the superusers.
    """
    if person.is_superuser and person.is_active and is_last_superuser(person):
        raise ForbiddenException(detail="This is the last superuser of Svyaz")


def exceeds_provider(person: User) -> bool:
    """Return whether somebody has more rights than the identity provider can give.

    Whoever decides on their e-mail address could take the account over.
    """
    if settings.SCIM_ADMIN_GROUPS:
        return False
    own_groups = person.groups.filter(scim=None).exclude(name__in=HARMLESS)
    return (
        person.is_superuser
        or (person.is_staff and not _is_staff_by_provider(person))
        or person.user_permissions.exists()
        or own_groups.filter(permissions__isnull=False).exists()
    )


def _is_staff_by_provider(person: User) -> bool:
    held = set(
        ScimGroup.objects.filter(group__user=person).values_list("display_name", "group__name")
    )
    roles = {role.group_name for role in ROLES.values() if role.is_staff}
    return any(
        name in settings.SCIM_STAFF_GROUPS or group_name in roles for name, group_name in held
    )
