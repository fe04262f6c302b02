"""What people do here, told to the world once it is committed."""

from django.db import transaction

from realtime.actions import publish
from twitter.models import Tweet, User
from twitter.shapes import tweet_shape
from twitter.signals import tweet_posted

EVERYBODY = "tweets"
"""The room of all open feeds."""


@transaction.atomic
def post_tweet(author: User, text: str) -> Tweet:
    """Publish a tweet and announce it to every open feed; ValidationError if it is no text of ours.

    The announcement leaves after the surrounding transaction commits, so whoever fetches the tweet
    on hearing of it will find it.
    """
    tweet = Tweet(author=author, text=text.strip())
    tweet.clean_fields(exclude=["author"])
    tweet.save()
    tweet_posted.send(sender=Tweet, tweet=tweet)
    publish("tweet.posted", tweet_shape(tweet), EVERYBODY)
    return tweet
