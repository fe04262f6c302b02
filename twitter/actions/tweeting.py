"""Writing tweets, and taking them back."""

from collections.abc import Sequence
from contextlib import nullcontext

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from realtime.actions import publish
from twitter.actions.media import claim
from twitter.actions.moderation import hide
from twitter.actions.notifying import Kind, notify
from twitter.actions.reactions import undo_repost
from twitter.actions.rooms import EVERYBODY
from twitter.actions.tagging import tag
from twitter.models import Media, Tweet, User
from twitter.models.search import index_words, words_need_no_index
from twitter.models.text import MENTION_MARK, TAG_MARK
from twitter.shapes import tweet_shape
from twitter.signals import tweet_edited, tweet_posted


def post_tweet(
    author: User, text: str, media: Sequence[Media] = (), reply_to: Tweet | None = None
) -> Tweet:
    """Publish a tweet and announce it to every open feed; ValidationError if it is no text of ours.

    The announcement leaves after the surrounding transaction commits, so whoever fetches the tweet
    on hearing of it will find it.
    """
    tweet = Tweet(author=author, text=_cleaned(text, may_be_empty=bool(media)))
    is_one_row = not media and reply_to is None and _stands_alone(tweet)
    with nullcontext() if is_one_row else transaction.atomic():
        if reply_to is not None:
            _put_under(tweet, reply_to.original)
        tweet.save()
        claim(media, tweet)
        _read_words(tweet)
        tweet_posted.send(sender=Tweet, tweet=tweet)
        publish("tweet.posted", tweet_shape(tweet, media), EVERYBODY)
    return tweet


@transaction.atomic
def edit_tweet(person: User, tweet: Tweet, text: str) -> Tweet:
    """Change the words of one's own tweet, for a while after it was posted."""
    tweet = Tweet.objects.held(tweet.pk)
    if not tweet.may_be_edited_by(person):
        raise PermissionDenied(_("Only its author can edit a tweet, shortly after posting it."))
    tweet.text = _cleaned(text, may_be_empty=tweet.media.exists())
    tweet.edited_at = timezone.now()
    tweet.save(update_fields=["text", "edited_at"])
    _read_words(tweet)
    tweet_edited.send(sender=Tweet, tweet=tweet)
    publish("tweet.edited", tweet_shape(tweet), EVERYBODY)
    return tweet


@transaction.atomic
def delete_tweet(person: User, tweet: Tweet) -> None:
    """Take a tweet off every page; moderators can restore it for a while. A repost is undone."""
    tweet = Tweet.objects.held(tweet.pk)
    if not tweet.may_be_deleted_by(person):
        raise PermissionDenied(_("This tweet is somebody else's."))
    if tweet.repost_of is not None and tweet.author_id == person.pk:
        undo_repost(person, tweet.repost_of)
    else:
        hide(tweet, person)


def _cleaned(text: str, *, may_be_empty: bool) -> str:
    text = text.strip()
    is_seen = any(map(str.isprintable, text))
    if not is_seen and not may_be_empty:
        raise ValidationError(_("A tweet needs words or a picture."), code="blank")
    Tweet._meta.get_field("text").clean(text, None)
    return text


def _stands_alone(tweet: Tweet) -> bool:
    """Return whether the row of a tweet is all that its words cause to be written.

    What is one step needs no transaction, whose beginning and end are two more trips to the
    database: a third of what it costs to post.
    """
    has_no_marks = TAG_MARK not in tweet.text and MENTION_MARK not in tweet.text
    return words_need_no_index() and has_no_marks and not tweet_posted.has_listeners(Tweet)


def _put_under(tweet: Tweet, parent: Tweet) -> None:
    """Make a reply of a new tweet, and tell the author of what it replies to."""
    parent = Tweet.objects.held(parent.pk)
    tweet.reply_to = parent
    tweet.thread_id = parent.thread_id or parent.pk
    parent.count(replies_count=1)


def _read_words(tweet: Tweet) -> None:
    """Find what the words of a tweet point to: tags, people, and what to find it by."""
    index_words([tweet])
    mentioned = tag(tweet)
    for person in mentioned:
        notify(person, Kind.MENTION, tweet.author, tweet)
    if tweet.reply_to is not None and tweet.reply_to.author not in mentioned:
        notify(tweet.reply_to.author, Kind.REPLY, tweet.author, tweet)
