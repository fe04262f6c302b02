"""Following and unfollowing people."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from twitter.actions.notifications import Kind, notify, withdraw_notification
from twitter.models import Follow, User
from twitter.signals import person_followed, person_unfollowed


@transaction.atomic
def follow(person: User, other: User) -> None:
    """Let `person` follow `other`, who is notified.

    Raises ValidationError if both are the same person, User.DoesNotExist if the account of `other`
    was ended.
    """
    if person.pk == other.pk:
        raise ValidationError(_("You cannot follow yourself."), code="self")
    person, other = _lock(person, other)
    if not other.is_active:
        raise User.DoesNotExist
    _follow, is_new = Follow.objects.get_or_create(follower=person, followed=other)
    if is_new:
        _count(person, other, 1)
        notify(other, Kind.FOLLOW, person)
        person_followed.send(sender=User, person=person, other=other)


@transaction.atomic
def unfollow(person: User, other: User) -> None:
    """Let `person` no longer follow `other`, and withdraw the notification."""
    person, other = _lock(person, other)
    was_followed, _rows = Follow.objects.filter(follower=person, followed=other).delete()
    if was_followed:
        _count(person, other, -1)
        withdraw_notification(other, Kind.FOLLOW, person)
        person_unfollowed.send(sender=User, person=person, other=other)


def _lock(*people: User) -> list[User]:
    """Lock people in the order of their ids, so that mutual follows do not deadlock."""
    keys = [person.pk for person in people]
    rows = {
        row.pk: row
        for row in User.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    }
    return [rows[key] for key in keys]


def _count(person: User, other: User, change: int) -> None:
    person.following_count = max(0, person.following_count + change)
    other.followers_count = max(0, other.followers_count + change)
    person.save(update_fields=["following_count"])
    other.save(update_fields=["followers_count"])
