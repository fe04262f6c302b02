"""Taking tweets off every page, and bringing them back."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from realtime.actions import publish
from twitter.actions.rooms import EVERYBODY
from twitter.models import Media, Tweet, User
from twitter.models.search import forget_words
from twitter.shapes import tweet_shape
from twitter.signals import tweet_deleted, tweet_restored

PURGED_AT_ONCE = 500


@transaction.atomic
def hide_tweet(moderator: User, tweet: Tweet, reason: str) -> None:
    """Take a tweet off every page, and keep why. Hiding what is hidden changes nothing."""
    _require_moderator(moderator)
    found = Tweet.objects.select_for_update(no_key=True).get(pk=tweet.pk)
    if found.hidden_at is None:
        hide(found, moderator, reason)


@transaction.atomic
def restore_tweet(moderator: User, tweet: Tweet) -> None:
    """Bring a tweet back as it was; ValidationError if its author passed the same on since."""
    _require_moderator(moderator)
    tweet = Tweet.objects.select_for_update(no_key=True).get(pk=tweet.pk)
    if tweet.hidden_at is None:
        return
    if tweet.repost_of and tweet.repost_of.reposts.filter(author=tweet.author, hidden_at=None):
        raise ValidationError(_("This was passed on again since."), code="reposted")
    tweet.hidden_at, tweet.hidden_by, tweet.hidden_reason = None, None, ""
    tweet.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    _recount_around(tweet)
    tweet_restored.send(sender=Tweet, tweet=tweet, person=moderator)
    publish("tweet.posted", tweet_shape(tweet), EVERYBODY)


def hide(tweet: Tweet, person: User, reason: str = "") -> None:
    """Take a tweet that is held off every page. Whoever calls has seen to it that `person` may."""
    tweet.hidden_at, tweet.hidden_by, tweet.hidden_reason = timezone.now(), person, reason
    Tweet._meta.get_field("hidden_reason").clean(reason, None)
    tweet.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    _recount_around(tweet)
    tweet_deleted.send(sender=Tweet, tweet=tweet, person=person)
    publish("tweet.deleted", {"id": tweet.pk}, EVERYBODY)


def purge() -> int:
    """Delete for ever, with their pictures, what was hidden too long ago; return how many."""
    ids = list(Tweet.objects.purgeable().values_list("pk", flat=True)[:PURGED_AT_ONCE])
    files = Media.objects.filter(tweet__in=ids).values_list("file", "thumbnail")
    names = [name for pair in files for name in pair if name]
    with transaction.atomic():
        forget_words(ids)
        Tweet.objects.filter(pk__in=ids).delete()
    for name in names:
        default_storage.delete(name)
    return len(ids)


def _require_moderator(person: User) -> None:
    if not person.has_perm("twitter.moderate"):
        raise PermissionDenied(_("Only moderators can do that."))


def _recount_around(tweet: Tweet) -> None:
    around = [key for key in (tweet.reply_to_id, tweet.repost_of_id) if key]
    if around:
        Tweet.objects.filter(pk__in=around).recount()
