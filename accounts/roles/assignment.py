"""Giving roles to people; a group given in the admin counts as the role."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models.signals import m2m_changed

from accounts.roles.definitions import BY_GROUP, READER, ROLES
from twitter.models import User


@transaction.atomic
def set_roles(person: User, keys: Iterable[str]) -> None:
    """Give a person these roles of ROLES and take all others; other groups stay. KeyError."""
    names = {ROLES[key].group_name for key in keys}
    person.groups.remove(*person.groups.filter(name__in=BY_GROUP.keys() - names))
    person.groups.add(*Group.objects.filter(name__in=names))


def roles_of(person: User) -> set[str]:
    """Return the keys of a person's roles."""
    names = person.groups.filter(name__in=BY_GROUP).values_list("name", flat=True)
    return {BY_GROUP[name].key for name in names}


def connect() -> None:
    """Keep the columns that follow from groups up to date."""
    m2m_changed.connect(_groups_changed, sender=User.groups.through, dispatch_uid="accounts.roles")


def _groups_changed(
    instance: Any, action: str, reverse: bool, pk_set: set[Any] | None, **_signal: Any
) -> None:
    if action not in ("post_add", "post_remove", "post_clear") or pk_set == set():
        return
    groups = {instance.pk} if reverse else pk_set or set()
    names = Group.objects.filter(pk__in=groups).values_list("name", flat=True)
    changed = [BY_GROUP[name] for name in names if name in BY_GROUP]
    if not changed and action != "post_clear":
        return
    people = User.objects.filter(pk__in=pk_set or ()) if reverse else [instance]
    concerns_staff = any(role.is_staff for role in changed)
    for person in people:
        _follow_groups(person, concerns_staff=concerns_staff)


def _follow_groups(person: User, *, concerns_staff: bool) -> None:
    """Set who is a reader, and who may enter the admin because of a role.

    A role that opens the admin makes staff of a person, and its loss takes that back, unless
    another role opens it too. Staff without such a role stay staff.
    """
    keys = roles_of(person)
    is_reader = keys == {READER.key}
    is_staff = person.is_staff
    if concerns_staff:
        is_staff = person.is_superuser or any(ROLES[key].is_staff for key in keys)
    if (is_reader, is_staff) != (person.is_reader, person.is_staff):
        person.is_reader, person.is_staff = is_reader, is_staff
        person.save(update_fields=["is_reader", "is_staff"])
