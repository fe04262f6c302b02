"""People come, change and leave."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from realtime.actions import look_again
from twitter.models import ApiKey, Follow, Tweet, User
from twitter.signals import person_left

SHORTEST_NAME = 2
LONGEST_USERNAME = 30


@transaction.atomic
def make_person(staff: User, name: str, key: str) -> User:
    """Make a person with an api-key of the caller's choice; who has no password cannot sign in."""
    if not staff.has_perm("twitter.add_user"):
        raise PermissionDenied(_("Only staff can add people."))
    name = name.strip()
    if len(name) < SHORTEST_NAME:
        raise ValidationError(_("A name has from 2 to 100 characters."), code="name_length")
    person = User(username=_free_username(name), name=name)
    person.set_unusable_password()
    person.clean_fields()
    person.save()
    _give_key(person, key)
    return person


@transaction.atomic
def change_profile(person: User, *, name: str | None = None, about: str | None = None) -> User:
    """Change what others see of a person; what is None stays."""
    person.name = person.name if name is None else name.strip()
    person.about = person.about if about is None else about.strip()
    if len(person.name) < SHORTEST_NAME:
        raise ValidationError({"name": _("A name has from 2 to 100 characters.")})
    person.clean_fields(exclude=["password", "username", "email"])
    person.save(update_fields=["name", "about"])
    return person


@transaction.atomic
def leave(staff: User, person: User, *, keeps_tweets: bool) -> None:
    """End a person's account: nobody signs in or calls as them any more.

    Their tweets stay under their name, or are hidden, and can be restored for a while.
    """
    if not staff.has_perm("twitter.delete_user") or person.is_superuser > staff.is_superuser:
        raise PermissionDenied(_("Only staff can remove people."))
    if staff.pk == person.pk:
        raise PermissionDenied(_("You cannot remove yourself."))
    person.is_active = False
    person.save(update_fields=["is_active"])
    for key in person.api_keys.filter(revoked_at=None):
        key.revoke()
    look_again(person.pk)
    _unfollow_all(person)
    if not keeps_tweets:
        _hide_all(person, staff)
    person_left.send(sender=User, person=person)


def _free_username(name: str) -> str:
    """Make a sign-in name out of a name, with a number if others have it."""
    base = slugify(name, allow_unicode=True)[:LONGEST_USERNAME] or "person"
    taken = set(User.objects.filter(username__startswith=base).values_list("username", flat=True))
    number = 1
    while (username := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return username


def _give_key(person: User, key: str) -> None:
    try:
        with transaction.atomic():
            ApiKey.objects.adopt(person, _("First key"), key)
    except IntegrityError as error:
        raise ValidationError(_("Choose another key."), code="key_taken") from error


def _unfollow_all(person: User) -> None:
    followers = list(person.followings.values_list("follower", flat=True))
    followed = list(person.follows.values_list("followed", flat=True))
    Follow.objects.filter(follower=person).delete()
    Follow.objects.filter(followed=person).delete()
    User.objects.filter(pk__in=followers).update(following_count=F("following_count") - 1)
    User.objects.filter(pk__in=followed).update(followers_count=F("followers_count") - 1)
    User.objects.filter(pk=person.pk).update(following_count=0, followers_count=0)


def _hide_all(person: User, staff: User) -> None:
    shown = Tweet.objects.filter(author=person, hidden_at=None)
    around = set(shown.values_list("reply_to", "repost_of").distinct())
    shown.update(hidden_at=timezone.now(), hidden_by=staff, hidden_reason=_("The author left"))
    Tweet.objects.filter(pk__in={key for pair in around for key in pair if key}).recount()


def drop_avatar(person: User) -> None:
    """Take a person's picture away, and delete its file once that is committed."""
    name = person.avatar.name
    person.avatar = ""
    person.save(update_fields=["avatar"])
    if name:
        transaction.on_commit(lambda: default_storage.delete(name))
