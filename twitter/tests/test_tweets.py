"""Tweets are posted, answered, edited and deleted."""

import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django.fixtures import (
    DjangoAssertNumQueries,
    DjangoCaptureOnCommitCallbacks,
    SettingsWrapper,
)

from twitter.actions import (
    delete_tweet,
    edit_tweet,
    hide_tweet,
    post_tweet,
    purge,
    restore_tweet,
)
from twitter.models import Hashtag, Tweet
from twitter.models.tweets import MAX_TEXT_LENGTH
from twitter.serialization import serialize_tweet
from twitter.signals import tweet_posted
from twitter.tests.factories import notifications_of


@pytest.fixture(autouse=True)
def quiet(sockets: Any) -> None:
    """Nothing here leaves for a broker."""


# --- posting -------------------------------------------------------------------------------------


def test_posting_announces_once_committed(
    ann: Any, sockets: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        tweet = post_tweet(ann, " привет ")
        assert sockets.received == []

    assert sockets.received == [("tweet.posted", serialize_tweet(tweet))]
    assert sockets.frames[0][0] == "tweets"
    assert tweet.text == "привет"


def test_other_apps_hear_of_a_tweet_by_a_signal(ann: Any) -> None:
    heard = []

    def hear(sender: Any, tweet: Any, **_: Any) -> None:
        heard.append(tweet)

    tweet_posted.connect(hear)
    tweet = post_tweet(ann, "привет")
    tweet_posted.disconnect(hear)

    assert heard == [tweet]


@pytest.mark.parametrize(
    "text",
    ["", "  ", "\u200b\ufeff", "\uffa0", "\u115f", "\u034f", "\ufe0f", "\u0301",
     "x" * (MAX_TEXT_LENGTH + 1), "a\0b", "\ud800"],
)  # fmt: skip
def test_a_text_that_cannot_be_kept_is_refused(ann: Any, text: Any) -> None:
    with pytest.raises(ValidationError):
        post_tweet(ann, text)

    assert not Tweet.objects.exists()


def test_a_text_is_stored_in_one_form_with_one_kind_of_line_breaks(ann: Any) -> None:
    tweet = post_tweet(ann, unicodedata.normalize("NFD", " Йод\r\nи ёж\rв café "))

    assert tweet.text == "Йод\nи ёж\nв café"


def test_a_text_of_5000_characters_has_room_for_line_breaks(ann: Any) -> None:
    text = "я" * 2500 + "\r\n" + "я" * 2499
    tweet = post_tweet(ann, text)

    edit_tweet(ann, post_tweet(ann, "ответ", reply_to=tweet), text)

    assert {len(each.text) for each in Tweet.objects.all()} == {5000}


def test_a_tag_that_case_folding_makes_too_long_loses_no_tweet(ann: Any) -> None:
    tweet = post_tweet(ann, "#" + "İ" * 60 + " #тег")

    assert [tag.name for tag in tweet.tags.all()] == ["тег"]


def test_nothing_inside_a_link_is_a_tag_or_notifies_anybody(ann: Any, bob: Any) -> None:
    tweet = post_tweet(ann, "https://x.ru/a;#b https://medium.com/p?x=,@bob")

    assert not tweet.tags.exists()
    assert notifications_of(bob) == []


def test_the_database_refuses_a_text_that_is_too_long(ann: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Tweet.objects.create(author=ann, text="x" * (MAX_TEXT_LENGTH + 1))


def test_a_plain_tweet_costs_one_insert(
    ann: Any, django_assert_num_queries: DjangoAssertNumQueries, db_vendor: Any
) -> None:
    # With a separate search index there are two statements, in a transaction: here a savepoint.
    with django_assert_num_queries(1 if db_vendor == "postgresql" else 2 + 2):
        post_tweet(ann, "привет")


# --- replies -------------------------------------------------------------------------------------


def test_a_reply_is_counted_told_and_in_the_thread(ann: Any, bob: Any) -> None:
    tweet = post_tweet(ann, "Кто на обед?")
    reply = post_tweet(bob, "Я", reply_to=tweet)
    answer = post_tweet(ann, "Жду", reply_to=reply)

    tweet.refresh_from_db()
    assert tweet.replies_count == 1
    assert list(Tweet.objects.thread(answer)) == [tweet, reply, answer]
    assert list(Tweet.objects.feed()) == [tweet]
    assert notifications_of(ann) == [("reply", "bob")]


def test_nobody_replies_to_what_was_deleted(ann: Any, bob: Any) -> None:
    tweet = post_tweet(ann, "Кто на обед?")
    delete_tweet(ann, tweet)

    with pytest.raises(Tweet.DoesNotExist):
        post_tweet(bob, "Я", reply_to=tweet)


def test_a_deleted_reply_is_no_longer_counted(ann: Any, bob: Any) -> None:
    tweet = post_tweet(ann, "Кто на обед?")
    reply = post_tweet(bob, "Я", reply_to=tweet)

    delete_tweet(bob, reply)

    tweet.refresh_from_db()
    assert tweet.replies_count == 0


# --- words ---------------------------------------------------------------------------------------


def test_a_mention_tells_the_person_once(ann: Any, bob: Any) -> None:
    tweet = post_tweet(ann, "Спасибо, @bob. И ещё раз @Bob!")

    assert [each.person for each in tweet.mentions.all()] == [bob]
    assert notifications_of(bob) == [("mention", "ann")]


def test_a_reply_that_mentions_its_reader_tells_them_once(ann: Any, bob: Any) -> None:
    tweet = post_tweet(ann, "Кто на обед?")

    post_tweet(bob, "@ann, я", reply_to=tweet)

    assert notifications_of(ann) == [("mention", "bob")]


def test_tags_are_kept_in_small_letters(ann: Any) -> None:
    tweet = post_tweet(ann, "#Обед и #обед, а ещё #2024 и #q1")

    assert {tag.name for tag in tweet.tags.all()} == {"обед", "q1"}
    assert list(Tweet.objects.feed().tagged("Обед")) == [tweet]


def test_trends_count_people_and_not_tweets(ann: Any, bob: Any) -> None:
    for _ in range(3):
        post_tweet(ann, "#шум")
    post_tweet(ann, "#дело")
    deleted = post_tweet(bob, "#шум")
    post_tweet(bob, "#дело")
    delete_tweet(bob, deleted)

    rows: list[Any] = list(Hashtag.objects.trends().values())
    trends = [(row["name"], row["people"], row["uses"]) for row in rows]

    assert trends == [("дело", 2, 2), ("шум", 1, 3)]


# --- editing -------------------------------------------------------------------------------------


def test_an_edit_changes_words_tags_and_mentions(ann: Any, bob: Any) -> None:
    tweet = post_tweet(ann, "#обед @ann привет")

    edit_tweet(ann, tweet, "#ужин @bob привет")

    tweet.refresh_from_db()
    assert tweet.edited_at is not None
    assert [tag.name for tag in tweet.tags.all()] == ["ужин"]
    assert [mention.person for mention in tweet.mentions.all()] == [bob]
    assert list(Tweet.objects.search("ужины")) == [tweet]
    assert not Tweet.objects.search("обед")


def test_others_cannot_edit_nor_can_the_author_later(ann: Any, bob: Any, moderator: Any) -> None:
    tweet = post_tweet(ann, "привет")

    for person in (bob, moderator):
        with pytest.raises(PermissionDenied):
            edit_tweet(person, tweet, "пока")
    Tweet.objects.update(created_at=timezone.now() - timedelta(hours=1))
    with pytest.raises(PermissionDenied):
        edit_tweet(ann, tweet, "пока")


# --- deleting ------------------------------------------------------------------------------------


def test_the_author_and_moderators_delete_and_nobody_else(
    ann: Any, bob: Any, moderator: Any
) -> None:
    mine, another = post_tweet(ann, "раз"), post_tweet(ann, "два")

    with pytest.raises(PermissionDenied):
        delete_tweet(bob, mine)
    delete_tweet(ann, mine)
    delete_tweet(moderator, another)

    assert not Tweet.objects.feed()


def test_a_deletion_is_told(
    ann: Any, sockets: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    tweet = post_tweet(ann, "раз")

    with django_capture_on_commit_callbacks(execute=True):
        delete_tweet(ann, tweet)

    assert sockets.received == [("tweet.deleted", {"id": tweet.pk})]


def test_what_was_hidden_can_be_restored_by_moderators_alone(ann: Any, moderator: Any) -> None:
    tweet = post_tweet(ann, "раз")
    hide_tweet(moderator, tweet, "не по теме")
    hide_tweet(moderator, tweet, "ещё раз")

    tweet.refresh_from_db()
    assert (tweet.hidden_by, tweet.hidden_reason) == (moderator, "не по теме")
    for forbidden in (hide_tweet, restore_tweet):
        with pytest.raises(PermissionDenied):
            forbidden(ann, tweet, *["мне так хочется"][: forbidden is hide_tweet])
    restore_tweet(moderator, tweet)
    assert list(Tweet.objects.feed()) == [tweet]


def test_what_was_hidden_too_long_ago_is_gone_for_ever(ann: Any, settings: SettingsWrapper) -> None:
    old, new, shown = (post_tweet(ann, text) for text in "абв")
    delete_tweet(ann, old)
    delete_tweet(ann, new)
    Tweet.objects.filter(pk=old.pk).update(
        hidden_at=timezone.now() - timedelta(days=settings.TWEETS_KEPT_DAYS + 1)
    )

    assert purge() == 1
    assert set(Tweet.objects.all()) == {new, shown}
