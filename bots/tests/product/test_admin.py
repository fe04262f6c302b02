"""Lists and rows in the admin of the bots, as an administrator's browser sees them."""

import json
from typing import Any

import pytest
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from bots.admin.jobs import CappedPaginator
from bots.models import Bot, Command, Delivery, Update
from bots.models.jobs import State
from bots.tests.product.admin_rows import list_of, make_delivery, make_update, messages_of, page_of

# Session, person, bots and kinds to filter by, two of the date hierarchy, count, rows.
LIST_QUERIES = 8


# --- lists ---------------------------------------------------------------------------------------


def test_the_list_of_updates_asks_as_much_for_many_rows_as_for_one(
    admin: Any, bot: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        make_update(bot)

    with django_assert_num_queries(LIST_QUERIES):
        admin.get(list_of(Update))


def test_the_list_of_deliveries_asks_as_much_for_many_rows_as_for_one(
    admin: Any, bot: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        make_delivery(bot, update=make_update(bot))

    with django_assert_num_queries(LIST_QUERIES):
        admin.get(list_of(Delivery))


def test_the_page_of_an_update_asks_for_all_it_caused_at_once(
    admin: Any, bot: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    update = make_update(bot)
    deliveries = [make_delivery(bot, text, update=update) for text in ("one", "two", "three")]

    with django_assert_num_queries(4):  # session, person, update, deliveries
        html = admin.get(page_of(update)).content.decode()

    assert all(page_of(delivery) in html for delivery in deliveries)


def test_a_large_table_is_neither_counted_nor_split_into_days_to_its_end(
    admin: Any, bot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CappedPaginator, "LIMIT", 3)
    for _ in range(5):
        make_update(bot)

    large = admin.get(list_of(Update)).context["cl"]
    small = admin.get(list_of(Update), {"state__exact": "failed"}).context["cl"]

    assert (large.result_count, large.date_hierarchy) == (3, None)
    assert small.date_hierarchy == "created_at"


@pytest.mark.parametrize("raw", [r'{"content": "\u043f\u0440\u0438\u0432\u0435\u0442"}', None])
def test_an_update_is_found_by_its_text_however_the_sender_spelt_it(
    admin: Any, bot: Any, raw: Any
) -> None:
    make_update(bot, raw=raw or json.dumps({"content": "привет"}, ensure_ascii=False))
    make_update(bot, "something else")

    response = admin.get(list_of(Update), {"q": "привет"})

    assert response.context["cl"].result_count == 1


def test_updates_are_filtered_by_bot_and_nonsense_filters_nothing(admin: Any, bot: Any) -> None:
    make_update(bot)
    make_update(Bot.objects.create(name="Other", slug="other"))

    counts = [
        admin.get(list_of(Update), {"bot": chosen}).context["cl"].result_count
        for chosen in (bot.pk, "nonsense")
    ]

    assert counts == [1, 2]


def test_a_command_is_switched_off_in_the_list(admin: Any, bot: Any) -> None:
    command = Command.objects.create(bot=bot, name="say")

    form = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": command.pk, "_save": 1}
    admin.post(list_of(Command), form)

    assert not Command.objects.get().is_on


# --- what rows look like -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        r'{"content": "half a smile \ud83d"}',
        '{"content": "<script>alert(1)</script>"}',
        '{"content": {"not": "text"}}',
        '{"content": ' + "[" * 400 + "]" * 400 + "}",
    ],
)
def test_whatever_came_in_can_be_shown(admin: Any, bot: Any, raw: Any) -> None:
    update = make_update(bot, raw=raw, state=State.FAILED, error="<b>Traceback</b>")

    html = [admin.get(page).content.decode() for page in (list_of(Update), page_of(update))]

    assert "<script>alert(1)" not in "".join(html)
    assert "&lt;b&gt;Traceback&lt;/b&gt;</pre>" in html[1]


def test_a_delivery_shows_its_call_and_the_answer_as_json(admin: Any, bot: Any) -> None:
    update = make_update(bot)
    delivery = make_delivery(
        bot, "Привет!", update=update, status=201, response={"data": {"id": 5}}
    )

    html = admin.get(page_of(delivery)).content.decode()

    assert "&quot;content&quot;: &quot;Привет!&quot;" in html
    assert "&quot;id&quot;: 5" in html
    assert page_of(update) in html
    assert f"#{delivery.pk}" in html
    assert f"{delivery.method} {delivery.pk}".capitalize() not in html


# --- again ---------------------------------------------------------------------------------------


def test_handling_again_says_how_many_and_leaves_alone_what_is_in_work(
    admin: Any, bot: Any
) -> None:
    failed = make_update(bot, state=State.FAILED, attempts=4, error="Traceback")
    busy = make_update(bot, state=State.WORKING, attempts=1)

    action = {"action": "handle_again", "_selected_action": [failed.pk, busy.pk]}
    response = admin.post(list_of(Update), action, follow=True)

    assert messages_of(response) == [
        "Queued again: 1.",
        "Skipped because they are queued or running: 1.",
    ]
    states = Update.objects.order_by("pk").values_list("state", "attempts", "error")
    assert list(states) == [(State.WAITING, 0, ""), (State.WORKING, 1, "")]


def test_sending_again_from_the_page_of_a_delivery_asks_first(admin: Any, bot: Any) -> None:
    delivery = make_delivery(bot, state=State.FAILED)
    button = reverse("admin:bots_delivery_send_this_again", args=[delivery.pk])

    question = admin.get(button)
    before = Delivery.objects.get().state
    answer = admin.post(button, {"_form_submitted": "True"}, headers={"HX-Request": "true"})

    assert "Send this again?" in question.content.decode()
    assert before == State.FAILED
    assert answer.headers["HX-Redirect"] == page_of(delivery)
    assert Delivery.objects.get().state == State.WAITING


def test_a_button_of_a_row_that_is_gone_is_not_found(admin: Any, bot: Any) -> None:
    button = reverse("admin:bots_update_handle_this_again", args=["nonsense"])

    assert admin.post(button, {"_form_submitted": "True"}).status_code == 404


MAKERS = {Update: make_update, Delivery: make_delivery}
AGAIN = {Update: "handle", Delivery: "send"}


@pytest.mark.parametrize("model", MAKERS)
@pytest.mark.parametrize(
    ("right", "sees", "repeats"),
    [("", False, False), ("view", True, False), ("change", True, True)],
)
def test_looking_and_repeating_need_their_own_permissions(
    staff: Any, bot: Any, model: Any, right: str, sees: bool, repeats: bool
) -> None:
    row = MAKERS[model](bot, state=State.FAILED)
    name = model._meta.model_name
    client = staff(f"{right}_{name}", f"add_{name}", f"delete_{name}")

    pages = [client.get(page).status_code for page in (list_of(model), page_of(row))]
    button = reverse(f"admin:bots_{name}_{AGAIN[model]}_this_again", args=[row.pk])
    pressed = client.post(button, {"_form_submitted": "True"}).status_code
    by_button = model.objects.get().state
    model.objects.update(state=State.FAILED)
    action = {"action": f"{AGAIN[model]}_again", "_selected_action": [row.pk]}
    client.post(list_of(model), action)

    assert pages == ([200, 200] if sees else [403, 403])
    assert pressed == (302 if repeats else 403)
    expected = State.WAITING if repeats else State.FAILED
    assert (by_button, model.objects.get().state) == (expected, expected)


@pytest.mark.parametrize("model", MAKERS)
def test_nobody_writes_machines_rows_by_hand(
    staff: Any, admin_user: Any, bot: Any, model: Any
) -> None:
    row = MAKERS[model](bot)
    name = model._meta.model_name
    delete = reverse(f"admin:bots_{name}_delete", args=[row.pk])
    client = staff(*(f"{verb}_{name}" for verb in ("view", "add", "change", "delete")))

    added = client.get(reverse(f"admin:bots_{name}_add")).status_code
    changed = client.post(page_of(row), {"chat": "chat:1"}).status_code
    deleted = client.post(delete, {"post": "yes"}).status_code
    client.force_login(admin_user)
    added_by_superuser = client.get(reverse(f"admin:bots_{name}_add")).status_code
    deleted_by_superuser = client.post(delete, {"post": "yes"}).status_code

    assert [added, changed, deleted, added_by_superuser] == [403] * 4
    assert deleted_by_superuser == 302
    assert not model.objects.exists()
