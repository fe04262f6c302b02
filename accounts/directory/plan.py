"""Comparing the people in Pachca with the accounts here: what a sync would change."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group

from accounts.directory.models import Member
from accounts.directory.roster import Entry, Roster
from accounts.pachca.people import Refused, check_employee
from accounts.privacy.models import AccountDeletion
from bots.models import PachcaAccount
from twitter.models import User


@dataclass
class Known:
    """An account that came from Pachca or is linked to it."""

    pachca_user_id: int
    person: User
    member: Member | None
    was_linked_to_another: bool = False


@dataclass
class Plan:
    """What a sync is to change. Each part lists accounts; nothing is written yet."""

    roster: Roster
    add: list[Entry] = field(default_factory=list)
    remember: list[tuple[Known, Entry]] = field(default_factory=list)
    change: list[tuple[Known, Entry]] = field(default_factory=list)
    block: list[Known] = field(default_factory=list)
    unblock: list[Known] = field(default_factory=list)
    forget_block: list[Member] = field(default_factory=list)
    groups: list[tuple[User, set[str], set[str]]] = field(default_factory=list)
    active: int = 0

    @property
    def max_blocked(self) -> int:
        """How many accounts a sync may block without `force`: at least one, unless it is 0 %."""
        percent = settings.DIRECTORY_MAX_BLOCKED_PERCENT
        return max(1, self.active * percent // 100) if percent else 0

    def lines(self) -> Iterator[str]:
        """Yield a line for each change, as `sync_directory --dry-run` prints it."""
        for entry in self.add:
            yield f"add {entry.profile.name} ({entry.profile.id})"
        for known, entry in self.change:
            yield f"change @{known.person.username}: {entry.profile.name}"
        for known in self.unblock:
            yield f"unblock @{known.person.username}"
        for person, joined, left in self.groups:
            signs = [f"+{name}" for name in sorted(joined)] + [f"-{name}" for name in sorted(left)]
            yield f"groups of @{person.username}: {' '.join(signs)}"
        for known in self.block:
            yield f"block @{known.person.username} ({known.pachca_user_id})"


def make_plan(roster: Roster) -> Plan:
    """Compare, with a number of queries that does not depend on the number of people."""
    ids = None if roster.is_complete else {*roster.entries, *roster.gone}
    known = _known_accounts(roster.in_sandbox, ids)
    deleted = set(AccountDeletion.objects.values_list("person", flat=True))
    plan = Plan(roster, active=_count_active(roster.in_sandbox, known, ids))
    for pk, entry in roster.entries.items():
        if pk not in known:
            if settings.DIRECTORY_CREATE_ACCOUNTS and _may_have_account(entry):
                plan.add.append(entry)
        elif known[pk].person.pk not in deleted:
            _compare(plan, known[pk], entry)
    gone = roster.gone - roster.entries.keys()
    plan.block += [known[pk] for pk in gone & known.keys() if known[pk].person.is_active]
    plan.block = _without_other_account(plan, known)
    _compare_groups(plan, known, deleted)
    return plan


def _known_accounts(in_sandbox: bool, ids: Iterable[int] | None) -> dict[int, Known]:
    """Return the accounts by their numbers in Pachca. A link counts more than where it came from.

    An account that the person has unlinked is still known by its Member.
    """
    chosen: dict[str, Any] = {"in_sandbox": in_sandbox}
    if ids is not None:
        chosen["pachca_user_id__in"] = ids
    members = {
        it.pachca_user_id: it
        for it in Member.objects.filter(**chosen).select_related("person").order_by("pk")
    }
    known = {pk: Known(pk, it.person, it) for pk, it in members.items()}
    for link in PachcaAccount.objects.filter(**chosen).select_related("person"):
        pk, person = link.pachca_user_id, link.person
        member = members.get(pk)
        is_same = member is not None and member.person_id == person.pk
        is_moved = member is not None and not is_same
        known[pk] = Known(pk, person, member if is_same else None, is_moved)
    return known


def _count_active(in_sandbox: bool, known: dict[int, Known], ids: object) -> int:
    if ids is None:
        return sum(it.person.is_active for it in known.values())
    return Member.objects.filter(in_sandbox=in_sandbox, person__is_active=True).count()


def _without_other_account(plan: Plan, known: dict[int, Known]) -> list[Known]:
    """Return those to block, once each, except people who are in Pachca with another account."""
    leaving = {it.person.pk: it for it in plan.block}
    ids = {it.pachca_user_id for it in plan.block}
    staying = {known[pk].person.pk for pk in plan.roster.entries.keys() & known.keys() - ids}
    if leaving and not plan.roster.is_complete:
        links = PachcaAccount.objects.filter(
            in_sandbox=plan.roster.in_sandbox, person__in=leaving.keys()
        )
        others = links.exclude(pachca_user_id__in={*ids, *plan.roster.gone})
        staying |= set(others.values_list("person", flat=True))
    return [it for pk, it in leaving.items() if pk not in staying]


def _may_have_account(entry: Entry) -> bool:
    try:
        check_employee(entry.profile)
    except Refused:
        return False
    return True


def _compare(plan: Plan, known: Known, entry: Entry) -> None:
    person, member = known.person, known.member
    if entry.profile.is_suspended:
        if person.is_active:
            plan.block.append(known)
        return
    if member is not None and member.is_blocked:
        if person.is_active:
            plan.forget_block.append(member)
        elif _may_have_account(entry):
            plan.unblock.append(known)
    if member is None:
        plan.remember.append((known, entry))
    elif person.is_active and (member.name, member.image_url) != (
        entry.profile.name,
        entry.profile.image_url,
    ):
        plan.change.append((known, entry))


def _compare_groups(plan: Plan, known: dict[int, Known], deleted: set[int]) -> None:
    """Compare the groups that DIRECTORY_GROUPS maps tags to; other groups stay as they are."""
    mapped = set(settings.DIRECTORY_GROUPS.values())
    if not mapped:
        return
    held: dict[int, set[str]] = {}
    rows = User.groups.through.objects.filter(group__name__in=mapped)
    if not plan.roster.is_complete:
        rows = rows.filter(user__in=[it.person for it in known.values()])
    for person, group in rows.values_list("user", "group__name"):
        held.setdefault(person, set()).add(group)
    for pk, entry in plan.roster.entries.items():
        account = known.get(pk)
        if account is None or account.person.pk in deleted or entry.profile.is_suspended:
            continue
        now, wanted = held.get(account.person.pk, set()), groups_of(entry)
        if now != wanted:
            plan.groups.append((account.person, wanted - now, now - wanted))


def groups_of(entry: Entry) -> set[str]:
    """Return the names of the groups that somebody's tags stand for."""
    return {group for tag, group in settings.DIRECTORY_GROUPS.items() if tag in entry.tags}


def rows_of(names: Iterable[str]) -> list[Group]:
    """Return groups by their names; missing ones are created, as for single sign-on."""
    return [Group.objects.get_or_create(name=name)[0] for name in sorted(names)]
