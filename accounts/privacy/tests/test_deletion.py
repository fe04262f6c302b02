"""People delete their own account: access ends, the data is deleted, others lose nothing."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from asgiref.sync import sync_to_async
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from accounts.actions import confirm_email, invite
from accounts.audit.models import AuditEvent
from accounts.models import Invitation
from accounts.privacy.actions import request_export
from accounts.privacy.deletion import request_deletion
from accounts.privacy.models import AccountDeletion, DataExport
from accounts.privacy.tasks import delete_account, sweep
from accounts.privacy.tasks import export as run_export
from accounts.signals import account_deleted
from bots.models import LinkCode, PachcaAccount
from jobs.rows import State
from realtime.register import EventRegister
from realtime.tests.clients import connected
from tts.models import Speech
from twitter import actions
from twitter.models import ApiKey, Bookmark, Follow, Like, Media, Mention, Notification, Tweet, User
from twitter.tests.factories import make_person, picture

PASSWORD = "correct horse battery"


@pytest.fixture
def confirmed(client: Client, ann: User) -> Client:
    """A client through which Ann has signed in and entered her password again."""
    ann.set_password(PASSWORD)
    ann.save()
    client.force_login(ann)
    client.post("/account/confirm?next=/account/delete", {"password": PASSWORD})
    return client


def delete(person: User) -> User:
    """Delete a person's account, as the worker does; return the row that is left."""
    delete_account(request_deletion(person).pk)
    return User.objects.get(pk=person.pk)


# --- the page ------------------------------------------------------------------------------------


def test_the_page_asks_for_the_password_first(client: Client, ann: User) -> None:
    ann.set_password(PASSWORD)
    ann.save()
    client.force_login(ann)

    asked = client.get("/account/delete")
    wrong = client.post(asked.headers["Location"], {"password": "a guess"})
    right = client.post(asked.headers["Location"], {"password": PASSWORD}, follow=True)

    assert asked.headers["Location"] == "/account/confirm?next=%2Faccount%2Fdelete"
    assert wrong.status_code == 200
    assert right.redirect_chain[-1] == ("/account/delete", 302)
    assert "What stays" in right.content.decode()


def test_who_has_no_password_signs_in_once_more(client: Client, ann: User) -> None:
    ann.set_unusable_password()
    ann.save()
    client.force_login(ann)
    fresh = client.get("/account/delete")

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        later = client.get("/account/delete")

    assert fresh.status_code == 200
    assert later.headers["Location"] == "/login?next=/account/delete"
    assert "_auth_user_id" not in client.session


def test_the_username_confirms(confirmed: Client, ann: User) -> None:
    refused = confirmed.post("/account/delete", {"username": "bob"})
    assert "Enter “ann” to confirm." in refused.content.decode()
    assert not AccountDeletion.objects.exists()

    done = confirmed.post("/account/delete", {"username": "@Ann"}, follow=True)

    assert done.redirect_chain == [("/login", 302)]
    assert "Your account is being deleted" in done.content.decode()
    assert AccountDeletion.objects.get().person == ann


def test_it_is_announced_from_the_page_with_ones_data(confirmed: Client) -> None:
    page = confirmed.get("/account/data").content.decode()

    assert 'href="/account/delete"' in page


def test_the_only_administrator_cannot_leave(client: Client, root: User) -> None:
    root.set_unusable_password()
    root.save()
    client.force_login(root)

    page = client.post("/account/delete", {"username": "root"})

    assert page.status_code == 200
    assert "You are the only administrator" in page.content.decode()
    assert User.objects.get(pk=root.pk).is_active


def test_one_of_two_administrators_can(root: User) -> None:
    other = User.objects.create_superuser("olga")

    request_deletion(other)

    with pytest.raises(PermissionDenied):
        request_deletion(root)


# --- access --------------------------------------------------------------------------------------


def test_sessions_keys_links_and_codes_end_at_once(
    confirmed: Client, ann: User, root: User
) -> None:
    elsewhere = Client()
    elsewhere.force_login(ann)
    _, key = ApiKey.objects.make(ann, "reports")
    invite(root, person=ann)
    PachcaAccount.objects.link(ann, 12, in_sandbox=False)
    LinkCode.objects.make(ann)

    confirmed.post("/account/delete", {"username": "ann"})

    assert elsewhere.get("/account").status_code == 302
    assert Client(headers={"api-key": key}).get("/api/users/me").status_code == 401
    assert not Invitation.objects.open().exists()
    assert PachcaAccount.objects.get().person_id == ann.pk  # the worker tells Pachca first
    assert not LinkCode.objects.exists()
    assert not User.objects.get(pk=ann.pk).is_active


@pytest.mark.django_db(transaction=True)
async def test_open_connections_are_closed_within_two_seconds(
    broker: Any, settings: SettingsWrapper
) -> None:
    ann = await sync_to_async(make_person)("ann")
    browser = Client()
    await sync_to_async(browser.force_login)(ann)
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}".encode()

    async with connected(EventRegister(), headers=[(b"cookie", cookie)]) as socket:
        await socket.emit("system.ping")
        assert (await socket.hear())[0] == "system.pong"
        await sync_to_async(request_deletion)(ann)

        assert await socket.hear_close(timeout=2) == 4401


def test_a_second_request_changes_nothing(ann: User) -> None:
    first = request_deletion(ann)

    assert request_deletion(ann) == first
    assert AuditEvent.objects.filter(action="account_deleted", actor=ann).count() == 1


# --- the data ------------------------------------------------------------------------------------


def test_everything_of_the_person_is_deleted(
    ann: User, bob: User, sockets: Any, django_capture_on_commit_callbacks: Any
) -> None:
    media = actions.upload_media(ann, picture())
    unposted = actions.upload_media(ann, picture())
    actions.upload_avatar(ann, picture())
    files = [str(media.file.name), str(unposted.file.name), str(ann.avatar.name)]
    own = actions.post_tweet(ann, "hello #world", [media])
    other = actions.post_tweet(bob, "dear @ann")
    for react in (actions.like, actions.bookmark, actions.repost):
        react(ann, other)
    actions.follow(ann, bob)
    actions.follow(bob, ann)
    actions.like(bob, own)
    actions.repost(bob, own)
    ApiKey.objects.make(ann, "reports")
    confirm_email(ann, "ann@example.com")
    Authenticator.objects.create(user=ann, type="totp", data={})
    Speech.objects.create(owner=ann, audio=actions.listen(other).audio, text_length=1)
    run_export(request_export(ann).pk)
    files.append(str(DataExport.objects.get().file.name))
    LogEntry.objects.log_actions(bob.pk, [ann], CHANGE, single_object=True)

    with django_capture_on_commit_callbacks(execute=True):
        left = delete(ann)

    assert (left.username, left.name, left.email) == (f"deleted-{ann.pk}", "Deleted account", "")
    assert [left.is_active, left.has_usable_password(), left.avatar.name] == [False, False, ""]
    assert [it.text for it in Tweet.objects.all()] == ["dear @ann"]
    for model in (Like, Bookmark, Follow, Mention, Notification, Media, ApiKey, DataExport):
        assert not model.objects.exists(), model
    assert not EmailAddress.objects.exists()
    assert not Authenticator.objects.exists()
    assert not Speech.objects.filter(owner=ann).exists()
    assert [name for name in files if default_storage.exists(name)] == []
    assert "Анна" not in LogEntry.objects.get().object_repr
    stays = Tweet.objects.get()
    assert (stays.likes_count, stays.reposts_count) == (0, 0)
    bob.refresh_from_db()
    assert (bob.followers_count, bob.following_count) == (0, 0)
    assert ("person.left", {"id": ann.pk, "tweets": "hidden"}) in sockets.received


def test_replies_of_others_stay_together(ann: User, bob: User, client: Client) -> None:
    root = actions.post_tweet(ann, "who is coming?")
    reply = actions.post_tweet(bob, "I am", reply_to=root)
    own = actions.post_tweet(ann, "great", reply_to=reply)
    last = actions.post_tweet(bob, "see you", reply_to=own)

    delete(ann)
    client.force_login(bob)
    page = client.get(f"/tweets/{last.pk}").content.decode()

    assert "I am" in page
    assert "see you" in page
    assert "who is coming?" not in page
    assert "great" not in page
    assert client.get(f"/tweets/{root.pk}").status_code == 404
    assert not Tweet.objects.feed().exists()
    assert [it.text for it in Tweet.objects.filter(author=ann)] == ["", ""]


def test_more_than_a_batch_is_deleted(ann: User, bob: User) -> None:
    Tweet.objects.bulk_create(Tweet(author=ann, text=str(number)) for number in range(450))
    theirs = Tweet.objects.bulk_create(Tweet(author=bob, text=str(number)) for number in range(250))
    Like.objects.bulk_create(Like(person=ann, tweet=tweet) for tweet in theirs)
    Tweet.objects.filter(author=bob).update(likes_count=1)

    delete(ann)

    assert not Tweet.objects.filter(author=ann).exists()
    assert not Like.objects.exists()
    assert not Tweet.objects.filter(likes_count=1).exists()


def test_the_username_becomes_free(ann: User) -> None:
    User.objects.create_user(f"deleted-{ann.pk}")

    left = delete(ann)

    assert left.username.startswith(f"deleted-{ann.pk}-")
    assert User.objects.create_user("ann")


def test_the_message_tells_in_the_persons_language(
    ann: User, mailoutbox: Any, settings: SettingsWrapper, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_IS_CONFIGURED = True
    ann.language = "ru"
    ann.save()
    confirm_email(ann, "ann@example.com")

    delete(ann)

    assert [message.to for message in mailoutbox] == [["ann@example.com"]]
    assert "удал" in mailoutbox[0].subject
    assert AccountDeletion.objects.get().email == ""


def test_other_apps_are_told(ann: User) -> None:
    told = []

    def note(person: User, **_signal: Any) -> None:
        told.append(person.username)

    account_deleted.connect(note)
    try:
        delete(ann)
    finally:
        account_deleted.disconnect(note)

    assert told == [f"deleted-{ann.pk}"]


def test_a_failure_is_tried_again_without_end(ann: User, caplog: Any) -> None:
    def fail(**_signal: Any) -> None:
        raise OSError("disk")

    row = request_deletion(ann)
    AccountDeletion.objects.update(attempts=100)
    account_deleted.connect(fail)
    try:
        delete_account(row.pk)
    finally:
        account_deleted.disconnect(fail)
    waiting = AccountDeletion.objects.get()
    AccountDeletion.objects.update(due_at=timezone.now())
    delete_account(row.pk)

    assert (waiting.state, waiting.error) == (State.WAITING, "OSError")
    assert "could not be deleted" in caplog.text
    assert AccountDeletion.objects.get().state == State.DONE


def test_the_sweep_rings_for_a_deletion_whose_task_was_lost(ann: User) -> None:
    request_deletion(ann)

    sweep()

    assert AccountDeletion.objects.get().state in (State.WAITING, State.DONE)
