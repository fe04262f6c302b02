"""Writing what a sync changes. Safe to run several times at once: each change is checked again."""

import logging
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.access import end_access, is_last_superuser
from accounts.audit.recording import Action, record
from accounts.blocks import is_blocked_by_provider, is_blocked_by_sync
from accounts.directory.models import Member
from accounts.directory.plan import Known, Plan, groups_of, make_plan, rows_of
from accounts.directory.roster import Entry, Roster
from accounts.pachca.avatars import is_deleted, refresh_avatar
from accounts.pachca.models import PachcaGrant
from accounts.pachca.people import Refused, acceptable_name, find_or_create
from twitter import actions
from twitter.models import User

logger = logging.getLogger(__name__)

ACTOR = "Pachca"
"""Who has acted, in the audit log."""


class TooManyBlocked(Exception):
    """A sync would block more accounts than DIRECTORY_MAX_BLOCKED_PERCENT allows."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(
            f"The directory sync would block {len(plan.block)} of {plan.active} accounts;"
            f" DIRECTORY_MAX_BLOCKED_PERCENT allows {plan.max_blocked}. Nothing was changed. Check"
            " the list with manage.py sync_directory --dry-run, then run it with --force."
        )


@dataclass
class Report:
    """What a sync has changed."""

    added: int = 0
    changed: int = 0
    blocked: int = 0
    unblocked: int = 0
    groups: int = 0
    refused: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.added} added, {self.changed} changed, {self.blocked} blocked,"
            f" {self.unblocked} unblocked, {self.groups} with other groups,"
            f" {len(self.refused)} refused"
        )


def sync(roster: Roster, *, force: bool = False) -> Report:
    """Make the accounts follow what Pachca said. Raises TooManyBlocked, unless `force` is set."""
    plan = make_plan(roster)
    if len(plan.block) > plan.max_blocked and not force:
        raise TooManyBlocked(plan)
    report = Report()
    _forget_blocks(plan)
    # Who has left comes first: it is urgent, and the first sync creates many accounts.
    report.blocked = sum(_block(known, roster) for known in plan.block)
    report.unblocked = sum(_unblock(known, roster.read_at) for known in plan.unblock)
    _remember(plan)
    report.changed = sum(take_over(known, entry) for known, entry in plan.change)
    for person, joined, left in plan.groups:
        _set_groups(person, joined, left)
        report.groups += 1
    for entry in plan.add:
        _add(entry, report)
    return report


@transaction.atomic
def _block(known: Known, roster: Roster) -> bool:
    """Block an account, unless it was blocked or unblocked after Pachca was asked."""
    if known.person.is_superuser and is_last_superuser(known.person):
        logger.error(
            "@%s has left Pachca, but is the last superuser and is not blocked.",
            known.person.username,
        )
        return False
    person = User.objects.select_for_update(no_key=True).get(pk=known.person.pk)
    _forget_former(known, in_sandbox=roster.in_sandbox)
    member, _is_new = Member.objects.update_or_create(
        in_sandbox=roster.in_sandbox,
        pachca_user_id=known.pachca_user_id,
        defaults={"person": person},
    )
    is_outdated = member.changed_at is not None and member.changed_at >= roster.read_at
    if not person.is_active or is_outdated:
        return False
    end_access(person)
    PachcaGrant.objects.filter(account__person=person).delete()
    if settings.DIRECTORY_HIDE_TWEETS:
        actions.hide_tweets_of(person)
    member.is_blocked, member.changed_at = True, timezone.now()
    member.save(update_fields=["is_blocked", "changed_at"])
    record(Action.ACCOUNT_BLOCKED, person, actor_name=ACTOR, pachca_user=known.pachca_user_id)
    return True


@transaction.atomic
def _unblock(known: Known, read_at: datetime) -> bool:
    """Unblock an account that the sync has blocked, unless that was after Pachca was asked."""
    person = User.objects.select_for_update(no_key=True).get(pk=known.person.pk)
    member = Member.objects.get(pk=known.member.pk) if known.member else None
    if member is None or not member.is_blocked or person.is_active:
        return False
    if member.changed_at is not None and member.changed_at >= read_at:
        return False
    member.is_blocked, member.changed_at = False, timezone.now()
    member.save(update_fields=["is_blocked", "changed_at"])
    if is_blocked_by_sync(person) or is_blocked_by_provider(person):
        return False
    person.is_active = True
    person.save(update_fields=["is_active"])
    record(Action.ACCOUNT_UNBLOCKED, person, actor_name=ACTOR, pachca_user=known.pachca_user_id)
    return True


def _forget_blocks(plan: Plan) -> None:
    """End the blocks that an administrator has ended, without a signal that would tell it."""
    if plan.forget_block:
        ids = [member.pk for member in plan.forget_block]
        rows = Member.objects.filter(pk__in=ids, is_blocked=True, person__is_active=True)
        rows.update(is_blocked=False)


def _remember(plan: Plan) -> None:
    """Note what Pachca says of linked accounts; their names here are not touched."""
    for known, _entry in plan.remember:
        _forget_former(known, in_sandbox=plan.roster.in_sandbox)
    Member.objects.bulk_create(
        (_member(known.person, entry) for known, entry in plan.remember),
        update_conflicts=True,
        unique_fields=["in_sandbox", "pachca_user_id"],
        update_fields=["person", "name", "image_url"],
    )


def _forget_former(known: Known, *, in_sandbox: bool) -> None:
    """Forget a block of the person whom the Pachca account was linked to before."""
    if known.was_linked_to_another:
        rows = Member.objects.filter(in_sandbox=in_sandbox, pachca_user_id=known.pachca_user_id)
        rows.exclude(person=known.person).update(is_blocked=False)


def _member(person: User, entry: Entry) -> Member:
    profile = entry.profile
    return Member(
        in_sandbox=profile.in_sandbox,
        pachca_user_id=profile.id,
        person=person,
        name=profile.name,
        image_url=profile.image_url,
    )


@transaction.atomic
def take_over(known: Known, entry: Entry) -> bool:
    """Take over a name or picture that has changed in Pachca, unless the account has ended."""
    profile, member = entry.profile, known.member
    person = User.objects.select_for_update(no_key=True).get(pk=known.person.pk)
    if member is None or not person.is_active or is_deleted(person):
        return False
    if member.name != profile.name and (name := acceptable_name(profile.name)):
        person.name = name
        person.save(update_fields=["name"])
    if member.image_url != profile.image_url and profile.image_url:
        refresh_avatar(person, profile.image_url, in_sandbox=profile.in_sandbox)
    member.name, member.image_url = profile.name, profile.image_url
    member.save(update_fields=["name", "image_url"])
    return True


@transaction.atomic
def _set_groups(person: User, joined: set[str], left: set[str]) -> None:
    if joined:
        person.groups.add(*rows_of(joined))
    if left:
        person.groups.remove(*rows_of(left))


def _add(entry: Entry, report: Report) -> None:
    """Create or find the account of somebody who has none yet; of concurrent syncs, one adds it."""
    profile, began_at = entry.profile, timezone.now()
    try:
        with transaction.atomic():
            person = find_or_create(profile)
            _member_row, is_new = Member.objects.get_or_create(
                in_sandbox=profile.in_sandbox,
                pachca_user_id=profile.id,
                defaults={"person": person, "name": profile.name, "image_url": profile.image_url},
            )
            if is_new:
                _set_groups(person, groups_of(entry), set())
                is_linked = person.date_joined < began_at
                details = {"pachca_user": profile.id, "linked": is_linked}
                record(Action.ACCOUNT_ADDED, person, actor_name=ACTOR, **details)
    except Refused as error:
        report.refused.append(f"{profile.name} ({profile.id}): {error}")
    else:
        report.added += is_new
