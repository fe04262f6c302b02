"""A username is the same one whatever its case, on every database."""

import unicodedata
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from pytest_django.fixtures import SettingsWrapper

from twitter.actions import make_person as make_person_by_staff
from twitter.actions import post_tweet
from twitter.models import Hashtag, User
from twitter.models.usernames import fill_folded_names
from twitter.tasks import sweep
from twitter.tests.factories import make_person


@pytest.fixture(autouse=True)
def quiet(sockets: Any) -> None:
    """Nothing here leaves for a broker."""


CASES = pytest.mark.parametrize(
    ("username", "typed"),
    [("Ivan.Petrov", "ivan.petrov"), ("Олег", "олег"), ("олег", "ОЛЕГ"), ("Straße", "STRASSE")],
)


@CASES
def test_somebody_whose_username_has_capitals_is_notified_of_a_mention(
    ann: Any, username: Any, typed: Any
) -> None:
    person = make_person(username)

    tweet = post_tweet(ann, f"Спасибо, @{typed}. И ещё раз: @{username}!")

    assert [mention.person for mention in tweet.mentions.all()] == [person]
    assert [it.kind for it in person.notifications.all()] == ["mention"]


@CASES
def test_a_profile_is_under_the_username_in_any_case(
    signed_in: Any, username: Any, typed: Any
) -> None:
    make_person(username, "Некто")

    for name in (username, typed):
        assert signed_in.get(reverse("person", args=[name])).status_code == 200


@CASES
def test_people_sign_in_by_their_username_in_any_case(db: Any, username: Any, typed: Any) -> None:
    person = User.objects.create_user(username, password="one-of-many-8")

    assert authenticate(username=typed, password="one-of-many-8") == person


@CASES
def test_two_usernames_do_not_differ_in_case_alone(db: Any, username: Any, typed: Any) -> None:
    make_person(username)

    with pytest.raises(IntegrityError), transaction.atomic():
        make_person(typed)
    with pytest.raises(ValidationError) as refusal:
        User(username=typed, password="!").full_clean()
    assert list(refusal.value.message_dict) == ["username"]


def test_the_admin_refuses_a_username_that_differs_in_case_alone(client: Any, root: Any) -> None:
    make_person("Олег")
    client.force_login(root)
    form = {
        "name": "Олег",
        "username": "олег",
        "password1": "long-and-odd-7",
        "password2": "long-and-odd-7",
    }

    answer = client.post(reverse("admin:twitter_user_add"), form)

    assert "username" in answer.context["adminform"].form.errors
    assert User.objects.filter(name="Олег").count() == 1


def test_a_person_who_is_made_gets_a_username_that_is_free_in_any_case(root: Any) -> None:
    make_person("олег")

    person = make_person_by_staff(root, "ОЛЕГ", "a-key-of-ten")

    assert person.username == "олег-2"


def test_usernames_that_came_to_differ_in_case_alone_get_a_number(
    db: Any, caplog: pytest.LogCaptureFixture
) -> None:
    left, first, second, numbered = (
        User.objects.create(username=f"u{n}", is_active=bool(n)) for n in range(4)
    )
    for person, username in ((left, "ANN"), (first, "Ann"), (second, "ann"), (numbered, "ann-2")):
        User.objects.filter(pk=person.pk).update(username=username, username_folded=None)

    fill_folded_names(User.objects.all())
    fill_folded_names(User.objects.all())

    usernames = dict(User.objects.values_list("pk", "username"))
    assert [usernames[each.pk] for each in (left, first, second, numbered)] == [
        "ANN-4",
        "Ann",
        "ann-3",
        "ann-2",
    ]
    assert not User.objects.filter(username_folded=None)
    arguments = [record.args for record in caplog.records]
    assert [tuple(it)[:2] for it in arguments if it] == [("ann", "ann-3"), ("ANN", "ANN-4")]


def test_the_sweep_folds_what_the_version_before_has_written(
    ann: Any, settings: SettingsWrapper
) -> None:
    settings.TWITTER_SWEEP_EVERY = 0
    User.objects.filter(pk=ann.pk).update(username_folded=None, name_folded="")

    sweep()

    ann.refresh_from_db()
    assert (ann.username_folded, ann.name_folded) == ("ann", "анна соколова")


@pytest.mark.parametrize(
    "query", ["Андрей", "андр", "ЙОД", unicodedata.normalize("NFD", "Йодов"), "семен"]
)
def test_people_are_found_by_their_name_in_any_case_and_form(db: Any, query: Any) -> None:
    person = make_person("a", unicodedata.normalize("NFD", "Андрей Йодов Семён"))

    assert person.name == "Андрей Йодов Семён"
    assert list(User.objects.named(query)) == [person]


def test_hashtags_that_are_now_the_same_are_merged(ann: Any) -> None:
    both, one = post_tweet(ann, "#елка #город"), post_tweet(ann, "#лес")
    old = Hashtag.objects.create(name="ёлка")
    for tweet in (both, one):
        tweet.taggings.create(hashtag=old)

    import_module("twitter.migrations.0014_fold_hashtags").merge(apps, None)

    assert sorted(Hashtag.objects.values_list("name", flat=True)) == ["город", "елка", "лес"]
    assert {tag.name for tag in both.tags.all()} == {"елка", "город"}
    assert {tag.name for tag in one.tags.all()} == {"елка", "лес"}
