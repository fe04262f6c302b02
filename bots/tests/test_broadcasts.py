"""Broadcasts: each person once, a few at a time, through pauses and crashes."""

import time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from bots import attachments, broadcasting, broadcasts, deliver
from bots.api import run
from bots.broadcasting import MOST_IN_FLIGHT
from bots.models import Broadcast, Delivery, PachcaAccount, Recipient, Stage
from bots.sweep import sweep

PEOPLE = [{"id": number, "bot": False, "suspended": False} for number in range(1, 25)]


@pytest.fixture
def company(pachca):
    """24 people, of whom 3 have a tag; a bot, and somebody who is suspended."""
    odd: list[dict[str, Any]] = [{"id": 900, "bot": True}, {"id": 901, "suspended": True}]
    odd += [{"id": 902, "invite_status": "sent"}]
    pachca.routes = {
        "/users": [*PEOPLE, *odd],
        "/group_tags": [{"id": 7, "name": "Design"}],
        "/group_tags/7/users": PEOPLE[:3],
    }
    return pachca


def step(row) -> None:
    """Let the next bell come."""
    Broadcast.objects.filter(pk=row.pk, stage=Stage.RUNNING).update(claimed_until=None)
    run(broadcasting.go_on(row.pk))
    row.refresh_from_db()


def send_all(bot) -> None:
    for chat in list(Delivery.objects.open().values_list("chat", flat=True)):
        # Limits are counted by the token: a new one for each spares the test a minute's waiting.
        bot.token = f"token for {chat} {time.time_ns()}"
        bot.save(update_fields=["token"])
        run(deliver.deliver(bot.pk, chat))


def told(pachca) -> list[int]:
    sent = [call for call in pachca.calls if (call.verb, call.path) == ("POST", "/messages")]
    return [call.body["message"]["entity_id"] for call in sent]


def test_everybody_gets_it_once_a_few_at_a_time(bot, company):
    row = broadcasts.broadcast(bot, "Good news")

    step(row)
    assert Delivery.objects.count() == MOST_IN_FLIGHT
    step(row)
    assert Delivery.objects.count() == MOST_IN_FLIGHT  # those on their way fill the room
    for _ in range(2):
        send_all(bot)
        step(row)

    assert row.stage == Stage.DONE
    assert sorted(told(company)) == [person["id"] for person in PEOPLE]
    assert row.counts() == {"all": 24, "sent": 24, "failed": 0, "waiting": 0}


def test_only_those_with_the_tag_get_it(bot, company):
    row = broadcasts.broadcast(bot, "Designers only", tags=["Design"])
    step(row)
    send_all(bot)

    assert sorted(told(company)) == [1, 2, 3]


def test_people_are_named_by_their_ids_or_by_who_they_are_here(bot, company, django_user_model):
    ann = django_user_model.objects.create(username="ann")
    PachcaAccount.objects.link(ann, 33, in_sandbox=False)
    row = Broadcast.objects.create(bot=bot, text="x", audience="people")
    row.people.add(ann)
    broadcasts.start(row)
    step(row)
    step(broadcasts.broadcast(bot, "x", people=[5, 5, 6]))

    assert sorted(it.pachca_user_id for it in Recipient.objects.all()) == [5, 6, 33]


def test_a_pause_holds_the_rest_and_resuming_sends_it(bot, company):
    row = broadcasts.broadcast(bot, "Good news")
    step(row)
    assert broadcasts.pause(row)
    send_all(bot)
    step(row)
    assert len(told(company)) == MOST_IN_FLIGHT

    assert broadcasts.resume(row)
    for _ in range(2):
        step(row)
        send_all(bot)

    assert sorted(told(company)) == [person["id"] for person in PEOPLE]


def test_cancelling_stops_also_what_waits_to_be_sent(bot, company):
    row = broadcasts.broadcast(bot, "Bad news")
    step(row)

    assert broadcasts.cancel(row)
    send_all(bot)
    step(row)

    assert told(company) == []
    assert (row.stage, broadcasts.cancel(row), broadcasts.resume(row)) == (
        "cancelled",
        False,
        False,
    )


def test_what_a_crash_left_is_taken_up_by_the_sweep_and_nobody_is_told_twice(bot, company, rung):
    row = broadcasts.broadcast(bot, "Good news")
    broadcasting.add_people(row, [1, 2, 3])  # a worker died while it was looking
    Broadcast.objects.update(claimed_until=timezone.now())
    step(row)
    send_all(bot)
    Delivery.objects.all().delete()  # as pruning does in time
    Broadcast.objects.update(claimed_until=None)

    sweep()
    assert ("bots.broadcast", (row.pk,)) in rung
    for _ in range(2):
        step(row)
        send_all(bot)

    assert sorted(told(company)) == [person["id"] for person in PEOPLE]


def test_of_several_bells_at_once_one_goes_on(bot, company, rung):
    row = broadcasts.broadcast(bot, "Good news")
    step(row)
    rung.clear()

    for _ in range(5):
        run(broadcasting.go_on(row.pk))

    assert [it for it in rung if it[0] == "bots.broadcast"] == []


@pytest.mark.parametrize("away", [(0, {}, None), (502, {}, "<html>"), (429, {}, "slow down")])
def test_while_pachca_is_away_the_broadcast_waits(bot, company, away):
    users = company.routes["/group_tags"]
    company.routes["/group_tags"] = away
    row = broadcasts.broadcast(bot, "Good news", tags=["Design"])
    step(row)
    assert (row.stage, Delivery.objects.count()) == (Stage.GATHERING, 0)

    company.routes["/group_tags"] = users
    step(row)
    assert Delivery.objects.count() == 3


def test_a_refusal_to_tell_who_is_there_ends_it_with_the_reason(bot, company):
    company.routes["/users"] = (403, {}, {"error": "x", "error_description": "no scope"})

    row = broadcasts.broadcast(bot, "Good news")
    step(row)

    assert (row.stage, "no scope" in row.error) == (Stage.FAILED, True)


def test_one_person_who_cannot_be_told_does_not_hold_up_the_others(bot, company):
    row = broadcasts.broadcast(bot, "Hi", people=[1, 2, 3])
    step(row)
    company.will_answer(422, {"errors": [{"key": "entity_id", "message": "blocked"}]})
    send_all(bot)
    step(row)

    assert row.stage == Stage.DONE
    assert row.counts() == {"all": 3, "sent": 2, "failed": 1, "waiting": 0}


def test_a_file_is_uploaded_once_for_all(bot, company, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    company.routes["/uploads"] = {"key": "a/${filename}", "direct_url": f"{company.url}/direct"}
    company.routes["/direct"] = {}

    row = broadcasts.broadcast(bot, "See", people=[1, 2], files=[attachments.keep(b"x", "a.txt")])
    step(row)
    send_all(bot)

    assert [call.path for call in company.calls].count("/direct") == 1
    assert [it.payload["message"]["files"][0]["key"] for it in Delivery.objects.all()] == [
        "a/a.txt"
    ] * 2


def test_a_step_costs_as_many_queries_for_twenty_people_as_for_two(
    bot, company, django_assert_max_num_queries
):
    row = broadcasts.broadcast(bot, "Hi", people=range(1, 40))
    run(broadcasting._gather(Broadcast.objects.select_related("bot").get(pk=row.pk)))

    with django_assert_max_num_queries(12):
        run(broadcasting.go_on(row.pk))

    assert Delivery.objects.count() > 1


# --- the admin -----------------------------------------------------------------------------------


def test_a_broadcast_is_made_started_and_watched_in_the_admin(
    admin_client, bot, company, django_capture_on_commit_callbacks
):
    given = {"bot": bot.pk, "text": "Good news", "audience": "everybody"}
    admin_client.post(reverse("admin:bots_broadcast_add"), given)
    row = Broadcast.objects.get()
    assert (row.stage, row.created_by.username) == (Stage.DRAFT, "admin")
    page = reverse("admin:bots_broadcast_change", args=[row.pk])

    given |= {"text": "Better news", "bots_broadcast_save_and_start": "1"}
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(page, given)
    row.refresh_from_db()
    assert (row.stage, row.text) == (Stage.GATHERING, "Better news")
    step(row)

    html = admin_client.get(page).content.decode()
    assert "0 / 24" in html
    assert "pause" in html
    admin_client.post(reverse("admin:bots_broadcast_move", args=[row.pk, "cancel"]))
    row.refresh_from_db()
    assert row.stage == Stage.CANCELLED


def test_what_has_been_started_cannot_be_changed(admin_client, bot):
    row = Broadcast.objects.create(bot=bot, text="before", stage=Stage.RUNNING)
    page = reverse("admin:bots_broadcast_change", args=[row.pk])

    admin_client.post(page, {"bot": bot.pk, "text": "after", "audience": "everybody"})

    row.refresh_from_db()
    assert row.text == "before"


def test_moving_is_for_those_who_may_and_not_by_a_link(
    client, admin_client, bot, django_user_model
):
    row = Broadcast.objects.create(bot=bot, text="x")
    move = reverse("admin:bots_broadcast_move", args=[row.pk, "start"])
    assert admin_client.get(move).status_code == 405
    client.force_login(django_user_model.objects.create(username="staff", is_staff=True))

    assert client.post(move).status_code == 404
    row.refresh_from_db()
    assert row.stage == Stage.DRAFT


def test_an_empty_broadcast_is_refused(bot):
    with pytest.raises(ValidationError):
        Broadcast(bot=bot, text=" ", audience="everybody").full_clean()
    with pytest.raises(ValidationError):
        Broadcast(bot=bot, text="x", audience="tags").full_clean()


def test_the_list_costs_no_more_for_many(admin_client, bot, django_assert_max_num_queries):
    for _ in range(10):
        Broadcast.objects.create(bot=bot, text="x")

    with django_assert_max_num_queries(9):
        shown = admin_client.get(reverse("admin:bots_broadcast_changelist"))

    assert shown.context["cl"].result_count == 10
