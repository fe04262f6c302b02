"""Each role may do what its job needs; readers post nowhere, and everybody else as before."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.roles.assignment import roles_of, set_roles
from accounts.roles.definitions import ADMINISTRATOR, AUTHOR, BY_GROUP, ROLES, Role
from bots.handlers.microblog import post as post_from_pachca
from twitter import actions
from twitter.models import Media, Tweet, User
from twitter.tests.conftest import caller
from twitter.tests.factories import make_person, picture

OWN_APPS = ("accounts", "bots", "realtime", "tts", "twitter")


def names_of(permissions: Any) -> set[str]:
    rows = permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


@pytest.fixture
def reader(db: None) -> User:
    person = make_person("rita", "Рита")
    set_roles(person, ["reader"])
    return User.objects.get(pk=person.pk)


@pytest.mark.parametrize("role", ROLES.values(), ids=ROLES)
def test_each_group_has_the_permissions_of_its_role(db: None, role: Role) -> None:
    assert names_of(role.group.permissions) == role.permissions


def test_roles_name_no_permission_that_does_not_exist(db: None) -> None:
    named = set().union(*(role.permissions for role in ROLES.values()))

    assert named - names_of(Permission.objects) == set()


def test_administrators_have_every_permission_of_our_apps(db: None) -> None:
    every = names_of(Permission.objects.filter(content_type__app_label__in=OWN_APPS))

    assert every - ADMINISTRATOR.permissions == set()


def test_only_administrators_manage_people_keys_and_bots() -> None:
    powers = {"twitter.change_user", "twitter.add_apikey", "bots.change_bot", "twitter.delete_user"}

    able = {role.key for role in ROLES.values() if role.permissions & powers}
    assert able == {"administrator"}


def test_people_without_a_role_are_authors(ann: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert ann.has_perm("twitter.post_tweet")


def test_a_reader_reads_and_reacts_but_posts_nothing(reader: User, ann: User, sockets: Any) -> None:
    tweet = actions.post_tweet(ann, "hello")

    actions.like(reader, tweet)
    actions.bookmark(reader, tweet)
    actions.follow(reader, ann)

    for refused in (
        lambda: actions.post_tweet(reader, "hi"),
        lambda: actions.post_tweet(reader, "hi", reply_to=tweet),
        lambda: actions.repost(reader, tweet),
        lambda: actions.upload_media(reader, picture()),
    ):
        with pytest.raises(PermissionDenied, match="reading only"):
            refused()
    assert (Tweet.objects.count(), Media.objects.count()) == (1, 0)


def test_who_becomes_a_reader_can_no_longer_edit_what_was_posted(ann: User, sockets: Any) -> None:
    tweet = actions.post_tweet(ann, "hello")
    set_roles(ann, ["reader"])

    with pytest.raises(PermissionDenied):
        actions.edit_tweet(ann, tweet, "changed")
    actions.delete_tweet(ann, tweet)


def test_the_api_refuses_readers(reader: User) -> None:
    answer = caller(reader).post("/api/tweets", {"tweet_data": "hi"}, "application/json")

    assert answer.status_code == 403
    assert answer.json()["error_type"] == "permission_denied"
    assert caller(reader).get("/api/tweets").status_code == 200


def test_a_key_that_was_just_used_obeys_a_new_role_at_once(
    ann: User, django_capture_on_commit_callbacks: Any
) -> None:
    client = caller(ann)
    with django_capture_on_commit_callbacks(execute=True):
        set_roles(ann, ["reader"])

    answer = client.post("/api/tweets", {"tweet_data": "hi"}, "application/json")

    assert answer.status_code == 403


def test_pages_offer_readers_nothing_to_post_with(reader: User, client: Client, ann: User) -> None:
    tweet = Tweet.objects.create(author=ann, text="hello")
    client.force_login(reader)

    feed, thread = client.get("/"), client.get(f"/tweets/{tweet.pk}")
    posted = client.post("/post", {"text": "hi"})
    reposted = client.post(f"/tweets/{tweet.pk}/repost")

    assert 'id="compose"' not in feed.content.decode() + thread.content.decode()
    assert 'class="act repost"' not in feed.content.decode()
    assert (posted.status_code, reposted.status_code) == (403, 403)


def test_pachca_says_why_a_reader_cannot_post(reader: User) -> None:
    assert "reading only" in post_from_pachca(reader, "hi")
    assert not Tweet.objects.exists()


@pytest.mark.parametrize("other", sorted(ROLES.keys() - {"reader"}))
def test_any_other_role_lets_a_reader_post(reader: User, other: str, sockets: Any) -> None:
    set_roles(reader, ["reader", other])

    actions.post_tweet(User.objects.get(pk=reader.pk), "hi")

    assert Tweet.objects.get().author == reader


def test_a_group_of_ones_own_may_let_readers_post(reader: User, sockets: Any) -> None:
    guests = Group.objects.create(name="Guest authors")
    guests.permissions.add(Permission.objects.get(codename="post_tweet"))
    reader.groups.add(guests)

    actions.post_tweet(User.objects.get(pk=reader.pk), "hi")

    assert Tweet.objects.get().author == reader


def test_roles_are_set_and_taken_without_touching_other_groups(ann: User) -> None:
    own = Group.objects.create(name="Football")
    ann.groups.add(own)

    set_roles(ann, ["reader", "operator"])
    set_roles(ann, ["moderator"])

    assert roles_of(ann) == {"moderator"}
    assert own in ann.groups.all()
    with pytest.raises(KeyError):
        set_roles(ann, ["king"])


def test_roles_with_work_in_the_admin_open_it_and_close_it_again(ann: User, bob: User) -> None:
    set_roles(ann, ["moderator", "operator"])
    ROLES["operator"].group.user_set.add(bob)
    opened = [User.objects.get(pk=person.pk).is_staff for person in (ann, bob)]

    set_roles(ann, ["operator"])
    still = User.objects.get(pk=ann.pk).is_staff
    set_roles(ann, ["author"])
    ROLES["operator"].group.user_set.remove(bob)
    closed = [User.objects.get(pk=person.pk).is_staff for person in (ann, bob)]

    assert (opened, still, closed) == ([True, True], True, [False, False])


def test_staff_by_hand_stay_staff(ann: User, root: User) -> None:
    ann.is_staff = True
    ann.save()

    set_roles(ann, ["author"])
    set_roles(root, ["moderator"])
    set_roles(root, [])

    assert User.objects.get(pk=ann.pk).is_staff
    assert User.objects.get(pk=root.pk).is_staff


def test_the_last_role_of_a_reader_gone_makes_an_author(reader: User, bob: User) -> None:
    reader.groups.clear()
    ROLES["reader"].group.user_set.add(bob)

    assert not User.objects.get(pk=reader.pk).is_reader
    assert User.objects.get(pk=bob.pk).is_reader


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_admin_describes_the_roles(client: Client, root: User, language: str) -> None:
    client.force_login(root)
    client.post(reverse("set_language"), {"language": language})

    page = client.get(reverse("admin:auth_group_changelist")).content.decode()

    with override(language):
        for role in ROLES.values():
            assert role.group_name in page
            assert str(role.description) in page


def test_a_role_can_be_neither_renamed_nor_deleted(client: Client, root: User) -> None:
    client.force_login(root)
    page = [AUTHOR.group.pk]

    client.post(reverse("admin:auth_group_change", args=page), {"name": "Kings"})
    deleted = client.post(reverse("admin:auth_group_delete", args=page), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": page, "post": "yes"}
    client.post(reverse("admin:auth_group_changelist"), chosen)

    assert deleted.status_code == 403
    assert set(BY_GROUP) <= set(Group.objects.values_list("name", flat=True))


@pytest.mark.parametrize(
    "role", [each for each in ROLES.values() if each.is_staff], ids=lambda role: role.key
)
def test_each_role_opens_the_lists_that_it_may_see_and_no_others(
    client: Client, ann: User, role: Role
) -> None:
    set_roles(ann, [role.key])
    client.force_login(User.objects.get(pk=ann.pk))

    lists = {
        "twitter.view_user": "admin:twitter_user_changelist",
        "twitter.view_apikey": "admin:twitter_apikey_changelist",
        "twitter.view_tweet": "admin:twitter_tweet_changelist",
        "bots.view_bot": "admin:bots_bot_changelist",
        "bots.view_update": "admin:bots_update_changelist",
        "bots.view_broadcast": "admin:bots_broadcast_changelist",
        "tts.view_speech": "admin:tts_speech_changelist",
        "audit.view_auditevent": "admin:audit_auditevent_changelist",
        "auth.view_group": "admin:auth_group_changelist",
    }
    statuses = {name: client.get(reverse(page)).status_code for name, page in lists.items()}

    assert statuses == {name: 200 if name in role.permissions else 403 for name in lists}
    assert client.get(reverse("admin:index")).status_code == 200
