import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from twitter.actions import post_tweet
from twitter.models import Tweet
from twitter.models.tweets import LONGEST_TEXT
from twitter.shapes import tweet_shape
from twitter.signals import tweet_posted


def test_posting_announces_once_committed(ann, sockets, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tweet = post_tweet(ann, " привет ")
        assert sockets.heard == []

    assert sockets.heard == [("tweet.posted", tweet_shape(tweet))]
    assert sockets.frames[0][0] == "tweets"
    assert tweet.text == "привет"


def test_other_apps_hear_of_a_tweet_by_a_signal(ann, sockets):
    heard = []

    def hear(sender, tweet, **_):
        heard.append(tweet)

    tweet_posted.connect(hear)
    tweet = post_tweet(ann, "привет")
    tweet_posted.disconnect(hear)

    assert heard == [tweet]


@pytest.mark.parametrize("text", ["", "  ", "x" * (LONGEST_TEXT + 1), "a\0b", "\ud800"])
def test_a_text_that_cannot_be_kept_is_refused(ann, sockets, text):
    with pytest.raises(ValidationError):
        post_tweet(ann, text)

    assert not Tweet.objects.exists()


def test_the_database_refuses_a_text_that_is_too_long(ann):
    with pytest.raises(IntegrityError), transaction.atomic():
        Tweet.objects.create(author=ann, text="x" * (LONGEST_TEXT + 1))
