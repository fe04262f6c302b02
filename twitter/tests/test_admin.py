import csv
import json
import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.handlers.asgi import ASGIRequest
from django.utils import timezone
from hypothesis import given, strategies

from twitter.actions import delete_tweet, post_tweet, repost
from twitter.admin.export import escape_formula
from twitter.admin.tweets import TweetAdmin
from twitter.models import ApiKey, Media, Tweet, User
from twitter.models.tags import Tagging


@pytest.fixture(autouse=True)
def quiet(sockets: Any) -> None:
    """Nothing here leaves for a broker."""


PAGES = ["user", "apikey", "tweet", "media", "hashtag"]


@pytest.fixture
def staff(signed_in: Any, ann: Any) -> Any:
    User.objects.update(is_staff=True, is_superuser=True)
    return signed_in


@pytest.mark.parametrize("model", PAGES)
def test_every_list_opens_and_searches(staff: Any, ann: Any, model: Any, picture_of: Any) -> None:
    post_tweet(ann, "one #ann")
    ApiKey.objects.make(ann, "laptop")
    picture_of(ann)

    assert staff.get(f"/admin/twitter/{model}/", {"q": "ann"}).status_code == 200


@pytest.mark.parametrize("model", PAGES)
def test_every_row_opens(staff: Any, ann: Any, model: Any, picture_of: Any) -> None:
    post_tweet(ann, "one #ann", [picture_of(ann)])
    ApiKey.objects.make(ann, "laptop")

    pk = apps.get_model("twitter", model).objects.first().pk

    assert staff.get(f"/admin/twitter/{model}/{pk}/change/").status_code == 200


def test_a_key_is_shown_once_when_it_is_made(staff: Any, ann: Any) -> None:
    answer = staff.post(
        "/admin/twitter/apikey/add/",
        {"owner": ann.pk, "name": "laptop", "scopes": ["read"]},
        follow=True,
    )
    (key,) = re.findall(r"[\w-]{43}", str(next(iter(answer.context["messages"]))))

    assert ApiKey.objects.find_owner(key) == ann
    assert key not in staff.get("/admin/twitter/apikey/").content.decode()


def test_keys_are_revoked_and_never_changed(staff: Any, ann: Any) -> None:
    made, key = ApiKey.objects.make(ann, "laptop")

    staff.post(f"/admin/twitter/apikey/{made.pk}/change/", {"name": "another"})
    staff.post("/admin/twitter/apikey/", {"action": "revoke", "_selected_action": [made.pk]})

    made.refresh_from_db()
    assert made.name == "laptop"
    assert ApiKey.objects.find_owner(key) is None


def test_a_person_is_made_with_a_name(staff: Any) -> None:
    form = {
        "name": "Борис",
        "username": "boris",
        "password1": "Xk3-vvv-91",
        "usable_password": "true",
    }
    staff.post("/admin/twitter/user/add/", {**form, "password2": "Xk3-vvv-91"})

    assert User.objects.get(username="boris").name == "Борис"


def act(client: Any, model: Any, action: Any, *rows: Any, **more: Any) -> Any:
    chosen = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return client.post(f"/admin/twitter/{model}/", chosen)


def log_entries(person: Any) -> Any:
    return LogEntry.objects.filter(user=person).values_list("change_message", flat=True)


def test_a_person_is_blocked_and_let_in_again(staff: Any, ann: Any, bob: Any, root: Any) -> None:
    _made, key = ApiKey.objects.make(bob, "laptop")

    act(staff, "user", "block", ann, bob)
    assert ApiKey.objects.find_owner(key) is None
    assert User.objects.get(pk=ann.pk).is_active, "staff cannot block themselves"
    act(staff, "user", "unblock", bob)

    assert ApiKey.objects.find_owner(key) == bob
    assert len(log_entries(ann)) == 2


@pytest.mark.parametrize(
    ("action", "left"), [("end_and_keep_tweets", 1), ("end_and_hide_tweets", 0)]
)
def test_who_leaves_keeps_or_loses_the_tweets(
    staff: Any, ann: Any, bob: Any, action: str, left: int
) -> None:
    post_tweet(bob, "mine")

    act(staff, "user", action, bob)

    bob.refresh_from_db()
    assert not bob.is_active
    assert Tweet.objects.feed().count() == left
    assert len(log_entries(ann)) == 1


def test_nobody_is_deleted_with_all_that_they_wrote(staff: Any, bob: Any) -> None:
    assert staff.get(f"/admin/twitter/user/{bob.pk}/delete/").status_code == 403


def test_staff_give_themselves_no_powers(client: Any, bob: Any, root: Any) -> None:
    bob.is_staff = True
    bob.save()
    may = ["change_user", "view_user", "add_apikey", "view_apikey"]
    bob.user_permissions.set(Permission.objects.filter(codename__in=may))
    client.force_login(bob)

    powers = {"name": "Боб", "username": "bob", "is_active": "on", "is_superuser": "on"}
    client.post(f"/admin/twitter/user/{bob.pk}/change/", powers)
    act(client, "user", "block", root)
    client.post(
        "/admin/twitter/apikey/add/", {"owner": root.pk, "name": "stolen", "scopes": ["read"]}
    )

    bob.refresh_from_db()
    root.refresh_from_db()
    assert (bob.name, bob.is_superuser) == ("Боб", False)
    assert root.is_active
    assert not root.api_keys.exists()


@pytest.fixture
def moderating(client: Any, bob: Any) -> Any:
    """Somebody of the group of moderators, in the admin."""
    bob.is_staff = True
    bob.save()
    bob.groups.add(Group.objects.get(name="Модераторы"))
    client.force_login(bob)
    return client


def test_a_moderator_hides_for_a_reason_and_restores(moderating: Any, ann: Any, bob: Any) -> None:
    tweet = post_tweet(ann, "rude words")

    asked = act(moderating, "tweet", "hide", tweet)
    assert "rude words" in asked.content.decode()
    act(moderating, "tweet", "hide", tweet, reason="rude")
    assert "Hidden tweets: 1." in moderating.get("/admin/twitter/tweet/").content.decode()
    tweet.refresh_from_db()
    assert (tweet.hidden_by, tweet.hidden_reason) == (bob, "rude")
    act(moderating, "tweet", "restore", tweet)

    tweet.refresh_from_db()
    assert tweet.hidden_at is None
    assert len(log_entries(bob)) == 2


def test_a_tweets_own_page_offers_to_hide_and_to_restore_it(
    moderating: Any, ann: Any, bob: Any
) -> None:
    tweet = post_tweet(ann, "rude words")
    page = f"/admin/twitter/tweet/{tweet.pk}/change/"
    hide, restore = (
        f"/admin/twitter/tweet/{tweet.pk}/{name}_this/" for name in ("hide", "restore")
    )

    offered = moderating.get(page).content.decode()
    asked = moderating.get(hide).content.decode()
    refused = moderating.post(hide, {"_form_submitted": "True", "reason": ""})
    moderating.post(hide, {"_form_submitted": "True", "reason": "rude"})

    tweet.refresh_from_db()
    assert hide in offered
    assert restore not in offered
    assert 'name="reason"' in asked
    assert "autofocus" in asked
    assert refused.status_code == 200
    assert (tweet.hidden_by, tweet.hidden_reason) == (bob, "rude")
    assert restore in moderating.get(page).content.decode()
    moderating.post(restore)
    tweet.refresh_from_db()
    assert tweet.hidden_at is None


def test_the_page_that_asks_for_a_reason_explains_and_can_be_left(
    moderating: Any, ann: Any
) -> None:
    tweet = post_tweet(ann, "rude words")

    asked = act(moderating, "tweet", "hide", tweet).content.decode()

    assert "Hide tweets" in asked
    assert "You can restore them here." in asked
    assert ">Cancel</a>" in asked


def test_a_moderator_may_do_nothing_else(moderating: Any, ann: Any, root: Any) -> None:
    tweet = post_tweet(ann, "words")

    seen = {model: moderating.get(f"/admin/twitter/{model}/").status_code for model in PAGES}
    moderating.post(f"/admin/twitter/tweet/{tweet.pk}/change/", {"text": "others"})
    for action in ("block", "end_and_hide_tweets", "export_csv"):
        answer = act(moderating, "user", action, ann)
        assert "Content-Disposition" not in answer

    ann.refresh_from_db()
    tweet.refresh_from_db()
    assert seen == {"user": 200, "apikey": 403, "tweet": 200, "media": 200, "hashtag": 200}
    assert (ann.is_active, tweet.text) == (True, "words")
    assert moderating.get("/admin/bots/bot/").status_code == 403


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("kind=tweet", {"words", "seen", "gone"}),
        ("kind=reply", {"answer"}),
        ("kind=repost", {""}),
        ("kind=pictures", {"seen"}),
        ("hidden_at__isempty=0", {"gone"}),
        ("q=wor", {"words"}),
    ],
)
def test_tweets_are_filtered(
    staff: Any, ann: Any, bob: Any, picture_of: Any, query: str, texts: Any
) -> None:
    tweet = post_tweet(ann, "words")
    post_tweet(bob, "answer", reply_to=tweet)
    repost(bob, tweet)
    post_tweet(ann, "seen", [picture_of(ann)])
    delete_tweet(ann, post_tweet(ann, "gone"))

    found = staff.get(f"/admin/twitter/tweet/?{query}").context["cl"].result_list

    assert {each.text for each in found} == texts


def test_the_list_of_tweets_costs_a_fixed_number_of_queries(
    staff: Any, ann: Any, picture_of: Any, django_assert_max_num_queries: Any
) -> None:
    for text in "abcdef":
        post_tweet(ann, text)
    post_tweet(ann, "seen", [picture_of(ann)])

    with django_assert_max_num_queries(10):
        assert "/api/medias/p-t.png" in staff.get("/admin/twitter/tweet/").content.decode()


@pytest.mark.parametrize("model", ["user", "tweet", "media", "hashtag"])
def test_rows_are_saved_as_json(staff: Any, ann: Any, model: str, picture_of: Any) -> None:
    post_tweet(ann, "one #tag")
    picture_of(ann)
    (row, *_rest) = apps.get_model("twitter", model).objects.all()

    answer = act(staff, model, "export_json", row)
    (saved,) = json.loads(b"".join(answer.streaming_content))

    assert saved["id"] == row.pk
    assert answer["Content-Disposition"] == f'attachment; filename="{model}s.json"'
    assert len(log_entries(ann)) == 1


def test_nothing_that_people_wrote_is_a_formula_in_a_saved_table(staff: Any, ann: Any) -> None:
    tweet = post_tweet(ann, "=HYPERLINK(1)")

    table = b"".join(act(staff, "tweet", "export_csv", tweet).streaming_content).decode("utf-8-sig")
    _names, row = csv.reader(table.splitlines())

    assert row[2] == "'=HYPERLINK(1)"


def test_the_trends_of_a_week_lead_the_hashtags(staff: Any, ann: Any, bob: Any) -> None:
    for person, text in [(ann, "#two"), (bob, "#two"), *[(ann, f"#one {n}") for n in range(3)]]:
        post_tweet(person, text)
    for n in range(4):
        post_tweet(ann, f"#old {n}")
    long_ago = timezone.now() - timedelta(days=8)
    Tagging.objects.filter(hashtag__name="old").update(created_at=long_ago)

    tags = staff.get("/admin/twitter/hashtag/").context["cl"].result_list

    assert [(tag.name, tag.recent_people, tag.recent_tweets, tag.tweets_count) for tag in tags] == [
        ("two", 2, 2, 2),
        ("one", 1, 3, 3),
        ("old", 0, 0, 4),
    ]


@given(strategies.text())
def test_a_cell_never_begins_as_a_formula(text: Any) -> None:
    assert not escape_formula(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_under_asgi_a_table_is_streamed_by_an_asynchronous_iterator(staff: Any, ann: Any) -> None:
    tweet = post_tweet(ann, "streamed")
    request = ASGIRequest({"type": "http", "method": "GET", "path": "/", "headers": []}, BytesIO())
    request.user = ann

    async def read(answer: Any) -> Any:
        return b"".join([part async for part in answer])

    answer = TweetAdmin(Tweet, admin.site).export_csv(request, Tweet.objects.filter(pk=tweet.pk))

    assert b"streamed" in async_to_sync(read)(answer)


def test_a_picture_without_a_description_is_a_link_with_a_name(
    staff: Any, ann: Any, picture_of: Any
) -> None:
    media = picture_of(ann)
    Media.objects.update(alt="")

    assert f">#{media.pk}</a>" in staff.get("/admin/twitter/media/").content.decode()
