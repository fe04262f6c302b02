"""Groups of SCIM, and the groups here whose members they decide on."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NoReturn
from uuid import UUID

from django.contrib.auth.models import Group as DjangoGroup
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from scim2_models import (
    InvalidValueException,
    Meta,
    MutabilityException,
    Reference,
    UniquenessException,
)

from accounts.audit.recording import Action, record
from accounts.scim.filters import MEMBERSHIPS
from accounts.scim.models import ScimGroup, ScimUser
from accounts.scim.resources import Group, Member
from accounts.scim.rights import follow_groups, group_name_for, is_named_in_settings
from twitter.models import User as Person

Members = dict[int, list[Member]]


def members_of(rows: Iterable[ScimGroup]) -> Members:
    """Return the members of groups that SCIM manages, by the id of the group here; one query."""
    found = (
        MEMBERSHIPS.filter(
            group_id__in=[row.group_id for row in rows],
            user__scim__isnull=False,
            user__scim__ended_at=None,
        )
        .order_by("user__scim__pk")
        .values_list("group_id", "user__scim__scim_id")
    )
    members: Members = defaultdict(list)
    for group_id, scim_id in found:
        members[group_id].append(Member(value=str(scim_id), ref=Reference(f"Users/{scim_id}")))
    return members


def resource_of(row: ScimGroup, members: list[Member] | None) -> Group:
    """Return a row as a resource of SCIM."""
    return Group(
        id=str(row.scim_id),
        external_id=row.external_id or None,
        display_name=row.display_name,
        members=members or None,
        meta=Meta(
            resource_type="Group",
            created=row.created_at,
            last_modified=row.updated_at,
            version=None,
        ),
    )


def create(resource: Group) -> ScimGroup:
    """Create a group, and the group here unless SCIM_GROUPS maps it to one.

    Raises UniquenessException if a group has the name: only the setting opens an existing one.
    """
    row = ScimGroup(external_id=resource.external_id or "")
    row.display_name = resource.display_name or ""
    _clean(row)
    target = group_name_for(row.display_name)
    if target:
        row.group, _made = DjangoGroup.objects.get_or_create(name=target)
    else:
        row.group, row.owns_group = _make_group(row.display_name), True
    _save(row)
    record(Action.PROVISIONED, row)
    _set_members(row, resource.members)
    return row


def update(row: ScimGroup, resource: Group) -> None:
    """Change the name and the members of a group."""
    name = resource.display_name or ""
    if name != row.display_name:
        _rename(row, name)
    row.external_id = resource.external_id or ""
    row.updated_at = timezone.now()
    _clean(row)
    _save(row)
    record(Action.PROVISION_CHANGED, row)
    _set_members(row, resource.members)


def delete(row: ScimGroup) -> None:
    """Take the group from its members. A group here that was created with it is deleted."""
    _set_members(row, None)
    record(Action.DEPROVISIONED, row)
    row.delete()
    if row.owns_group:
        row.group.delete()


def _rename(row: ScimGroup, name: str) -> None:
    if is_named_in_settings(row.display_name) or is_named_in_settings(name):
        raise MutabilityException(detail="A group named in the settings of Svyaz keeps its name")
    row.display_name = name
    _clean(row)
    if row.owns_group and row.group.name != name:
        if DjangoGroup.objects.filter(name=name).exists():
            _refuse_name()
        row.group.name = name
        row.group.save()


def _set_members(row: ScimGroup, members: Iterable[Member] | None) -> None:
    """Add and remove people that SCIM manages; others in the group stay."""
    wanted = _people_in(members or ())
    current = set(
        MEMBERSHIPS.filter(
            group=row.group, user__scim__isnull=False, user__scim__ended_at=None
        ).values_list("user_id", flat=True)
    )
    if wanted - current:
        row.group.user_set.add(*(wanted - current))
    if current - wanted:
        row.group.user_set.remove(*Person.objects.filter(pk__in=current - wanted))
    follow_groups(Person.objects.filter(pk__in=wanted ^ current), row)


def _people_in(members: Iterable[Member]) -> set[int]:
    """Return the keys of the people that members stand for."""
    wanted: set[UUID] = set()
    for member in members:
        try:
            wanted.add(UUID(member.value))
        except (ValueError, AttributeError, TypeError):
            _refuse_member(member.value)
    found = dict(
        ScimUser.objects.present().filter(scim_id__in=wanted).values_list("scim_id", "person_id")
    )
    for missing in sorted(wanted - found.keys(), key=str):
        _refuse_member(missing)
    return set(found.values())


def _make_group(name: str) -> DjangoGroup:
    try:
        with transaction.atomic():
            return DjangoGroup.objects.create(name=name)
    except IntegrityError:
        _refuse_name()


def _clean(row: ScimGroup) -> None:
    try:
        row.clean_fields(exclude=["group"])
    except ValidationError as error:
        raise InvalidValueException(detail=" ".join(error.messages)) from error


def _save(row: ScimGroup) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        _refuse_name()


def _refuse_name() -> NoReturn:
    raise UniquenessException(
        detail="A group has this displayName. An administrator of Svyaz can open one by SCIM_GROUPS"
    )


def _refuse_member(value: Any) -> NoReturn:
    raise InvalidValueException(detail=f"There is no user '{value}' who could be a member")
