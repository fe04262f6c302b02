"""Keeping what a text points to: its hashtags and the people it names."""

from twitter.models import Hashtag, Mention, Tagging, Tweet, User
from twitter.models.text import mentioned_names, tags_in


def tag(tweet: Tweet) -> list[User]:
    """Keep the hashtags and mentions of a tweet, also of one that was edited.

    Return the people who are mentioned. A tweet that points to nothing costs no query when new.
    """
    names, usernames = tags_in(tweet.text), mentioned_names(tweet.text)
    if tweet.edited_at:
        tweet.taggings.exclude(hashtag__name__in=names).delete()
        tweet.mentions.exclude(person__username__in=usernames).delete()
    if names:
        _keep_tags(tweet, names)
    return _keep_mentions(tweet, usernames) if usernames else []


def _keep_tags(tweet: Tweet, names: list[str]) -> None:
    # In one order for all, so that two tweets with the same new tags do not wait for each other.
    Hashtag.objects.bulk_create(
        [Hashtag(name=name) for name in sorted(names)], ignore_conflicts=True
    )
    tags = Hashtag.objects.filter(name__in=names)
    Tagging.objects.bulk_create(
        [Tagging(tweet=tweet, hashtag=tag, created_at=tweet.created_at) for tag in tags],
        ignore_conflicts=True,
    )


def _keep_mentions(tweet: Tweet, usernames: set[str]) -> list[User]:
    people = list(User.objects.present().filter(username__in=usernames))
    Mention.objects.bulk_create(
        [Mention(tweet=tweet, person=person) for person in people], ignore_conflicts=True
    )
    return people
