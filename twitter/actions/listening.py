"""Hearing a tweet read aloud."""

from typing import Any

from django.dispatch import receiver

from tts.actions import release_route, request_speech
from tts.models import Speech
from tts.synthesis import Wish
from twitter.models import Tweet
from twitter.signals import tweet_deleted


def listen(tweet: Tweet) -> Speech:
    """Have a tweet read aloud: once for everybody, and kept as long as the tweet is there.

    Raises tts.errors.BadWish where there is nothing to say in it.
    """
    return request_speech(None, Wish(tweet.text), route=_route(tweet), is_kept=True).speech


@receiver(tweet_deleted)
def forget_speech(tweet: Tweet, **_kwargs: Any) -> None:
    release_route(None, _route(tweet))


def _route(tweet: Tweet) -> str:
    return f"tweet {tweet.pk}"
