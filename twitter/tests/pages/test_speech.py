import threading
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from pytest_django.fixtures import SettingsWrapper

from tts.actions import request_speech
from tts.http.files import TrackFiles
from tts.models import Audio, Speech
from tts.synthesis import SpeechSpec
from tts.worker.runner import AudioRunner
from twitter.actions import delete_tweet, edit_tweet, leave, listen, post_tweet
from twitter.models import Tweet, User
from twitter.tests.factories import make_person


@pytest.fixture(autouse=True)
def _files(settings: SettingsWrapper, tmp_path: Path, sockets: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def speak() -> None:
    while audio := Audio.objects.claim_next():
        AudioRunner(threading.Event()).work(audio)


def test_a_tweet_is_read_aloud_once_for_everybody(signed_in: Any, ann: Any) -> None:
    tweet = post_tweet(ann, "Привет всем")
    listen(tweet)
    speak()

    answers = [signed_in.get(f"/tweets/{tweet.pk}/speech") for _ in range(2)]

    assert {answer.url for answer in answers} == {Audio.objects.get().link}


def test_every_tweet_with_a_text_has_a_button(signed_in: Any, ann: Any) -> None:
    tweet = post_tweet(ann, "Привет всем")

    assert f'href="/tweets/{tweet.pk}/speech"' in signed_in.get("/").content.decode()


def test_an_edited_tweet_is_read_as_it_is_now(ann: Any) -> None:
    tweet = post_tweet(ann, "Привет всем")
    before = listen(tweet)

    edit_tweet(ann, tweet, "Привет каждому")
    now = listen(Tweet.objects.get(pk=tweet.pk))

    assert now.audio.text == "Привет каждому"
    assert not Speech.objects.filter(pk=before.pk).exists()


def delete(ann: Any, tweet: Any) -> None:
    delete_tweet(ann, tweet)


def edit(ann: Any, tweet: Any) -> None:
    edit_tweet(ann, tweet, "Другое")


def end_account(ann: Any, _tweet: Any) -> None:
    leave(User.objects.create_superuser("root"), ann, keeps_tweets=False)


@pytest.mark.parametrize("withdraw_notifications", [delete, edit, end_account])
@pytest.mark.django_db(transaction=True)
async def test_the_audio_of_a_text_that_was_withdrawn_is_no_longer_served(
    withdraw_notifications: Any,
) -> None:
    ann = await sync_to_async(make_person)("ann")
    tweet = await sync_to_async(post_tweet)(ann, "Привет всем")
    speech = await sync_to_async(listen)(tweet)
    await sync_to_async(speak)()
    speech = await Speech.objects.select_related("audio").aget(pk=speech.pk)
    assert speech.is_kept
    assert await status_of(speech.link) == 200

    await sync_to_async(withdraw_notifications)(ann, tweet)

    assert await status_of(speech.link) == 404
    assert not await Audio.objects.aexists()


async def status_of(link: Any) -> Any:
    route = {"kwargs": {"name": link.rpartition("/")[2]}}
    scope = {"type": "http", "method": "GET", "headers": [], "url_route": route}
    sent = []

    async def send(event: Any) -> None:
        sent.append(event)

    await TrackFiles()(scope, None, send)
    return sent[0]["status"]


def test_audio_that_is_also_somebody_elses_stays_when_a_tweet_is_deleted(
    ann: Any, bob: Any
) -> None:
    tweet = post_tweet(ann, "Привет всем")
    listen(tweet)
    request_speech(bob, SpeechSpec("Привет всем"), route="bob")
    speak()

    delete_tweet(ann, tweet)

    assert Speech.objects.get().owner == bob
    assert Audio.objects.get().has_file


def test_the_making_of_audio_stops_when_the_tweet_is_deleted(ann: Any) -> None:
    tweet = post_tweet(ann, "Привет всем")
    listen(tweet)

    delete_tweet(ann, tweet)
    speak()

    assert not Audio.objects.exclude(hash="").exists()


def test_a_hidden_tweet_is_not_read_aloud(ann: Any) -> None:
    tweet = post_tweet(ann, "Привет всем")
    delete_tweet(ann, tweet)

    with pytest.raises(Tweet.DoesNotExist):
        listen(tweet)


def test_what_has_nothing_to_say_and_what_is_gone_are_not_found(signed_in: Any, ann: Any) -> None:
    assert signed_in.get(f"/tweets/{post_tweet(ann, '…').pk}/speech").status_code == 404
    assert signed_in.get("/tweets/99/speech").status_code == 404


def test_strangers_are_asked_to_sign_in(client: Any, ann: Any) -> None:
    tweet = post_tweet(ann, "Привет")

    assert client.get(f"/tweets/{tweet.pk}/speech").url.startswith("/login")
    assert not Speech.objects.exists()
