import threading

import pytest

from tts.making import make
from tts.models import Audio, Speech
from twitter.actions import delete_tweet, edit_tweet, listen, post_tweet
from twitter.models import Tweet


@pytest.fixture(autouse=True)
def _files(settings, tmp_path, sockets):
    settings.MEDIA_ROOT = tmp_path


def speak():
    while audio := Audio.objects.claim_next():
        make(audio, threading.Event())


def test_a_tweet_is_read_aloud_once_for_everybody(signed_in, ann):
    tweet = post_tweet(ann, "Привет всем")
    listen(tweet)
    speak()

    answers = [signed_in.get(f"/tweets/{tweet.pk}/speech") for _ in range(2)]

    assert {answer.url for answer in answers} == {Audio.objects.get().link}


def test_every_tweet_with_a_text_has_a_button(signed_in, ann):
    tweet = post_tweet(ann, "Привет всем")

    assert f'href="/tweets/{tweet.pk}/speech"' in signed_in.get("/").content.decode()


def test_an_edited_tweet_is_read_as_it_is_now(ann):
    tweet = post_tweet(ann, "Привет всем")
    before = listen(tweet)

    edit_tweet(ann, tweet, "Привет каждому")
    now = listen(Tweet.objects.get(pk=tweet.pk))

    before.refresh_from_db()
    assert now.audio.text == "Привет каждому"
    assert not before.is_kept


def test_the_speech_is_kept_until_the_tweet_is_deleted(ann):
    tweet = post_tweet(ann, "Привет всем")
    listen(tweet)
    assert Speech.objects.get().is_kept

    delete_tweet(ann, tweet)

    assert not Speech.objects.get().is_kept


def test_what_has_nothing_to_say_and_what_is_gone_are_not_found(signed_in, ann):
    assert signed_in.get(f"/tweets/{post_tweet(ann, '…').pk}/speech").status_code == 404
    assert signed_in.get("/tweets/99/speech").status_code == 404


def test_strangers_are_asked_to_sign_in(client, ann):
    tweet = post_tweet(ann, "Привет")

    assert client.get(f"/tweets/{tweet.pk}/speech").url.startswith("/login")
    assert not Speech.objects.exists()
