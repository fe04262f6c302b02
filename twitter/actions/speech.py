"""Tweets as speech."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from tts.actions import request_speech, withdraw_route
from tts.models import Speech
from tts.synthesis import SpeechSpec
from twitter.models import Tweet
from twitter.signals import tweet_deleted, tweet_edited


@transaction.atomic
def listen(tweet: Tweet) -> Speech:
    """Return the speech of a tweet. All users share it, and it does not expire.

    Raises tts.errors.InvalidSpeech if nothing in the tweet can be spoken, and DoesNotExist if it is
    hidden.
    """
    # The lock makes a concurrent deletion either fail this call or withdraw the speech.
    tweet = Tweet.objects.lock(tweet.pk)
    return request_speech(None, SpeechSpec(tweet.text), route=_route(tweet), is_kept=True).speech


@receiver([tweet_deleted, tweet_edited])
def withdraw_speech(tweet: Tweet, **_kwargs: Any) -> None:
    """Revoke access to the audio when its text was deleted or changed."""
    withdraw_route(None, _route(tweet))


def _route(tweet: Tweet) -> str:
    return f"tweet {tweet.pk}"
