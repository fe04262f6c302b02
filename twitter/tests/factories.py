"""Rows for tests."""

from twitter.models import Tweet, User


def make_person(username: str, name: str = "") -> User:
    return User.objects.create(username=username, name=name)


def make_tweets(author: User, count: int) -> list[Tweet]:
    """Make tweets that say "1", "2" and so on."""
    return [Tweet.objects.create(author=author, text=str(n)) for n in range(1, count + 1)]
