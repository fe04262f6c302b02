"""Broadcasts: each person once, a few at a time, through pauses and crashes."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, SettingsWrapper

from bots.broadcasts import actions, sending
from bots.broadcasts.sending import MAX_IN_FLIGHT
from bots.framework.api import attachments, run
from bots.framework.events.errors import BadAnswer
from bots.models import Broadcast, Delivery, PachcaAccount, Recipient, Stage
from bots.runtime import delivery as deliver
from bots.testing import bot_client as bot_client

PEOPLE = [{"id": number, "bot": False, "suspended": False} for number in range(1, 25)]


@pytest.fixture
def company(pachca: Any) -> Any:
    """24 people, of whom 3 have a tag; a bot, and somebody who is suspended."""
    odd: list[dict[str, Any]] = [{"id": 900, "bot": True}, {"id": 901, "suspended": True}]
    odd += [{"id": 902, "invite_status": "sent"}]
    pachca.routes = {
        "/users": [*PEOPLE, *odd],
        "/group_tags": [{"id": 7, "name": "Design"}],
        "/group_tags/7/users": PEOPLE[:3],
    }
    return pachca


def step(row: Any) -> None:
    """Let the next bell come."""
    Broadcast.objects.filter(pk=row.pk).update(due_at=timezone.now())
    run(sending.advance(row.pk))
    row.refresh_from_db()


def send_all(bot: Any) -> None:
    for chat in list(Delivery.objects.open().values_list("chat", flat=True)):
        # Limits are counted by the token: a new one for each spares the test a minute's waiting.
        bot.token = f"token for {chat} {time.time_ns()}"
        bot.save(update_fields=["token"])
        run(deliver.deliver(bot.pk, chat))


def notified(pachca: Any) -> list[int]:
    sent = [call for call in pachca.calls if (call.verb, call.path) == ("POST", "/messages")]
    return [call.body["message"]["entity_id"] for call in sent]


def test_everybody_gets_it_once_a_few_at_a_time(bot: Any, company: Any) -> None:
    row = actions.broadcast(bot, "Good news")

    step(row)
    assert Delivery.objects.count() == MAX_IN_FLIGHT
    step(row)
    assert Delivery.objects.count() == MAX_IN_FLIGHT  # those on their way fill the room
    for _ in range(2):
        send_all(bot)
        step(row)

    assert row.stage == Stage.DONE
    assert sorted(notified(company)) == [person["id"] for person in PEOPLE]
    assert row.counts() == {"all": 24, "sent": 24, "failed": 0, "waiting": 0}


def test_only_those_with_the_tag_get_it(bot: Any, company: Any) -> None:
    row = actions.broadcast(bot, "Designers only", tags=["Design"])
    step(row)
    send_all(bot)

    assert sorted(notified(company)) == [1, 2, 3]


def test_people_are_named_by_their_ids_or_by_who_they_are_here(
    bot: Any, company: Any, django_user_model: Any
) -> None:
    ann = django_user_model.objects.create(username="ann")
    PachcaAccount.objects.link(ann, 33, in_sandbox=False)
    row = Broadcast.objects.create(bot=bot, text="x", audience="people")
    row.people.add(ann)
    actions.start(row)
    step(row)
    step(actions.broadcast(bot, "x", people=[5, 5, 6]))

    assert sorted(it.pachca_user_id for it in Recipient.objects.all()) == [5, 6, 33]


def test_a_pause_holds_the_rest_and_resuming_sends_it(bot: Any, company: Any) -> None:
    row = actions.broadcast(bot, "Good news")
    step(row)
    assert actions.pause(row)
    send_all(bot)
    step(row)
    assert len(notified(company)) == MAX_IN_FLIGHT

    assert actions.resume(row)
    for _ in range(2):
        step(row)
        send_all(bot)

    assert sorted(notified(company)) == [person["id"] for person in PEOPLE]


def test_cancelling_stops_also_what_waits_to_be_sent(bot: Any, company: Any) -> None:
    row = actions.broadcast(bot, "Bad news")
    step(row)

    assert actions.cancel(row)
    send_all(bot)
    step(row)

    assert notified(company) == []
    assert (row.stage, actions.cancel(row), actions.resume(row)) == (
        "cancelled",
        False,
        False,
    )


def test_what_a_crash_left_is_taken_up_by_the_sweep_and_nobody_is_told_twice(
    bot: Any, company: Any, rung: Any
) -> None:
    row = actions.broadcast(bot, "Good news")
    assert Broadcast.objects.claim(row.pk)
    sending.add_people(row, [1, 2, 3])  # and then the worker died
    step(row)
    assert not Delivery.objects.exists()
    Broadcast.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    step(row)
    send_all(bot)
    Delivery.objects.all().delete()  # as pruning does in time
    Broadcast.objects.update(due_at=timezone.now())

    sending.ring_for_due()
    assert ("bots.broadcast", (row.pk,)) in rung
    for _ in range(2):
        step(row)
        send_all(bot)

    assert sorted(notified(company)) == [person["id"] for person in PEOPLE]


def test_of_several_bells_at_once_one_goes_on(bot: Any, company: Any, rung: Any) -> None:
    row = actions.broadcast(bot, "Good news")
    step(row)
    rung.clear()

    for _ in range(5):
        run(sending.advance(row.pk))

    assert [it for it in rung if it[0] == "bots.broadcast"] == []


@pytest.mark.parametrize("away", [(0, {}, None), (502, {}, "<html>"), (429, {}, "slow down")])
def test_while_pachca_is_away_the_broadcast_waits(bot: Any, company: Any, away: Any) -> None:
    users = company.routes["/group_tags"]
    company.routes["/group_tags"] = away
    row = actions.broadcast(bot, "Good news", tags=["Design"])
    step(row)
    assert (row.stage, Delivery.objects.count()) == (Stage.GATHERING, 0)

    company.routes["/group_tags"] = users
    step(row)
    assert Delivery.objects.count() == 3


def test_a_refusal_to_tell_who_is_there_ends_it_with_the_reason(bot: Any, company: Any) -> None:
    company.routes["/users"] = (403, {}, {"error": "x", "error_description": "no scope"})

    row = actions.broadcast(bot, "Good news")
    step(row)

    assert (row.stage, "no scope" in row.error) == (Stage.FAILED, True)


def test_one_person_who_cannot_be_told_does_not_hold_up_the_others(bot: Any, company: Any) -> None:
    row = actions.broadcast(bot, "Hi", people=[1, 2, 3])
    step(row)
    company.will_answer(422, {"errors": [{"key": "entity_id", "message": "blocked"}]})
    send_all(bot)
    step(row)

    assert row.stage == Stage.DONE
    assert row.counts() == {"all": 3, "sent": 2, "failed": 1, "waiting": 0}


def test_a_file_is_uploaded_once_for_all(
    bot: Any, company: Any, settings: SettingsWrapper, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    company.routes["/uploads"] = {"key": "a/${filename}", "direct_url": f"{company.url}/direct"}
    company.routes["/direct"] = {}

    row = actions.broadcast(bot, "See", people=[1, 2], files=[attachments.keep(b"x", "a.txt")])
    step(row)
    send_all(bot)

    assert [call.path for call in company.calls].count("/direct") == 1
    assert [it.payload["message"]["files"][0]["key"] for it in Delivery.objects.all()] == [
        "a/a.txt"
    ] * 2


def test_a_step_costs_as_many_queries_for_twenty_people_as_for_two(
    bot: Any, company: Any, django_assert_max_num_queries: Any
) -> None:
    row = actions.broadcast(bot, "Hi", people=range(1, 40))

    with django_assert_max_num_queries(16):
        run(sending.advance(row.pk))

    assert Delivery.objects.count() == MAX_IN_FLIGHT


def test_pausing_takes_the_broadcast_from_the_worker_that_has_claimed_it(
    bot: Any, company: Any
) -> None:
    row = actions.broadcast(bot, "Good news", people=[1, 2, 3])
    claimed = Broadcast.objects.claim(row.pk)
    assert claimed is not None
    Broadcast.objects.filter(pk=row.pk).update(stage=Stage.RUNNING)
    assert actions.pause(row)

    run(sending.runner.work(claimed))

    row.refresh_from_db()
    assert (row.stage, Delivery.objects.count()) == (Stage.PAUSED, 0)
    assert actions.resume(row)
    step(row)
    assert Delivery.objects.count() == 3


# --- the admin -----------------------------------------------------------------------------------


def test_a_broadcast_is_made_started_and_watched_in_the_admin(
    admin_client: Any,
    bot: Any,
    company: Any,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    given = {"bot": bot.pk, "text": "Good news", "audience": "everybody"}
    admin_client.post(reverse("admin:bots_broadcast_add"), given)
    row = Broadcast.objects.get()
    assert (row.stage, row.created_by.username) == (Stage.DRAFT, "admin")
    page = reverse("admin:bots_broadcast_change", args=[row.pk])

    given |= {"text": "Better news", "bots_broadcast_save_and_start": "1"}
    confirm = reverse("admin:bots_broadcast_start", args=[row.pk])
    assert admin_client.post(page, given)["Location"] == confirm
    row.refresh_from_db()
    assert (row.stage, row.text) == (Stage.DRAFT, "Better news")
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(confirm)
    row.refresh_from_db()
    assert row.stage == Stage.GATHERING
    step(row)

    html = admin_client.get(page).content.decode()
    assert "0 / 24" in html
    assert "pause" in html
    admin_client.post(reverse("admin:bots_broadcast_move", args=[row.pk, "cancel"]))
    row.refresh_from_db()
    assert row.stage == Stage.CANCELLED


def test_starting_asks_for_confirmation_and_counts_the_recipients(
    admin_client: Any, bot: Any, company: Any
) -> None:
    row = Broadcast.objects.create(bot=bot, text="Good news")

    html = admin_client.get(reverse("admin:bots_broadcast_start", args=[row.pk])).content.decode()

    assert "Good news" in html
    assert "Send to 24 people" in html


def test_recipients_that_cannot_be_counted_are_no_server_error(
    admin_client: Any, bot: Any, settings: SettingsWrapper
) -> None:
    settings.PACHCA_API_URL = "http://127.0.0.1:9"
    row = Broadcast.objects.create(bot=bot, text="Good news")

    page = admin_client.get(reverse("admin:bots_broadcast_start", args=[row.pk]))

    assert "The recipients cannot be counted" in page.content.decode()


@pytest.mark.parametrize("number", ["abc", "1.5", "9" * 40])
def test_an_address_with_no_number_is_no_server_error(admin_client: Any, number: Any) -> None:
    page = reverse("admin:bots_broadcast_change", args=[number])

    assert admin_client.get(page).status_code == 302


def test_a_test_message_goes_to_the_administrator_alone(
    admin_client: Any, admin_user: Any, bot: Any, company: Any
) -> None:
    row = Broadcast.objects.create(bot=bot, text="Good news")
    page = reverse("admin:bots_broadcast_start", args=[row.pk])

    admin_client.post(page, {"test": "1"})
    assert not Delivery.objects.exists()
    PachcaAccount.objects.create(person=admin_user, pachca_user_id=5)
    admin_client.post(page, {"test": "1"})

    delivery = Delivery.objects.get()
    assert (delivery.chat, delivery.payload["message"]["content"]) == ("user:5", "Good news")
    row.refresh_from_db()
    assert row.stage == Stage.DRAFT


@pytest.mark.parametrize("text", ["Good news", ""])
def test_a_test_message_brings_its_file_and_leaves_it_to_the_broadcast(
    bot_client: Any, text: str
) -> None:
    files = [attachments.keep(b"a;b", "report.csv")]
    row = Broadcast.objects.create(bot=bot_client.bot, text=text, files=files)

    actions.send_test(row, 5)
    bot_client.settle()

    (sent,) = bot_client.pachca.said
    assert (sent.text, [it["name"] for it in sent.files]) == (text, ["report.csv"])
    actions.send_test(row, 5)
    bot_client.settle()
    assert list(bot_client.pachca.uploads.values()) == [b"a;b", b"a;b"]


def test_a_test_message_whose_file_is_gone_says_so(
    admin_client: Any, admin_user: Any, bot: Any
) -> None:
    PachcaAccount.objects.create(person=admin_user, pachca_user_id=5)
    row = Broadcast.objects.create(bot=bot, files=[attachments.refer("gone.csv")])

    page = admin_client.post(
        reverse("admin:bots_broadcast_start", args=[row.pk]), {"test": "1"}, follow=True
    )

    assert "gone.csv" in next(str(it) for it in page.context["messages"])
    assert not Delivery.objects.exists()


def test_what_has_been_started_cannot_be_changed(admin_client: Any, bot: Any) -> None:
    row = Broadcast.objects.create(bot=bot, text="before", stage=Stage.RUNNING)
    page = reverse("admin:bots_broadcast_change", args=[row.pk])

    admin_client.post(page, {"bot": bot.pk, "text": "after", "audience": "everybody"})

    row.refresh_from_db()
    assert row.text == "before"


def test_moving_is_for_those_who_may_and_not_by_a_link(
    client: Any, admin_client: Any, bot: Any, django_user_model: Any
) -> None:
    row = Broadcast.objects.create(bot=bot, text="x")
    move = reverse("admin:bots_broadcast_move", args=[row.pk, "start"])
    assert admin_client.get(move).status_code == 405
    client.force_login(django_user_model.objects.create(username="staff", is_staff=True))

    assert client.post(move).status_code == 404
    row.refresh_from_db()
    assert row.stage == Stage.DRAFT


def test_an_empty_broadcast_is_refused(bot: Any) -> None:
    with pytest.raises(ValidationError):
        Broadcast(bot=bot, text=" ", audience="everybody").full_clean()
    with pytest.raises(ValidationError):
        Broadcast(bot=bot, text="x", audience="tags").full_clean()


def test_the_list_costs_no_more_for_many(
    admin_client: Any, bot: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        Broadcast.objects.create(bot=bot, text="x")

    with django_assert_max_num_queries(9):
        shown = admin_client.get(reverse("admin:bots_broadcast_changelist"))

    assert shown.context["cl"].result_count == 10


@pytest.mark.parametrize(("audience", "shown"), [("tags", "Moscow, Kazan"), ("people", "vera")])
def test_a_started_broadcast_still_shows_to_whom_it_goes(
    admin_client: Any, bot: Any, django_user_model: Any, audience: str, shown: str
) -> None:
    row = Broadcast.objects.create(
        bot=bot, text="hello", audience=audience, tags="Moscow,Kazan", stage=Stage.RUNNING
    )
    row.people.add(django_user_model.objects.create_user("vera"))

    html = admin_client.get(reverse("admin:bots_broadcast_change", args=[row.pk])).content.decode()

    assert shown in html
    assert f"audience == '{audience}'" not in html.replace("&#x27;", "'")  # unfold's condition


def test_nobody_waits_for_a_broadcast_that_was_cancelled(bot: Any, company: Any) -> None:
    row = actions.broadcast(bot, "hello", people=range(1, 31))
    step(row)

    actions.cancel(row)

    assert row.counts() == {"all": 30, "sent": 0, "failed": 30, "waiting": 0}


def test_what_no_database_stores_is_left_out_of_a_broadcast(bot: Any) -> None:
    row = actions.broadcast(bot, "a\0b\ud800", tags=["Des\0ign"])

    row.refresh_from_db()
    assert (row.text, row.tag_list) == ("ab?", ["Design"])


@pytest.mark.parametrize("tag", ["", " ", "\0", "Design, Sales"])
def test_a_broadcast_to_what_is_no_tag_is_not_started(bot: Any, tag: str) -> None:
    with pytest.raises(ValueError, match="Not a tag"):
        actions.broadcast(bot, "Hello", tags=[tag])
    assert not Broadcast.objects.exists()


@pytest.mark.parametrize("text", ["", "\u200b", "y" * 40_001])
def test_a_text_that_pachca_would_refuse_starts_no_broadcast(
    admin_client: Any, bot: Any, text: Any
) -> None:
    with pytest.raises(BadAnswer):
        actions.broadcast(bot, text)
    given = {"bot": bot.pk, "text": text, "audience": "everybody"}
    assert admin_client.post(reverse("admin:bots_broadcast_add"), given).status_code == 200
    assert not Broadcast.objects.exists()


def test_a_broadcast_of_a_file_needs_no_text(bot: Any) -> None:
    row = actions.broadcast(bot, "", files=[attachments.keep(b"x", "a.txt")])

    assert row.stage == Stage.GATHERING


@pytest.mark.parametrize("number", [10**30, 2**63, 0, -1])
def test_a_broadcast_to_what_is_no_id_is_not_started(bot: Any, number: Any) -> None:
    with pytest.raises(ValueError, match="Not a Pachca user id"):
        actions.broadcast(bot, "Hello", people=[12, number])
    assert not Broadcast.objects.exists()


@pytest.mark.parametrize("recipients", [{"people": []}, {"tags": []}])
def test_an_empty_list_of_recipients_is_not_everybody(bot: Any, recipients: Any) -> None:
    with pytest.raises(actions.NoRecipients):
        actions.broadcast(bot, "Hello", **recipients)
    assert not Broadcast.objects.exists()


def test_a_broadcast_for_people_needs_somebody_chosen(admin_client: Any, bot: Any) -> None:
    page = reverse("admin:bots_broadcast_add")

    refused = admin_client.post(page, {"bot": bot.pk, "text": "Hello", "audience": "people"})

    assert "Choose at least one user." in refused.content.decode()
    assert not Broadcast.objects.exists()


def test_a_broadcast_to_people_without_accounts_is_not_started(
    admin_client: Any, bot: Any, admin_user: Any
) -> None:
    row = Broadcast.objects.create(bot=bot, text="Hello", audience="people")
    row.people.add(admin_user)

    page = admin_client.post(
        reverse("admin:bots_broadcast_start", args=[row.pk]), follow=True
    ).content.decode()

    row.refresh_from_db()
    assert row.stage == Stage.DRAFT
    assert "None of the selected users has linked a Pachca account." in page
