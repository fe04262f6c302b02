"""People and tweets as JSON: the shapes of the contract, over HTTP and on the live line."""

from typing import Any

from twitter.models import Tweet, User

Shape = dict[str, Any]


def person_shape(person: User) -> Shape:
    return {"id": person.pk, "name": person.name}


def profile_shape(person: User) -> Shape:
    return {**person_shape(person), "followers": [], "following": []}


def tweet_shape(tweet: Tweet) -> Shape:
    return {
        "id": tweet.pk,
        "content": tweet.text,
        "attachments": [],
        "author": person_shape(tweet.author),
        "likes": [],
        "created_at": tweet.created_at.isoformat(),
    }
