"""Posting, editing and deleting tweets."""

from collections.abc import Sequence
from contextlib import nullcontext

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.text.visibility import is_blank
from realtime.actions import publish
from twitter.actions.media import claim
from twitter.actions.moderation import hide
from twitter.actions.notifications import Kind, notify, withdraw_notifications
from twitter.actions.reactions import undo_repost
from twitter.actions.rooms import TWEETS_ROOM, subjects_of
from twitter.actions.tags import tag
from twitter.models import Media, Notification, Tweet, User
from twitter.models.search import has_separate_index
from twitter.permissions import require_author
from twitter.serialization import serialize_tweet
from twitter.signals import tweet_edited, tweet_posted
from twitter.text.normal import normalize
from twitter.text.spans import MENTION_MARK, TAG_MARK


def post_tweet(
    author: User, text: str, media: Sequence[Media] = (), reply_to: Tweet | None = None
) -> Tweet:
    """Post a tweet, attach uploads, notify mentioned people and publish "tweet.posted".

    `reply_to` makes it a reply; replying to a repost replies to the original. The event is
    published after the surrounding transaction commits, so a client that fetches the tweet on
    receiving it will find it.

    Raises ValidationError if the text is blank without media, longer than 5,000 characters or not
    storable, or if an upload cannot be attached; Tweet.DoesNotExist if `reply_to` is hidden;
    PermissionDenied for a reader.
    """
    require_author(author)
    tweet = Tweet(author=author, text=_clean_text(text, may_be_empty=bool(media)))
    is_one_row = not media and reply_to is None and _stands_alone(tweet)
    with nullcontext() if is_one_row else transaction.atomic():
        if reply_to is not None:
            _attach_to_thread(tweet, reply_to.original)
        tweet.save()
        claim(media, tweet)
        _notify_mentioned(tweet)
        tweet_posted.send(sender=Tweet, tweet=tweet)
        publish(
            "tweet.posted", serialize_tweet(tweet, media), TWEETS_ROOM, about=subjects_of(tweet)
        )
    return tweet


@transaction.atomic
def edit_tweet(person: User, tweet: Tweet, text: str) -> Tweet:
    """Change the text of a tweet, within TWEET_EDIT_MINUTES of posting it.

    Raises PermissionDenied for other people, readers and later, ValidationError as `post_tweet`
    does, and Tweet.DoesNotExist if the tweet is hidden.
    """
    require_author(person)
    tweet = Tweet.objects.lock(tweet.pk)
    if not tweet.may_be_edited_by(person):
        raise PermissionDenied(
            _("Only the author can edit a tweet, and only shortly after posting it.")
        )
    tweet.text = _clean_text(text, may_be_empty=tweet.media.exists())
    tweet.edited_at = timezone.now()
    tweet.save(update_fields=["text", "edited_at"])
    _notify_mentioned(tweet)
    tweet_edited.send(sender=Tweet, tweet=tweet)
    publish("tweet.edited", serialize_tweet(tweet), TWEETS_ROOM, about=subjects_of(tweet))
    return tweet


@transaction.atomic
def delete_tweet(person: User, tweet: Tweet) -> None:
    """Hide a tweet from all pages; moderators can restore it within TWEETS_KEPT_DAYS.

    A repost of the person's own is removed instead. Raises PermissionDenied unless `person` is the
    author or a moderator, and Tweet.DoesNotExist if the tweet is hidden.
    """
    tweet = Tweet.objects.lock(tweet.pk)
    if not tweet.may_be_deleted_by(person):
        raise PermissionDenied(_("You can delete only your own tweets."))
    if tweet.repost_of is not None and tweet.author_id == person.pk:
        undo_repost(person, tweet.repost_of)
    else:
        hide(tweet, person)


def _clean_text(text: str, *, may_be_empty: bool) -> str:
    text = normalize(text)
    if is_blank(text):
        if not may_be_empty:
            raise ValidationError(_("A tweet needs text or a picture."), code="blank")
        return ""
    Tweet._meta.get_field("text").clean(text, None)
    return text


def _stands_alone(tweet: Tweet) -> bool:
    """Return whether posting writes the row of the tweet and nothing else.

    A single statement needs no transaction; BEGIN and COMMIT would cost two round trips, a third
    of the time of posting.
    """
    has_no_marks = TAG_MARK not in tweet.text and MENTION_MARK not in tweet.text
    return not has_separate_index() and has_no_marks and not tweet_posted.has_listeners(Tweet)


def _attach_to_thread(tweet: Tweet, parent: Tweet) -> None:
    """Make a new tweet a reply to `parent`, and count it there."""
    parent = Tweet.objects.lock(parent.pk)
    tweet.reply_to = parent
    tweet.thread_id = parent.thread_id or parent.pk
    parent.count(replies_count=1)


def _notify_mentioned(tweet: Tweet) -> None:
    """Store hashtags and mentions, and notify the people who are mentioned or replied to."""
    mentioned = tag(tweet)
    if tweet.edited_at:
        no_longer = Notification.objects.filter(tweet=tweet, kind=Kind.MENTION)
        withdraw_notifications(no_longer.exclude(person__in=mentioned))
    for person in mentioned:
        notify(person, Kind.MENTION, tweet.author, tweet)
    if tweet.reply_to is not None and tweet.reply_to.author not in mentioned:
        notify(tweet.reply_to.author, Kind.REPLY, tweet.author, tweet)
