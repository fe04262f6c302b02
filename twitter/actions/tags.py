"""Storing the hashtags and mentions of a tweet."""

from twitter.models import Hashtag, Mention, Tagging, Tweet, User
from twitter.text.spans import mentioned_usernames, parse, tags


def tag(tweet: Tweet) -> list[User]:
    """Store the hashtags and mentions of a new or edited tweet; return the mentioned people.

    Runs no query for a new tweet without hashtags and mentions.
    """
    spans = parse(tweet.text)
    names, usernames = tags(spans), mentioned_usernames(spans)
    if tweet.edited_at:
        tweet.taggings.exclude(hashtag__name__in=names).delete()
        tweet.mentions.exclude(person__username_folded__in=usernames).delete()
    if names:
        _store_tags(tweet, names)
    return _store_mentions(tweet, usernames) if usernames else []


def _store_tags(tweet: Tweet, names: list[str]) -> None:
    # Sorted, so that concurrent tweets with the same new tags do not deadlock.
    Hashtag.objects.bulk_create(
        [Hashtag(name=name) for name in sorted(names)], ignore_conflicts=True
    )
    tags = Hashtag.objects.filter(name__in=names)
    Tagging.objects.bulk_create(
        [Tagging(tweet=tweet, hashtag=tag, created_at=tweet.created_at) for tag in tags],
        ignore_conflicts=True,
    )


def _store_mentions(tweet: Tweet, usernames: set[str]) -> list[User]:
    people = list(User.objects.present().filter(username_folded__in=usernames))
    Mention.objects.bulk_create(
        [Mention(tweet=tweet, person=person) for person in people], ignore_conflicts=True
    )
    return people
