"""Accounts follow the people in Pachca: they come, change, leave and come back."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django.fixtures import SettingsWrapper

from accounts.audit.models import AuditEvent
from accounts.directory.models import Member
from accounts.directory.plan import make_plan
from accounts.directory.sync import TooManyBlocked, sync, take_over
from accounts.directory.tests.conftest import ask, ask_about
from accounts.pachca.models import AvatarDownload, PachcaGrant
from accounts.privacy.deletion import request_deletion
from accounts.privacy.tasks import delete_account
from bots.models import Bot, PachcaAccount
from realtime.register import EventRegister
from realtime.tests.clients import connected
from sandbox.actions import add_person, add_tag
from sandbox.models import Account
from twitter import actions
from twitter.models import ApiKey, Tweet, User


def account_of(person: Account) -> User:
    return User.objects.get(pachca_accounts__pachca_user_id=person.pk)


def suspend(person: Account, suspended: bool = True) -> None:
    person.suspended = suspended
    person.save()


@pytest.fixture
def synced(bot: Bot, olga: Account, boris: Account, settings: SettingsWrapper) -> None:
    """Olga and Boris have accounts; one of two may be blocked."""
    settings.DIRECTORY_MAX_BLOCKED_PERCENT = 50
    sync(ask())


# --- coming --------------------------------------------------------------------------------------


def test_accounts_exist_before_the_first_sign_in(bot: Bot, olga: Account) -> None:
    report = sync(ask())

    person = account_of(olga)
    assert (person.name, person.username) == ("Olga Orlova", "olga")
    assert report.added == 1
    event = AuditEvent.objects.get(action="account_added")
    assert (event.actor_name, event.object_id) == ("Pachca", str(person.pk))
    assert not User.objects.filter(name="Staff").exists()


def test_guests_suspended_people_and_bots_get_none(bot: Bot, olga: Account, boris: Account) -> None:
    suspend(olga)
    boris.role = "guest"
    boris.save()

    assert sync(ask()).added == 0


def test_accounts_are_only_created_where_that_is_wanted(
    bot: Bot, olga: Account, settings: SettingsWrapper
) -> None:
    settings.DIRECTORY_CREATE_ACCOUNTS = False

    assert sync(ask()).added == 0


def test_an_address_that_is_in_use_is_refused_and_the_others_are_added(
    bot: Bot, olga: Account, boris: Account
) -> None:
    User.objects.create_user("other", email="olga@sandbox.invalid")

    report = sync(ask())

    assert report.added == 1
    assert len(report.refused) == 1
    assert "Olga Orlova" in report.refused[0]


def test_a_second_sync_changes_nothing(synced: None) -> None:
    report = sync(ask())

    assert str(report) == (
        "0 added, 0 changed, 0 blocked, 0 unblocked, 0 with other groups, 0 refused"
    )


# --- changing ------------------------------------------------------------------------------------


def test_names_and_pictures_stay_current(synced: None, olga: Account) -> None:
    olga.first_name, olga.image_url = "Olya", "https://example.com/face.png"
    olga.save()

    sync(ask())

    assert account_of(olga).name == "Olya Orlova"
    assert AvatarDownload.objects.get().url == "https://example.com/face.png"


def test_a_name_that_was_changed_here_stays_until_it_changes_there(
    synced: None, olga: Account
) -> None:
    actions.change_profile(account_of(olga), name="Olga the Great")
    sync(ask())
    kept = account_of(olga).name
    olga.last_name = "Petrova"
    olga.save()

    sync(ask())

    assert kept == "Olga the Great"
    assert account_of(olga).name == "Olga Petrova"


def test_the_name_of_a_linked_account_is_its_own(bot: Bot, olga: Account) -> None:
    person = User.objects.create_user("ann", name="Ann")
    PachcaAccount.objects.link(person, olga.pk, in_sandbox=True)

    assert sync(ask()).added == 0

    assert account_of(olga) == person
    assert account_of(olga).name == "Ann"
    assert Member.objects.get().person == person


def test_tags_are_mapped_to_groups(
    bot: Bot, olga: Account, boris: Account, settings: SettingsWrapper
) -> None:
    settings.DIRECTORY_GROUPS = {"editors": "Editors"}
    other = Group.objects.create(name="Other")
    tag = add_tag("editors", [olga])
    sync(ask())
    person = account_of(olga)
    person.groups.add(other)
    tag.members.set([boris])

    assert sync(ask()).groups == 2

    assert [it.name for it in person.groups.all()] == ["Other"]
    assert [it.name for it in account_of(boris).groups.all()] == ["Editors"]


# --- leaving -------------------------------------------------------------------------------------


@pytest.mark.parametrize("leave", [suspend, Account.delete])
def test_who_leaves_is_blocked(synced: None, olga: Account, leave: Any) -> None:
    person, browser = account_of(olga), Client()
    browser.force_login(person)
    _, key = ApiKey.objects.make(person, "reports")
    tweet = actions.post_tweet(person, "hello")
    leave(olga)

    assert sync(ask()).blocked == 1

    person.refresh_from_db()
    assert not person.is_active
    assert browser.get("/account").status_code == 302
    assert Client(headers={"api-key": key}).get("/api/users/me").status_code == 401
    assert Tweet.objects.shown().get() == tweet
    assert AuditEvent.objects.get(action="account_blocked").object_id == str(person.pk)


def test_the_site_no_longer_acts_on_behalf_of_who_leaves(synced: None, olga: Account) -> None:
    link = PachcaAccount.objects.get(pachca_user_id=olga.pk)
    PachcaGrant.objects.create(account=link, token="secret")
    suspend(olga)

    sync(ask())

    assert not PachcaGrant.objects.exists()
    assert PachcaAccount.objects.filter(pk=link.pk).exists()


def test_tweets_of_who_leaves_can_be_hidden(
    synced: None, olga: Account, settings: SettingsWrapper, sockets: Any
) -> None:
    settings.DIRECTORY_HIDE_TWEETS = True
    actions.post_tweet(account_of(olga), "hello")
    suspend(olga)

    sync(ask())

    assert not Tweet.objects.shown().exists()


@pytest.mark.django_db(transaction=True)
async def test_the_open_connections_of_a_leaver_are_closed_within_two_seconds(
    broker: Any, settings: SettingsWrapper
) -> None:
    def begin() -> tuple[Account, Any]:
        add_person("Boris Bykov", "boris")
        olga = add_person("Olga Orlova", "olga")
        sync(ask())
        browser = Client()
        browser.force_login(account_of(olga))
        return olga, browser.cookies[settings.SESSION_COOKIE_NAME].value

    olga, session = await sync_to_async(begin)()
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}".encode()

    async with connected(EventRegister(), headers=[(b"cookie", cookie)]) as socket:
        await socket.emit("system.ping")
        assert (await socket.hear())[0] == "system.pong"
        await sync_to_async(suspend)(olga)
        await sync_to_async(lambda: sync(ask_about(olga)))()

        assert await socket.hear_close(timeout=2) == 4401


def test_who_unlinks_the_account_before_is_blocked_too(synced: None, olga: Account) -> None:
    person = account_of(olga)
    PachcaAccount.objects.all().delete()
    suspend(olga)

    sync(ask())

    assert not User.objects.get(pk=person.pk).is_active


def test_others_are_never_blocked(synced: None, olga: Account, root: User) -> None:
    stranger = User.objects.create_user("stranger")
    in_pachca = User.objects.create_user("other")
    PachcaAccount.objects.link(in_pachca, 77, in_sandbox=False)

    assert sync(ask()).blocked == 0

    assert User.objects.filter(pk__in=[stranger.pk, in_pachca.pk], is_active=True).count() == 2


def test_the_last_superuser_is_never_blocked(
    synced: None, olga: Account, caplog: pytest.LogCaptureFixture
) -> None:
    User.objects.filter(pk=account_of(olga).pk).update(is_superuser=True)
    suspend(olga)

    assert sync(ask()).blocked == 0
    assert "is the last superuser" in caplog.text

    User.objects.create_superuser("second")
    assert sync(ask()).blocked == 1


def test_who_has_another_pachca_account_stays(synced: None, olga: Account) -> None:
    person, second = account_of(olga), add_person("Olga Orlova", "olga2")
    PachcaAccount.objects.link(person, second.pk, in_sandbox=True)
    sync(ask())
    suspend(olga)

    assert sync(ask()).blocked == 0
    assert sync(ask_about(olga)).blocked == 0

    suspend(second)
    assert sync(ask()).blocked == 1


# --- coming back ---------------------------------------------------------------------------------


def test_who_is_activated_again_is_unblocked(synced: None, olga: Account) -> None:
    suspend(olga)
    sync(ask())
    suspend(olga, False)

    assert sync(ask()).unblocked == 1

    assert account_of(olga).is_active
    assert AuditEvent.objects.filter(action="account_unblocked").count() == 1


def test_who_was_blocked_by_an_administrator_stays_blocked(synced: None, olga: Account) -> None:
    actions.block(account_of(olga))
    suspend(olga)
    sync(ask())
    suspend(olga, False)

    assert sync(ask()).unblocked == 0
    assert not account_of(olga).is_active


@pytest.mark.parametrize("way", ["save", "update"])
def test_a_block_of_the_sync_that_an_administrator_has_ended_ends_no_later_block(
    synced: None, olga: Account, way: str
) -> None:
    person = account_of(olga)
    suspend(olga)
    sync(ask())
    suspend(olga, False)
    if way == "save":
        person.is_active = True
        person.save()
    else:
        User.objects.filter(pk=person.pk).update(is_active=True)
        sync(ask())
    actions.block(person)

    assert sync(ask()).unblocked == 0
    assert not account_of(olga).is_active


def test_an_account_that_was_ended_here_is_not_unblocked(
    synced: None, olga: Account, root: User
) -> None:
    suspend(olga)
    sync(ask())
    actions.leave(root, account_of(olga), keeps_tweets=True)
    suspend(olga, False)

    assert sync(ask()).unblocked == 0
    assert not account_of(olga).is_active


def test_a_block_is_not_passed_on_with_the_link(synced: None, olga: Account) -> None:
    suspend(olga)
    sync(ask())
    other = User.objects.create_user("other")
    PachcaAccount.objects.filter(pachca_user_id=olga.pk).update(person=other)
    suspend(olga, False)
    sync(ask())
    actions.block(other)

    assert sync(ask()).unblocked == 0
    assert not account_of(olga).is_active


@pytest.mark.parametrize("change", ["guest", "domain"])
def test_who_comes_back_without_the_right_to_an_account_stays_blocked(
    synced: None, olga: Account, settings: SettingsWrapper, change: str
) -> None:
    suspend(olga)
    sync(ask())
    if change == "guest":
        olga.role = "guest"
    else:
        settings.PACHCA_EMAIL_DOMAINS = ["example.com"]
    suspend(olga, False)

    assert sync(ask()).unblocked == 0
    assert not account_of(olga).is_active


def test_who_has_deleted_the_account_gets_no_new_one(synced: None, olga: Account) -> None:
    person = account_of(olga)
    delete_account(request_deletion(person).pk)

    report = sync(ask())

    assert report.added == report.unblocked == 0
    assert User.objects.get(pk=person.pk).name == "Deleted account"
    assert Member.objects.get(person=person).name == ""


def test_what_was_read_before_a_block_does_not_undo_it(synced: None, olga: Account) -> None:
    before = ask()
    suspend(olga)
    sync(ask_about(olga))

    assert sync(before).unblocked == 0

    assert not account_of(olga).is_active


def test_a_change_that_was_planned_before_an_account_has_ended_is_not_made(
    synced: None, olga: Account
) -> None:
    olga.first_name, olga.image_url = "Olya", "https://example.com/face.png"
    olga.save()
    plan = make_plan(ask())
    person = account_of(olga)
    delete_account(request_deletion(person).pk)

    assert [take_over(*it) for it in plan.change] == [False]

    assert User.objects.get(pk=person.pk).name == "Deleted account"
    assert not AvatarDownload.objects.exists()


# --- limits --------------------------------------------------------------------------------------


def many(count: int) -> list[Account]:
    return Account.objects.bulk_create(
        Account(nickname=f"p{number}", first_name=f"Person {number}") for number in range(count)
    )


def know(people: list[Account]) -> None:
    """Give people accounts with few statements."""
    users = User.objects.bulk_create(
        User(username=it.nickname, username_folded=it.nickname, name=it.first_name) for it in people
    )
    PachcaAccount.objects.bulk_create(
        PachcaAccount(person=user, pachca_user_id=it.pk, in_sandbox=True)
        for user, it in zip(users, people, strict=True)
    )
    sync(ask())


def test_a_sync_that_would_block_too_many_changes_nothing(
    bot: Bot, settings: SettingsWrapper
) -> None:
    people = many(20)
    know(people)
    Account.objects.filter(pk__in=[it.pk for it in people[:3]]).delete()

    with pytest.raises(TooManyBlocked, match=r"would block 3 of 20 accounts.* allows 2"):
        sync(ask())
    assert User.objects.filter(is_active=True).count() == 20

    assert sync(ask(), force=True).blocked == 3


def test_one_may_always_leave_unless_nobody_may(
    synced: None, olga: Account, settings: SettingsWrapper
) -> None:
    suspend(olga)
    settings.DIRECTORY_MAX_BLOCKED_PERCENT = 0
    with pytest.raises(TooManyBlocked):
        sync(ask())

    settings.DIRECTORY_MAX_BLOCKED_PERCENT = 1
    assert sync(ask()).blocked == 1


@pytest.mark.parametrize("count", [20, 1_000])
def test_the_number_of_queries_does_not_depend_on_the_number_of_people(
    bot: Bot, count: int, settings: SettingsWrapper, django_assert_num_queries: Any
) -> None:
    settings.DIRECTORY_GROUPS = {"editors": "Editors"}
    know(many(count))
    roster = ask()

    with django_assert_num_queries(4):
        plan = make_plan(roster)
    assert (plan.active, list(plan.lines())) == (count, [])

    with django_assert_num_queries(4):
        sync(roster)
