"""The admin panel of the bots, as an administrator's browser sees it."""

import json
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone, translation

from bots.admin.jobs import CappedPaginator
from bots.jobs import State
from bots.models import Bot, Command, Delivery, Minute, Update
from bots.tests.conftest import message_event

TOKEN = "Qx7vB2mK9tR4wZ8nL5pY1cJ6hD3f"
SECRET = "Gs0uE4iO8aT2yP6rW1qM9nB5vC3xZ7"
# Session, person, bots and kinds to filter by, two of the date hierarchy, count, rows.
LIST_QUERIES = 8
NEW = {"new_token": "new-token", "new_signing_secret": "new-secret"}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def bot(db):
    return Bot.objects.create(name="Demo", slug="demo", token=TOKEN, signing_secret=SECRET)


@pytest.fixture
def admin(admin_client):
    admin_client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    ContentType.objects.get_for_models(*apps.get_models())  # else the first page asks for them
    return admin_client


@pytest.fixture
def staff(client, db):
    """Signs somebody in who has been given the named permissions and nothing else."""

    def sign_in(*codenames):
        person = get_user_model().objects.create_user("staff", is_staff=True)
        person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(person)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return sign_in


def make_update(bot, text="/start", state=State.DONE, **fields):
    event = message_event(text)
    count = Update.objects.count()
    raw = fields.pop("raw", json.dumps(event))
    return Update.objects.create(
        bot=bot, key=f"k{count}", kind="message.new", chat="chat:77", raw=raw, state=state, **fields
    )


def make_delivery(bot, text="Hello!", state=State.DONE, **fields):
    payload = {"message": {"entity_type": "user", "entity_id": 12, "content": text}}
    return Delivery.objects.create(
        bot=bot, chat="user:12", method="create_message", payload=payload, state=state, **fields
    )


def page_of(row):
    name = row._meta.model_name
    return reverse(f"admin:bots_{name}_change", args=[row.pk])


def list_of(model):
    return reverse(f"admin:bots_{model._meta.model_name}_changelist")


def form_of(bot, **changes):
    inline = {"commands-TOTAL_FORMS": 0, "commands-INITIAL_FORMS": 0}
    return {"name": bot.name, "slug": bot.slug, "is_on": "on", **inline, **changes}


def told(response):
    return [str(message) for message in response.context["messages"]]


# --- secrets -------------------------------------------------------------------------------------


def test_a_bot_page_tells_how_long_the_secrets_are_and_nothing_else(admin, bot):
    html = admin.get(page_of(bot)).content.decode()

    assert f"Set, {len(TOKEN)} characters" in html
    assert not any(part in html for it in (TOKEN, SECRET) for part in (it[:6], it[-6:]))


def test_empty_fields_keep_the_secrets(admin, bot):
    admin.post(page_of(bot), form_of(bot, name="Renamed"))

    bot = Bot.objects.get()
    assert (bot.name, bot.token, bot.signing_secret) == ("Renamed", TOKEN, SECRET)


def test_what_is_entered_replaces_the_secrets(admin, bot):
    admin.post(page_of(bot), form_of(bot, **NEW))

    bot = Bot.objects.get()
    assert (bot.token, bot.signing_secret) == ("new-token", "new-secret")


def test_a_tick_deletes_a_secret_and_leaves_the_other(admin, bot):
    admin.post(page_of(bot), form_of(bot, clear_token="on"))

    bot = Bot.objects.get()
    assert (bot.token, bot.signing_secret) == ("", SECRET)


@pytest.mark.parametrize("wrong", [{"clear_token": "on"}, {"new_token": "two words"}])
def test_a_refused_form_does_not_give_back_what_was_entered(admin, bot, wrong):
    response = admin.post(page_of(bot), form_of(bot, **{**NEW, **wrong}))

    assert response.status_code == 200
    assert not any(new in response.content.decode() for new in ("new-token", "two words"))
    assert Bot.objects.get().token == TOKEN


def test_a_new_bot_can_be_given_its_secrets_at_once(admin):
    admin.post(reverse("admin:bots_bot_add"), form_of(Bot(name="Demo", slug="demo"), **NEW))

    bot = Bot.objects.get()
    assert (bot.token, bot.signing_secret) == ("new-token", "new-secret")


def test_the_history_names_the_changed_fields_without_their_values(admin, bot):
    admin.post(page_of(bot), form_of(bot, **NEW))

    entry = LogEntry.objects.get()
    assert "Access token" in entry.get_change_message()
    assert "new-" not in f"{entry.change_message}{entry.object_repr}"


def test_an_error_report_of_the_form_hides_the_secrets(admin, bot):
    request = admin.post(page_of(bot), form_of(bot, **NEW)).wsgi_request

    assert set(request.sensitive_post_parameters) == {"new_token", "new_signing_secret"}


def test_a_bot_whose_secrets_cannot_be_read_can_be_seen_and_mended(
    admin, settings, bot, admin_user
):
    update = make_update(bot)
    settings.SECRET_KEY = "another"
    admin.force_login(admin_user)

    pages = [list_of(Bot), list_of(Update), list_of(Command), page_of(update), page_of(bot)]
    html = [admin.get(page).content.decode() for page in pages][-1]
    admin.post(page_of(bot), form_of(bot, **NEW))

    assert "Cannot be read" in html
    assert Bot.objects.get().token == "new-token"


def test_who_may_only_look_sees_whether_the_secrets_are_set(staff, bot):
    html = staff("view_bot").get(page_of(bot)).content.decode()

    assert "new_token" not in html
    assert "webhook" in html


# --- the connection ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_saving_and_checking_tells_the_bots_name_there_and_keeps_its_id(admin, bot, pachca):
    pachca.will_answer(200, {"data": {"id": 900, "first_name": "Vera", "last_name": None}})

    form = form_of(bot, new_token="fresh", bots_bot_save_and_check="1")
    response = admin.post(page_of(bot), form, follow=True)

    assert told(response)[-1] == "Demo is connected. Its name there is “Vera”."
    assert response.redirect_chain == [(page_of(bot), 302)]
    assert pachca.calls[0].token == "Bearer fresh"
    assert Bot.objects.get().pachca_user_id == 900


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, {"error": "invalid_token"}, "the token is refused."),
        (503, "busy", "the answer was 503."),
        (200, "<html>", "whoever answers at"),
    ],
)
def test_a_failed_check_tells_the_reason_in_words(admin, bot, pachca, status, body, reason):
    pachca.will_answer(status, body)

    action = {"action": "check_connection", "_selected_action": [bot.pk]}
    response = admin.post(list_of(Bot), action, follow=True)

    assert reason in told(response)[0]


def test_a_check_that_nobody_answers_names_the_address(admin, bot, settings):
    settings.PACHCA_API_URL = "http://127.0.0.1:1"

    action = {"action": "check_connection", "_selected_action": [bot.pk]}
    response = admin.post(list_of(Bot), action, follow=True)

    assert told(response) == ["Demo is not connected: nobody answers at http://127.0.0.1:1."]


# --- lists ---------------------------------------------------------------------------------------


def test_bots_are_listed_with_their_counts_in_one_query(admin, bot, django_assert_num_queries):
    Bot.objects.create(name="Other", slug="other")
    for state in (State.WAITING, State.FAILED, State.FAILED, State.DONE):
        make_update(bot, state=state)

    with django_assert_num_queries(5):  # session, person, count twice, rows
        html = admin.get(list_of(Bot)).content.decode()

    assert f"?bot={bot.pk}&amp;state__exact=failed" in html
    assert TOKEN not in html


def test_the_list_of_updates_asks_as_much_for_many_rows_as_for_one(
    admin, bot, django_assert_num_queries
):
    for _ in range(5):
        make_update(bot)

    with django_assert_num_queries(LIST_QUERIES):
        admin.get(list_of(Update))


def test_the_list_of_deliveries_asks_as_much_for_many_rows_as_for_one(
    admin, bot, django_assert_num_queries
):
    for _ in range(5):
        make_delivery(bot, update=make_update(bot))

    with django_assert_num_queries(LIST_QUERIES):
        admin.get(list_of(Delivery))


def test_the_page_of_an_update_asks_for_all_it_caused_at_once(
    admin, bot, django_assert_num_queries
):
    update = make_update(bot)
    deliveries = [make_delivery(bot, text, update=update) for text in ("one", "two", "three")]

    with django_assert_num_queries(4):  # session, person, update, deliveries
        html = admin.get(page_of(update)).content.decode()

    assert all(page_of(delivery) in html for delivery in deliveries)


def test_a_large_table_is_neither_counted_nor_split_into_days_to_its_end(admin, bot, monkeypatch):
    monkeypatch.setattr(CappedPaginator, "LIMIT", 3)
    for _ in range(5):
        make_update(bot)

    large = admin.get(list_of(Update)).context["cl"]
    small = admin.get(list_of(Update), {"state__exact": "failed"}).context["cl"]

    assert (large.result_count, large.date_hierarchy) == (3, None)
    assert small.date_hierarchy == "created_at"


@pytest.mark.parametrize("raw", [r'{"content": "\u043f\u0440\u0438\u0432\u0435\u0442"}', None])
def test_an_update_is_found_by_its_text_however_the_sender_spelt_it(admin, bot, raw):
    make_update(bot, raw=raw or json.dumps({"content": "привет"}, ensure_ascii=False))
    make_update(bot, "something else")

    response = admin.get(list_of(Update), {"q": "привет"})

    assert response.context["cl"].result_count == 1


def test_updates_are_filtered_by_bot_and_nonsense_filters_nothing(admin, bot):
    make_update(bot)
    make_update(Bot.objects.create(name="Other", slug="other"))

    counts = [
        admin.get(list_of(Update), {"bot": chosen}).context["cl"].result_count
        for chosen in (bot.pk, "nonsense")
    ]

    assert counts == [1, 2]


def test_a_command_is_switched_off_in_the_list(admin, bot):
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
def test_whatever_came_in_can_be_shown(admin, bot, raw):
    update = make_update(bot, raw=raw, state=State.FAILED, error="<b>Traceback</b>")

    html = [admin.get(page).content.decode() for page in (list_of(Update), page_of(update))]

    assert "<script>alert(1)" not in "".join(html)
    assert "&lt;b&gt;Traceback&lt;/b&gt;</pre>" in html[1]


def test_a_delivery_shows_its_call_and_the_answer_as_json(admin, bot):
    update = make_update(bot)
    delivery = make_delivery(
        bot, "Привет!", update=update, status=201, response={"data": {"id": 5}}
    )

    html = admin.get(page_of(delivery)).content.decode()

    assert "&quot;content&quot;: &quot;Привет!&quot;" in html
    assert "&quot;id&quot;: 5" in html
    assert page_of(update) in html


# --- again ---------------------------------------------------------------------------------------


def test_handling_again_says_how_many_and_leaves_alone_what_is_in_work(admin, bot):
    failed = make_update(bot, state=State.FAILED, attempts=4, error="Traceback")
    busy = make_update(bot, state=State.WORKING, attempts=1)

    action = {"action": "handle_again", "_selected_action": [failed.pk, busy.pk]}
    response = admin.post(list_of(Update), action, follow=True)

    assert told(response) == [
        "To be done again: 1.",
        "Left alone, because they are in work or wait for it: 1.",
    ]
    states = Update.objects.order_by("pk").values_list("state", "attempts", "error")
    assert list(states) == [(State.WAITING, 0, ""), (State.WORKING, 1, "")]


def test_sending_again_from_the_page_of_a_delivery_asks_first(admin, bot):
    delivery = make_delivery(bot, state=State.FAILED)
    button = reverse("admin:bots_delivery_send_this_again", args=[delivery.pk])

    question = admin.get(button)
    before = Delivery.objects.get().state
    answer = admin.post(button, {"_form_submitted": "True"}, headers={"HX-Request": "true"})

    assert "Send this once more?" in question.content.decode()
    assert before == State.FAILED
    assert answer.headers["HX-Redirect"] == page_of(delivery)
    assert Delivery.objects.get().state == State.WAITING


def test_a_button_of_a_row_that_is_gone_is_not_found(admin, bot):
    button = reverse("admin:bots_update_handle_this_again", args=["nonsense"])

    assert admin.post(button, {"_form_submitted": "True"}).status_code == 404


MAKERS = {Update: make_update, Delivery: make_delivery}
AGAIN = {Update: "handle", Delivery: "send"}


@pytest.mark.parametrize("model", MAKERS)
@pytest.mark.parametrize(
    ("right", "sees", "repeats"),
    [("", False, False), ("view", True, False), ("change", True, True)],
)
def test_looking_and_repeating_need_their_own_permissions(staff, bot, model, right, sees, repeats):
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
def test_nobody_writes_machines_rows_by_hand(staff, admin_user, bot, model):
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


# --- the front page ------------------------------------------------------------------------------


def test_the_front_page_counts_what_its_links_lead_to(admin, bot):
    make_update(bot, state=State.WAITING)
    make_update(bot, state=State.FAILED, error="Traceback\nValueError: no such person")
    old = make_update(bot, state=State.FAILED)
    Update.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=2))
    make_delivery(bot, state=State.FAILED)

    response = admin.get(reverse("admin:index"))

    cards = response.context["cards"]
    behind = [admin.get(card.url).context["cl"].result_count for card in cards]
    assert [card.count for card in cards] == behind == [1, 1, 0, 1]
    assert "ValueError: no such person" in response.content.decode()


def test_the_front_page_shows_nothing_to_who_may_see_nothing(staff, bot):
    make_update(bot, state=State.FAILED)

    response = staff().get(reverse("admin:index"))

    assert response.context["cards"] == response.context["failures"] == []
    assert response.context["charts"] == []


def test_the_front_page_draws_the_counted_minutes(admin, bot, django_assert_num_queries):
    minute = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=3)
    Minute.objects.create(bot=bot, minute=minute, updates=6, failed=1, calls=2, p50=0.5, p99=2)

    with django_assert_num_queries(10):  # session, person, bots, minutes, and three of each list
        response = admin.get(reverse("admin:index"))

    updates, calls, seconds, _queue = response.context["charts"]
    assert [line.most for line in updates.legend] == ["6", "1"]
    assert [line.most for line in calls.legend] == ["2", "0"]
    assert [line.most for line in seconds.legend] == ["0.5", "2"]
    assert len(json.loads(updates.data)["labels"]) == 60


def test_the_front_page_can_be_that_of_one_bot(admin, bot):
    other = Bot.objects.create(name="Other", slug="other")
    make_update(bot, state=State.FAILED)
    minute = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=3)
    Minute.objects.create(bot=bot, minute=minute, updates=30)

    page = admin.get(reverse("admin:index"), {"bot": other.pk, "span": "day"}).context
    whole = admin.get(reverse("admin:index"), {"bot": "nonsense", "span": "nonsense"}).context

    assert (page["title"], page["failures"]) == ("Other", [])
    assert [card.count for card in page["cards"]] == [0, 0, 0, 0]
    assert page["charts"][0].legend[0].most == "0"
    assert whole["charts"][0].legend[0].most == "30"
    assert [link.name for link in page["bots"]] == ["All bots", "Demo", "Other"]
    assert f"bot={other.pk}" in page["cards"][0].url
