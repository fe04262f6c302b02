"""The admin page of a bot: its secrets, and the check of its connection."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries, SettingsWrapper

from bots.models import Bot, Command, Update
from bots.models.jobs import State
from bots.tests.product.admin_rows import list_of, make_update, messages_of, page_of

TOKEN = "Qx7vB2mK9tR4wZ8nL5pY1cJ6hD3f"
SECRET = "Gs0uE4iO8aT2yP6rW1qM9nB5vC3xZ7"
NEW = {"new_token": "new-token", "new_signing_secret": "new-secret"}


@pytest.fixture
def bot(db: Any) -> Any:
    return Bot.objects.create(name="Demo", slug="demo", token=TOKEN, signing_secret=SECRET)


def form_of(bot: Any, **changes: Any) -> Any:
    inline = {"commands-TOTAL_FORMS": 0, "commands-INITIAL_FORMS": 0}
    return {"name": bot.name, "slug": bot.slug, "is_on": "on", **inline, **changes}


# --- secrets -------------------------------------------------------------------------------------


def test_a_bot_page_tells_how_long_the_secrets_are_and_nothing_else(admin: Any, bot: Any) -> None:
    html = admin.get(page_of(bot)).content.decode()

    assert f"Set, {len(TOKEN)} characters" in html
    assert not any(part in html for it in (TOKEN, SECRET) for part in (it[:6], it[-6:]))


def test_empty_fields_keep_the_secrets(admin: Any, bot: Any) -> None:
    admin.post(page_of(bot), form_of(bot, name="Renamed"))

    bot = Bot.objects.get()
    assert (bot.name, bot.token, bot.signing_secret) == ("Renamed", TOKEN, SECRET)


def test_what_is_entered_replaces_the_secrets(admin: Any, bot: Any) -> None:
    admin.post(page_of(bot), form_of(bot, **NEW))

    bot = Bot.objects.get()
    assert (bot.token, bot.signing_secret) == ("new-token", "new-secret")


def test_a_tick_deletes_a_secret_and_leaves_the_other(admin: Any, bot: Any) -> None:
    admin.post(page_of(bot), form_of(bot, clear_token="on"))

    bot = Bot.objects.get()
    assert (bot.token, bot.signing_secret) == ("", SECRET)


@pytest.mark.parametrize("wrong", [{"clear_token": "on"}, {"new_token": "two words"}])
def test_a_refused_form_does_not_give_back_what_was_entered(
    admin: Any, bot: Any, wrong: Any
) -> None:
    response = admin.post(page_of(bot), form_of(bot, **{**NEW, **wrong}))

    assert response.status_code == 200
    assert not any(new in response.content.decode() for new in ("new-token", "two words"))
    assert Bot.objects.get().token == TOKEN


def test_a_new_bot_can_be_given_its_secrets_at_once(admin: Any) -> None:
    admin.post(reverse("admin:bots_bot_add"), form_of(Bot(name="Demo", slug="demo"), **NEW))

    bot = Bot.objects.get()
    assert (bot.token, bot.signing_secret) == ("new-token", "new-secret")


def test_the_history_names_the_changed_fields_without_their_values(admin: Any, bot: Any) -> None:
    admin.post(page_of(bot), form_of(bot, **NEW))

    entry = LogEntry.objects.get()
    assert "Access token" in entry.get_change_message()
    assert "new-" not in f"{entry.change_message}{entry.object_repr}"


def test_an_error_report_of_the_form_hides_the_secrets(admin: Any, bot: Any) -> None:
    request = admin.post(page_of(bot), form_of(bot, **NEW)).wsgi_request

    assert set(request.sensitive_post_parameters) == {"new_token", "new_signing_secret"}


def test_a_bot_whose_secrets_cannot_be_read_can_be_seen_and_mended(
    admin: Any, settings: SettingsWrapper, bot: Any, admin_user: Any
) -> None:
    update = make_update(bot)
    settings.SECRET_KEY = "another"
    admin.force_login(admin_user)

    pages = [list_of(Bot), list_of(Update), list_of(Command), page_of(update), page_of(bot)]
    html = [admin.get(page).content.decode() for page in pages][-1]
    admin.post(page_of(bot), form_of(bot, **NEW))

    assert "Cannot be decrypted" in html
    assert Bot.objects.get().token == "new-token"


def test_who_may_only_look_sees_whether_the_secrets_are_set(staff: Any, bot: Any) -> None:
    html = staff("view_bot").get(page_of(bot)).content.decode()

    assert "new_token" not in html
    assert "webhook" in html


# --- the connection ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_saving_and_checking_tells_the_bots_name_there_and_keeps_its_id(
    admin: Any, bot: Any, pachca: Any
) -> None:
    pachca.will_answer(200, {"data": {"id": 900, "first_name": "Vera", "last_name": None}})

    form = form_of(bot, new_token="fresh", bots_bot_save_and_check="1")
    response = admin.post(page_of(bot), form, follow=True)

    assert messages_of(response)[-1] == "Demo is connected. Name in Pachca: “Vera”."
    assert response.redirect_chain == [(page_of(bot), 302)]
    assert pachca.calls[0].token == "Bearer fresh"
    assert Bot.objects.get().pachca_user_id == 900


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, {"error": "invalid_token"}, "the token is rejected."),
        (503, "busy", "the response status was 503."),
        (200, "<html>", "the server at"),
    ],
)
def test_a_failed_check_tells_the_reason_in_words(
    admin: Any, bot: Any, pachca: Any, status: int, body: Any, reason: str
) -> None:
    pachca.will_answer(status, body)

    action = {"action": "check_connection", "_selected_action": [bot.pk]}
    response = admin.post(list_of(Bot), action, follow=True)

    assert reason in messages_of(response)[0]


def test_a_check_that_nobody_answers_names_the_address(
    admin: Any, bot: Any, settings: SettingsWrapper
) -> None:
    settings.PACHCA_API_URL = "http://127.0.0.1:1"

    action = {"action": "check_connection", "_selected_action": [bot.pk]}
    response = admin.post(list_of(Bot), action, follow=True)

    assert messages_of(response) == [
        "Demo is not connected: there is no response from http://127.0.0.1:1."
    ]


# --- the list ------------------------------------------------------------------------------------


def test_bots_are_listed_with_their_counts_in_one_query(
    admin: Any, bot: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Bot.objects.create(name="Other", slug="other")
    for state in (State.WAITING, State.FAILED, State.FAILED, State.DONE):
        make_update(bot, state=state)

    with django_assert_num_queries(5):  # session, person, count twice, rows
        html = admin.get(list_of(Bot)).content.decode()

    assert f"?bot={bot.pk}&amp;state__exact=failed" in html
    assert TOKEN not in html
