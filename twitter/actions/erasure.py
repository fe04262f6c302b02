"""Erasing a person: what they posted, uploaded and did, and who they were."""

import secrets
from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from tts.actions import withdraw
from tts.models import Speech
from twitter.actions.media import discard_media
from twitter.actions.moderation import delete_permanently
from twitter.actions.notifications import withdraw_notifications
from twitter.actions.people import delete_avatar, hide_all, hide_tweets_of, unfollow_all
from twitter.models import Bookmark, Like, Media, Mention, Notification, Tweet, User

BATCH_SIZE = 200


def erase_person(person: User, check: Callable[[], None] = lambda: None) -> None:
    """Delete permanently what a person posted, uploaded and did, and make the row anonymous.

    The caller has blocked the person. Replies of others stay, and so do empty rows of tweets that
    have some. The row of the person stays for those, without a name. Works in batches, each in a
    transaction of its own; `check` is called between them and may raise. Safe to repeat.
    """
    for erase in (_erase_tweets, _erase_likes, _erase_speeches, _erase_uploads):
        while erase(person):
            check()
    _erase_relations(person)
    _make_anonymous(person)


@transaction.atomic
def _erase_tweets(person: User) -> int:
    """Erase the latest tweets, or publish that all are gone and return 0."""
    own = Tweet.objects.filter(author=person)
    ids = list(own.not_erased().order_by("-id").values_list("pk", flat=True)[:BATCH_SIZE])
    if not ids:
        hide_tweets_of(person)  # there is none left; this tells open pages
        return 0
    hide_all(own.filter(pk__in=ids), person, _("The author has left"))
    return delete_permanently(own.filter(pk__in=ids))


@transaction.atomic
def _erase_likes(person: User) -> int:
    likes = Like.objects.filter(person=person)
    ids = list(likes.order_by("tweet").values_list("tweet", flat=True)[:BATCH_SIZE])
    liked = list(Tweet.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    likes.filter(tweet__in=ids).delete()
    for tweet in liked:
        tweet.count(likes_count=-1)
    return len(ids)


@transaction.atomic
def _erase_speeches(person: User) -> int:
    speeches = list(Speech.objects.newest_of(person)[:BATCH_SIZE])
    for speech in speeches:
        withdraw(speech)
    return len(speeches)


@transaction.atomic
def _erase_uploads(person: User) -> int:
    uploads = list(Media.objects.unclaimed_by(person)[:BATCH_SIZE])
    discard_media(uploads)
    return len(uploads)


@transaction.atomic
def _erase_relations(person: User) -> None:
    unfollow_all(person)
    Bookmark.objects.filter(person=person).delete()
    Mention.objects.filter(person=person).delete()
    Notification.objects.filter(person=person).delete()
    withdraw_notifications(Notification.objects.filter(actor=person))
    person.api_keys.all().delete()


@transaction.atomic
def _make_anonymous(person: User) -> None:
    delete_avatar(person)
    if person.groups.exists():
        person.groups.clear()
    if person.user_permissions.exists():
        person.user_permissions.clear()
    person.refresh_from_db()  # the groups have changed is_staff
    person.username, person.name = _anonymous_username(person), str(_("Deleted account"))
    person.about = person.email = person.language = ""
    person.is_staff = person.is_superuser = person.is_active = False
    person.last_login = None
    person.set_unusable_password()
    person.save()


def _anonymous_username(person: User) -> str:
    username = f"deleted-{person.pk}"
    taken = User.objects.exclude(pk=person.pk).with_username(username)
    return f"{username}-{secrets.token_hex(4)}" if taken.exists() else username
