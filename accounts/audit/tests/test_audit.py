"""What people do is written down, once, with where they did it from, and stays as it is."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit.models import AppendOnly, AuditEvent
from accounts.audit.recording import Action, purge, record
from accounts.audit.tasks import purge_events
from bots.models import Bot
from twitter import actions
from twitter.models import ApiKey, Tweet, User
from twitter.tests.conftest import caller
from twitter.tests.factories import make_tweets

ADDRESS = "192.0.2.9"
BROWSER = "Mozilla/5.0 (test)"
HEADERS: dict[str, Any] = {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": BROWSER}


def last() -> AuditEvent:
    return AuditEvent.objects.select_related("actor")[0]


def actions_of(name: str) -> list[str]:
    return list(AuditEvent.objects.filter(actor_name=name).values_list("action", flat=True))


def test_signing_in_and_out_is_recorded_with_its_origin(client: Client, ann: User) -> None:
    ann.set_password("correct horse")
    ann.save()

    client.post("/login", {"username": "ann", "password": "correct horse"}, **HEADERS)
    event = last()
    client.post("/logout", **HEADERS)

    assert (event.action, event.actor, event.actor_name) == (Action.SIGNED_IN, ann, "ann")
    assert (event.address, event.user_agent) == (ADDRESS, BROWSER)
    assert actions_of("ann") == [Action.SIGNED_OUT, Action.SIGNED_IN]


def test_a_failed_sign_in_is_recorded_without_the_password(client: Client, db: None) -> None:
    form = {"username": "nobody\0here", "password": "a wrong secret"}
    client.post(reverse("login"), {**form, "username": "nobody"}, **HEADERS)

    event = last()
    assert (event.action, event.actor, event.actor_name) == (Action.SIGN_IN_FAILED, None, "nobody")
    assert event.address == ADDRESS
    assert "secret" not in json.dumps(list(AuditEvent.objects.values()), default=str)


def test_a_change_of_the_password_is_recorded(client: Client, ann: User) -> None:
    ann.set_password("correct horse")
    ann.save()
    client.force_login(ann)
    form = {"oldpassword": "correct horse", "password1": "battery staple 7"}

    client.post(
        reverse("account_change_password"), {**form, "password2": form["password1"]}, **HEADERS
    )

    ann.refresh_from_db()
    assert ann.check_password("battery staple 7")
    changed = AuditEvent.objects.get(action=Action.PASSWORD_CHANGED)
    assert (changed.actor, changed.address) == (ann, ADDRESS)
    assert "staple" not in json.dumps(list(AuditEvent.objects.values()), default=str)


@pytest.mark.parametrize(
    ("signal", "action"),
    [(authenticator_added, Action.FACTOR_ADDED), (authenticator_removed, Action.FACTOR_REMOVED)],
)
def test_changes_of_second_factors_are_recorded(
    rf: Any, ann: User, signal: Any, action: Any
) -> None:
    factor = Authenticator.objects.create(
        user=ann, type=Authenticator.Type.TOTP, data={"secret": "s3"}
    )

    signal.send(sender=Authenticator, request=rf.get("/"), user=ann, authenticator=factor)

    assert (last().action, last().object_id, last().details) == (
        action,
        str(ann.pk),
        {"type": "totp"},
    )


def test_keys_are_recorded_when_made_and_revoked(signed_in: Client, ann: User) -> None:
    signed_in.post(reverse("make-key"), {"name": "reports", "scopes": ["read"]}, **HEADERS)
    made = last()
    key = ann.api_keys.get()
    signed_in.post(reverse("revoke", args=[key.pk]), **HEADERS)
    revoked = last()

    assert (made.action, revoked.action) == (Action.KEY_MADE, Action.KEY_REVOKED)
    assert (made.actor, made.object_type, made.object_id) == (ann, "twitter.apikey", str(key.pk))
    assert made.details == {"owner": "ann"}


def test_what_moderators_do_is_recorded_and_what_authors_do_with_their_own_is_not(
    ann: User, moderator: User, sockets: Any
) -> None:
    own, tweet = make_tweets(ann, 2)
    earlier = last().pk

    actions.delete_tweet(ann, own)
    actions.hide_tweet(moderator, tweet, "spam")
    actions.restore_tweet(moderator, tweet)

    restored, hidden = AuditEvent.objects.filter(pk__gt=earlier)
    assert (hidden.action, restored.action) == (Action.TWEET_HIDDEN, Action.TWEET_RESTORED)
    assert (hidden.actor, hidden.object_id) == (moderator, str(tweet.pk))
    assert hidden.details == {"author": "ann", "reason": "spam"}


def test_ending_an_account_is_one_event(ann: User, root: User, sockets: Any) -> None:
    make_tweets(ann, 5)

    actions.leave(root, ann, keeps_tweets=False)

    assert [event.action for event in AuditEvent.objects.all()] == [Action.ACCOUNT_ENDED]
    assert last().object_id == str(ann.pk)


def test_changes_of_permissions_name_what_was_given_and_taken(ann: User) -> None:
    group = Group.objects.create(name="Support")
    permission = Permission.objects.get(codename="moderate")

    ann.groups.add(group)
    given = last()
    ann.groups.clear()
    ann.user_permissions.add(permission)
    ann.user_permissions.remove(permission)
    group.permissions.set([permission])

    assert given.details == {"change": "added", "kind": "group", "names": ["Support"]}
    assert given.object_id == str(ann.pk)
    assert last().object_type == "auth.group"
    changes = [event.details["change"] for event in AuditEvent.objects.all()]
    assert changes == ["added", "removed", "added", "cleared", "added"]


def test_an_administrator_who_gives_powers_is_recorded(
    client: Client, root: User, ann: User
) -> None:
    client.force_login(root)
    page = reverse("admin:twitter_user_change", args=[ann.pk])
    form = {"name": "Анна", "username": "ann", "is_active": "on", "is_staff": "on"}
    for inline in client.get(page).context["inline_admin_formsets"]:
        form |= {f"{inline.formset.prefix}-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}

    response = client.post(page, form, **HEADERS)

    assert response.status_code == 302
    event = AuditEvent.objects.get(action=Action.CHANGED)
    assert (event.actor, event.object_type, event.address) == (root, "twitter.user", ADDRESS)
    assert "Staff status" in event.details_as_text()


@pytest.mark.parametrize("count", [1, 3])
def test_rows_deleted_from_a_list_are_recorded_each_once(
    client: Client, root: User, count: int
) -> None:
    client.force_login(root)
    groups = [Group.objects.create(name=f"group {n}") for n in range(count)]
    chosen = {"action": "delete_selected", "_selected_action": [group.pk for group in groups]}

    asked = client.post(reverse("admin:auth_group_changelist"), chosen)
    before = AuditEvent.objects.filter(action=Action.DELETED).count()
    client.post(reverse("admin:auth_group_changelist"), {**chosen, "post": "yes"}, **HEADERS)

    assert (asked.status_code, before) == (200, 0)
    deleted = AuditEvent.objects.filter(action=Action.DELETED, actor=root)
    assert sorted(event.object_name for event in deleted) == [group.name for group in groups]


def test_exports_are_recorded(client: Client, root: User, ann: User) -> None:
    client.force_login(root)
    chosen = {"action": "export_csv", "_selected_action": [ann.pk]}

    client.post(reverse("admin:twitter_user_changelist"), chosen, **HEADERS)

    assert (last().action, last().actor, last().object_name) == (
        Action.EXPORTED,
        root,
        "users.csv",
    )


def test_calls_of_the_api_are_recorded_with_their_origin(moderator: User, ann: User) -> None:
    tweet = Tweet.objects.create(author=ann, text="hello")

    caller(moderator).delete(f"/api/tweets/{tweet.pk}", **HEADERS)

    assert (last().action, last().actor, last().address) == (
        Action.TWEET_HIDDEN,
        moderator,
        ADDRESS,
    )


def test_an_event_costs_one_insert(ann: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        record(Action.EXPORTED, ann, actor=ann, file="people.csv")


def test_an_event_belongs_to_the_transaction_of_the_action(ann: User) -> None:
    with transaction.atomic():
        ApiKey.objects.make(ann, "reports")
        transaction.set_rollback(True)

    assert not AuditEvent.objects.exists()


def test_events_can_be_neither_changed_nor_deleted(ann: User) -> None:
    event = record(Action.SIGNED_IN, actor=ann)
    event.actor_name = "bob"

    for change in (
        event.save,
        event.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.update(actor_name="bob"),
    ):
        with pytest.raises(AppendOnly):
            change()

    assert last().actor_name == "ann"


def test_events_outlive_the_person(ann: User) -> None:
    record(Action.SIGNED_IN, actor=ann)

    ann.delete()

    assert (last().actor, last().actor_name) == (None, "ann")


def test_what_no_database_stores_is_made_storable(db: None) -> None:
    record(Action.SIGN_IN_FAILED, actor_name="a\0b\ud800", reason="c\0")

    assert (last().actor_name, last().details) == ("ab?", {"reason": "c"})


def test_old_events_are_purged(ann: User, settings: Any) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=settings.AUDIT_KEEP_DAYS, hours=1)):
        record(Action.SIGNED_IN, actor=ann)
        record(Action.SIGNED_OUT, actor=ann)
    kept = record(Action.SIGNED_IN, actor=ann)

    assert purge() == 2
    purge_events()

    assert list(AuditEvent.objects.all()) == [kept]


def test_the_admin_shows_events_and_changes_none(client: Client, root: User, ann: User) -> None:
    event = record(Action.SIGN_IN_FAILED, actor_name="ann", reason="why")
    client.force_login(root)
    listing, page = reverse("admin:audit_auditevent_changelist"), [event.pk]

    found = client.get(listing, {"q": "ann", "action__exact": "sign_in_failed"})
    shown = client.get(reverse("admin:audit_auditevent_change", args=page))
    changed = client.post(reverse("admin:audit_auditevent_change", args=page), {"actor_name": "x"})
    deleted = client.post(reverse("admin:audit_auditevent_delete", args=page), {"post": "yes"})

    assert "reason: why" in found.content.decode()
    assert (shown.status_code, changed.status_code, deleted.status_code) == (200, 403, 403)
    assert event in AuditEvent.objects.all()


def test_the_log_can_be_saved_as_csv_and_json(client: Client, root: User) -> None:
    event = record(Action.SIGN_IN_FAILED, actor_name="=ann", reason="why")
    client.force_login(root)
    listing, chosen = reverse("admin:audit_auditevent_changelist"), [event.pk]

    def saved(kind: str) -> str:
        response = client.post(
            listing, {"action": f"export_{kind}", "_selected_action": chosen}, **HEADERS
        )
        return b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]

    [row] = csv.DictReader(io.StringIO(saved("csv")))
    [found] = json.loads(saved("json"))

    assert (row["actor_name"], row["action"]) == ("'=ann", "sign_in_failed")
    assert (found["actor_name"], found["details"]) == ("=ann", {"reason": "why"})


def test_people_without_permission_do_not_see_the_log(client: Client, ann: User) -> None:
    ann.is_staff = True
    ann.save()
    client.force_login(ann)

    assert client.get(reverse("admin:audit_auditevent_changelist")).status_code == 403


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"actor_id": 1}, "audit_actor"),
        ({"action": "sign_in_failed"}, "audit_action"),
        ({"object_type": "twitter.tweet", "object_id": "7"}, "audit_object"),
    ],
)
def test_filters_use_an_index(db: None, query: dict[str, Any], index: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")

    assert index in AuditEvent.objects.filter(**query).order_by("-id")[:50].explain()


def test_the_purge_uses_an_index(db: None) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    old = AuditEvent.objects.filter(created_at__lt=timezone.now()).order_by("created_at")

    assert "audit_time" in old[:50].explain()


def test_settings_of_bots_changed_in_the_admin_are_recorded(client: Client, root: User) -> None:
    bot = Bot.objects.create(name="Helper", slug="helper")
    client.force_login(root)

    client.post(reverse("admin:bots_bot_delete", args=[bot.pk]), {"post": "yes"}, **HEADERS)

    assert last().object_type == "bots.bot"
