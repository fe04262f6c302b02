"""Hiding, restoring and purging tweets."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from realtime.actions import publish
from twitter.actions.notifications import publish_unread
from twitter.actions.rooms import TWEETS_ROOM, subject_of, subjects_of
from twitter.models import Bookmark, Like, Media, Mention, Notification, Tagging, Tweet, User
from twitter.models.search import drop_terms
from twitter.models.tweets import TweetQuerySet
from twitter.serialization import serialize_tweet
from twitter.signals import tweet_deleted, tweet_restored

PURGE_BATCH_SIZE = 500


@transaction.atomic
def hide_tweet(moderator: User, tweet: Tweet, reason: str) -> None:
    """Hide a tweet from all pages and store the reason. Does nothing if it is hidden already.

    Raises PermissionDenied without the permission `twitter.moderate`, ValidationError if the reason
    is longer than 300 characters.
    """
    _require_moderator(moderator)
    found = Tweet.objects.select_for_update(no_key=True).get(pk=tweet.pk)
    if found.hidden_at is None:
        hide(found, moderator, reason)


@transaction.atomic
def restore_tweet(moderator: User, tweet: Tweet) -> None:
    """Make a hidden tweet visible again.

    Raises PermissionDenied without the permission `twitter.moderate`, and ValidationError if the
    text was purged, or if it is a repost that its author has repeated since.
    """
    _require_moderator(moderator)
    tweet = Tweet.objects.select_for_update(no_key=True).get(pk=tweet.pk)
    if tweet.hidden_at is None:
        return
    if tweet.is_erased:
        raise ValidationError(
            _("This tweet cannot be restored: its text was permanently deleted."), code="erased"
        )
    if tweet.repost_of and tweet.repost_of.reposts.filter(author=tweet.author, hidden_at=None):
        raise ValidationError(
            _("This repost cannot be restored: the author has reposted the tweet again."),
            code="reposted",
        )
    tweet.hidden_at, tweet.hidden_by, tweet.hidden_reason = None, None, ""
    tweet.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    _recount_around(tweet)
    tweet_restored.send(sender=Tweet, tweet=tweet, person=moderator)
    publish("tweet.posted", serialize_tweet(tweet), TWEETS_ROOM, about=subjects_of(tweet))
    publish_unread(_unread_recipients(tweet))


def hide(tweet: Tweet, person: User, reason: str = "") -> None:
    """Hide a locked tweet. The caller has checked that `person` may do this."""
    tweet.hidden_at, tweet.hidden_by, tweet.hidden_reason = timezone.now(), person, reason
    Tweet._meta.get_field("hidden_reason").clean(reason, None)
    tweet.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    _recount_around(tweet)
    tweet_deleted.send(sender=Tweet, tweet=tweet, person=person)
    publish("tweet.deleted", {"id": tweet.pk}, TWEETS_ROOM, retracts=subject_of(tweet))
    publish_unread(_unread_recipients(tweet))


def purge() -> int:
    """Permanently delete tweets that were hidden more than TWEETS_KEPT_DAYS ago; return how many.

    Their pictures are deleted too. A tweet with replies becomes an empty hidden row, which is
    deleted once the replies are gone.
    """
    found = list(Tweet.objects.purgeable().values_list("pk", flat=True)[:PURGE_BATCH_SIZE])
    return delete_permanently(Tweet.objects.filter(pk__in=found))


def delete_permanently(tweets: TweetQuerySet) -> int:
    """Delete tweets with their pictures; return how many. The caller has hidden them.

    A tweet with replies becomes an empty hidden row, so that the conversation stays together.
    """
    rows: Any = tweets.with_is_answered()  # the plugin does not see what this adds
    is_answered = dict(rows.values_list("pk", "is_answered"))
    ids = list(is_answered)
    files = Media.objects.filter(tweet__in=ids).values_list("file", "thumbnail")
    names = [name for pair in files for name in pair if name]
    with transaction.atomic():
        drop_terms(ids)
        _erase([pk for pk in ids if is_answered[pk]])
        Tweet.objects.filter(pk__in=[pk for pk in ids if not is_answered[pk]]).delete()
    for name in names:
        default_storage.delete(name)
    return len(ids)


def _erase(ids: list[int]) -> None:
    """Delete everything of tweets except their positions in conversations."""
    for model in (Media, Like, Bookmark, Tagging, Mention, Notification):
        model._default_manager.filter(tweet__in=ids).delete()
    Tweet.objects.filter(repost_of__in=ids).delete()
    Tweet.objects.filter(pk__in=ids).update(text="", terms="", hidden_reason="")


def _unread_recipients(tweet: Tweet) -> list[User]:
    return Notification.objects.filter(tweet=tweet).unread_people()


def _require_moderator(person: User) -> None:
    if not person.has_perm("twitter.moderate"):
        raise PermissionDenied(_("Only moderators can hide and restore tweets."))


def _recount_around(tweet: Tweet) -> None:
    around = [key for key in (tweet.reply_to_id, tweet.repost_of_id) if key]
    if around:
        Tweet.objects.filter(pk__in=around).recount()
