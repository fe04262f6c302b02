"""Commands as rows: what each does, for whom, where, and that changes hold at once."""

import json
import unicodedata
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from bots.commands import BadVariable, command_action, kinds
from bots.commands.trial import try_out
from bots.commands.variables import fill, find_unknown
from bots.framework.api import Api
from bots.framework.routing.errors import BadHandler
from bots.framework.routing.injection import Context
from bots.framework.routing.router import Command as Named
from bots.models import Bot, Command, Delivery, PachcaAccount, Update
from bots.runtime import dispatch
from bots.runtime.profiles import profiles
from bots.tests.conftest import answers, message_event, run
from tts.models import Speech
from twitter.models import Tweet

FORM = {
    "title": "Leave",
    "send_to": 555,
    "blocks": [
        {"type": "header", "text": "When?"},
        {"type": "input", "name": "days", "label": "Days"},
    ],
}


@pytest.fixture(autouse=True)
def _fresh() -> None:
    profiles.clear()


def command(bot: Any, name: Any, text: Any = "Hi", action: Any = "text", **fields: Any) -> Command:
    return Command.objects.create(bot=bot, name=name, action=action, text=text, **fields)


def say(bot: Any, text: Any, **changes: Any) -> list[str]:
    """Say it to the bot, and return what it answers."""
    Update.objects.all().delete()
    Delivery.objects.all().delete()
    event = message_event(text, **changes)
    kind = f"{event['type']}.{event['event']}"
    row = Update.objects.create(bot=bot, key="k", kind=kind, raw=json.dumps(event))
    run(dispatch.handle(row.pk))
    row.refresh_from_db()
    assert row.state == "done", row.error
    return answers()


# --- what it does --------------------------------------------------------------------------------


def test_a_command_of_the_administrator_answers_by_any_of_its_names(bot: Any) -> None:
    command(bot, "wifi", "The password is on the wall.", aliases="интернет net")

    for text in ("/wifi", "/WiFi now", "/интернет", "/net"):
        assert say(bot, text) == ["The password is on the wall."]


def test_a_change_holds_for_the_next_message(bot: Any) -> None:
    row = command(bot, "wifi", "old")
    assert say(bot, "/wifi") == ["old"]

    Command.objects.filter(pk=row.pk).update(text="new")
    assert say(bot, "/wifi") == ["new"]
    Command.objects.filter(pk=row.pk).update(is_on=False)
    assert "There is no command" in say(bot, "/wifi")[0]


def test_a_row_can_call_a_handler_of_the_code_by_another_name(bot: Any) -> None:
    command(bot, "привет", action="handler", handler="hello", aliases="hi")

    assert say(bot, "/привет") == say(bot, "/hi") == say(bot, "/hello")


def test_a_row_takes_the_place_of_the_code(bot: Any) -> None:
    command(bot, "hello", "My own hello")

    assert say(bot, "/hello") == ["My own hello"]


def test_a_text_is_filled_with_who_asks_and_what(bot: Any, pachca: Any) -> None:
    pachca.will_answer(200, {"data": {"first_name": "Ann", "last_name": "Lee"}})
    command(bot, "echo", "{name}, {full_name}, {bot}: {args}; {mention}")

    assert say(bot, "/echo {name} twice") == ["Ann, Ann Lee, Demo: {name} twice; <@12>"]
    assert [call.path for call in pachca.calls] == ["/users/12"]  # asked once


def test_an_unknown_variable_is_refused_with_those_that_there_are(bot: Any) -> None:
    row = Command(bot=bot, name="a", action="text", text="{nmae}")

    with pytest.raises(ValidationError, match=r"no variable \{nmae\}.*\{name\}"):
        kinds()["text"].clean(row)


@given(st.text() | st.text("{}ab_ "))
def test_a_text_without_variables_is_said_as_it_is_or_refused_for_what_is_none(text: Any) -> None:
    unknown = find_unknown(text)
    if not unknown:
        assert run(fill(text, Context())) == text
        return
    with pytest.raises(BadVariable) as refused:
        run(fill(text, Context()))
    assert refused.value.args == (unknown[0],)


def test_an_app_brings_an_action_of_its_own(bot: Any) -> None:
    if "shout" not in kinds():

        @command_action("shout", "Shout", "Text")
        def shout(parameter: str, command: Any, row: Any) -> str:
            return f"{parameter.upper()}! {command.args} {row.name}"

    command(bot, "loud", "hey", action="shout")

    assert say(bot, "/loud you") == ["HEY! you loud"]


def test_a_command_posts_a_tweet_in_the_name_of_who_wrote(bot: Any, django_user_model: Any) -> None:
    command(bot, "thanks", "Thank you, {args}!", action="tweet")
    assert say(bot, "/thanks Bob")
    assert not Tweet.objects.exists()

    ann = django_user_model.objects.create(username="ann")
    PachcaAccount.objects.link(ann, 12, in_sandbox=False)

    assert "Posted" in say(bot, "/thanks Bob")[0]
    assert [it.text for it in Tweet.objects.all()] == ["Thank you, Bob!"]


def test_a_command_says_a_text_aloud(bot: Any) -> None:
    command(bot, "news", "No news today", action="speech")

    assert say(bot, "/news") == []
    assert Speech.objects.get().text_length == len("No news today")


def test_an_action_that_asks_for_what_there_is_not_is_refused_at_once() -> None:
    with pytest.raises(BadHandler, match="requests unknown values: nonsense"):

        @command_action("never", "Never")
        def never(nonsense: Any) -> Any:
            return None


# --- who, and where ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "may"), [(["Design"], True), (["design", "x"], True), (["Sales"], False), ([], False)]
)
def test_only_people_with_the_tags_may_use_it(bot: Any, pachca: Any, tags: Any, may: bool) -> None:
    pachca.will_answer(200, {"data": {"first_name": "Ann", "list_tags": tags}})
    command(bot, "plan", "Secret plan", audience="tags", tags="Design, Board")

    assert (say(bot, "/plan") == ["Secret plan"]) is may


def test_while_tags_cannot_be_asked_for_nobody_is_let_in(bot: Any, pachca: Any) -> None:
    pachca.will_answer(403, {"error": "forbidden", "error_description": "no scope"})
    command(bot, "plan", "Secret plan", audience="tags", tags="Design")

    assert "Try again later" in say(bot, "/plan")[0]


def test_only_the_people_named_may_use_it(bot: Any, django_user_model: Any) -> None:
    ann = django_user_model.objects.create(username="ann")
    row = command(bot, "plan", "Secret plan", audience="people")
    assert "You may not use" in say(bot, "/plan")[0]

    row.people.add(ann)
    assert "You may not use" in say(bot, "/plan")[0]  # whose account this is, is not known yet
    PachcaAccount.objects.link(ann, 12, in_sandbox=False)
    assert say(bot, "/plan") == ["Secret plan"]
    ann.is_active = False
    ann.save()
    assert "You may not use" in say(bot, "/plan")[0]


def test_an_alias_in_the_code_is_no_way_around_the_audience(bot: Any, router: Any) -> None:
    @router.message(Named("plan", aliases=["p"]))
    def plan() -> str:
        return "Secret plan"

    command(bot, "plan", "", action="handler", audience="people")

    assert "You may not use" in say(bot, "/p")[0]
    assert "You may not use" in say(bot, "/plan")[0]


@pytest.mark.parametrize(
    "before", ["", " ", "\ufeff", "\u200f", "\ufe0f", *"\u3164\u115f\u1160\uffa0"]
)
def test_characters_before_the_slash_are_no_way_around_the_audience(
    bot: Any, pachca: Any, router: Any, before: Any
) -> None:
    router.message(Named("plan"))(lambda: "Secret plan")
    command(bot, "plan", "", action="handler", audience="people")

    assert "You may not use" in say(bot, f"{before}/plan")[0]
    assert say(bot, f"{before}/plan@other") == []


def test_handlers_that_share_a_command_are_no_way_around_the_audience(
    bot: Any, router: Any
) -> None:
    # The one that is registered last has neither the alias nor the prefix.
    router.message(Named("plan", "Show it", aliases=["p"], prefix="!/", args=r"\d+"))(lambda: "5")
    router.message(Named("plan"))(lambda: "How to")
    row = command(bot, "plan", "", action="handler", audience="people")

    for text in ("/plan 5", "/p 5", "!plan 5", "/plan"):
        assert "You may not use" in say(bot, text)[0]
    row.delete()
    assert "`/plan` — Show it" in say(bot, "/help")[0]


def test_a_name_with_characters_that_cannot_be_seen_can_be_typed(bot: Any, router: Any) -> None:
    router.message(Named("❤\ufe0f", aliases=["a\u200bb"]))(lambda: "Love")

    for text in ("/❤\ufe0f", "/❤", "/ab", "/a\u200bb"):
        assert say(bot, text) == ["Love"]


def test_a_name_of_decomposed_letters_is_the_same_name(bot: Any, router: Any) -> None:
    router.message(Named(unicodedata.normalize("NFD", "йод"), aliases=["ёж"]))(lambda: "Iodine")
    command(bot, "мой", "Mine")

    for text, expected in (
        ("/йод", "Iodine"),
        ("/ЙОД", "Iodine"),
        ("/ёж", "Iodine"),
        ("/мой", "Mine"),
    ):
        for form in ("NFC", "NFD"):
            assert say(bot, unicodedata.normalize(form, text)) == [expected]


@pytest.mark.parametrize(
    ("place", "field"), [("user", "private"), ("discussion", "chats"), ("thread", "threads")]
)
def test_a_command_works_only_where_it_may(bot: Any, place: str, field: str) -> None:
    where = {"entity_type": place, "entity_id": 12}
    row = command(bot, "plan", "Plan", **{f"in_{field}": False})
    assert "is not available in this chat" in say(bot, "/plan", **where)[0]

    Command.objects.filter(pk=row.pk).update(**{f"in_{field}": True})
    assert say(bot, "/plan", **where) == ["Plan"]


# --- /help ---------------------------------------------------------------------------------------


def test_help_lists_what_this_person_may_use_here(bot: Any, pachca: Any) -> None:
    pachca.will_answer(200, {"data": {"list_tags": ["Sales"]}})
    command(bot, "wifi", "x", description="The password")
    command(bot, "plan", "x", description="Secret", audience="tags", tags="Design")
    command(bot, "sales", "x", description="Numbers", audience="tags", tags="Sales")
    command(bot, "off", "x", description="Switched off", is_on=False)
    command(bot, "chats", "x", description="Not here", in_private=False)
    command(bot, "gone", "", action="handler", description="Its handler is gone")

    (expected,) = say(bot, "/help")

    assert "* `/wifi` — The password" in expected
    assert "* `/sales` — Numbers" in expected
    assert "* `/hello` — Greet me" in expected
    for name in ("plan", "off", "chats", "gone"):
        assert f"/{name}" not in expected


def test_a_command_costs_one_query_for_all_the_rows(
    bot: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        command(bot, f"c{number}", "x")
    Update.objects.create(
        bot=bot, key="k", kind="message.new", raw=json.dumps(message_event("/c7"))
    )

    with django_assert_max_num_queries(14):
        run(dispatch.handle(Update.objects.get().pk))

    assert Delivery.objects.get().payload["message"]["content"] == "x"


# --- forms ---------------------------------------------------------------------------------------


def test_a_form_is_offered_opened_and_told_to_its_chat(bot: Any, pachca: Any) -> None:
    row = command(bot, "leave", "Fill in, {bot}", action="form", form=FORM)
    assert say(bot, "/leave") == ["Fill in, Demo"]
    (((pressed,),),) = [it.payload["message"]["buttons"] for it in Delivery.objects.all()]

    press = {"type": "button", "event": "click", "trigger_id": "t", "data": pressed["data"]}
    pachca.will_answer(201, {})
    assert say(bot, "", **press) == []
    opened = pachca.calls[-1].body
    assert (opened["callback_id"], opened["view"]["title"]) == (f"command-form:{row.pk}", "Leave")

    sent = {"type": "view", "event": "submit", "callback_id": opened["callback_id"]}
    to_chat, thanks = say(bot, "", **sent, data={"days": "*5*"})
    assert "**Days**: \\*5\\*" in to_chat
    assert thanks == "Sent. Thank you!"
    assert Delivery.objects.order_by("pk")[0].payload["message"]["entity_id"] == 555


@pytest.mark.parametrize(
    "form",
    [None, [], {}, {**FORM, "send_to": "x"}, {**FORM, "title": "x" * 25}, {**FORM, "blocks": [{}]}],
)
def test_a_form_that_pachca_would_not_take_is_refused(bot: Any, form: Any) -> None:
    with pytest.raises(ValidationError):
        kinds()["form"].clean(Command(bot=bot, name="a", action="form", form=form))


# --- names ---------------------------------------------------------------------------------------


def test_two_commands_of_a_bot_share_no_name(bot: Any) -> None:
    command(bot, "wifi", aliases="net")

    for changes in ({"name": "net"}, {"name": "x", "aliases": "wifi"}):
        with pytest.raises(ValidationError, match="Another command has the name"):
            Command(bot=bot, text="x", action="text", **changes).full_clean()


def test_names_are_put_in_order(bot: Any) -> None:
    row = Command(bot=bot, name="WiFi", aliases="/Net,  интернет")
    row.full_clean()

    assert (row.name, row.aliases) == ("wifi", "net интернет")


# --- trying, and the admin -----------------------------------------------------------------------


def test_a_trial_shows_the_answer_and_leaves_no_trace(bot: Any, pachca: Any, router: Any) -> None:
    pachca.will_answer(200, {"data": {"first_name": "Ann"}})
    command(bot, "echo", "Hello, {name}")

    @router.message(Named("make"))
    async def make(api: Api, bot: Bot) -> str:
        await Command.objects.acreate(bot=bot, name="made")
        return (await api.create_message(message={"entity_id": 1, "content": "said"}))["content"]

    assert [it["content"] for it in try_out(bot, "/echo", 12).answers] == ["Hello, Ann"]
    trial = try_out(bot, "/make", 12)

    assert [it["content"] for it in trial.answers] == ["said"]
    assert (Update.objects.count(), Delivery.objects.count()) == (0, 0)
    assert not Command.objects.filter(name="made").exists()
    assert pachca.said == []


def test_a_trial_shows_what_a_handler_raised(bot: Any, router: Any) -> None:
    @router.message(Named("break"))
    def breaks() -> str:
        raise ValueError("broken")

    assert try_out(bot, "/break", 12).error == "ValueError: broken"


def test_the_try_it_page_shows_the_answer(admin_client: Any, bot: Any) -> None:
    row = command(bot, "wifi", "On the <b>wall</b>")
    page = reverse("admin:bots_command_try", args=[row.pk])
    assert "Message" in admin_client.get(page).content.decode()

    html = admin_client.post(page, {"text": "/wifi", "place": "private", "person": 12}).content

    assert "On the &lt;b&gt;wall&lt;/b&gt;" in html.decode()
    assert admin_client.post(page, {"text": "", "place": "?", "person": "x"}).status_code == 200


def test_trying_is_for_those_who_may_change_commands(
    client: Any, bot: Any, django_user_model: Any
) -> None:
    row = command(bot, "wifi")
    client.force_login(get_user_model().objects.create(username="staff", is_staff=True))

    assert client.get(reverse("admin:bots_command_try", args=[row.pk])).status_code == 404


def test_a_command_is_made_in_the_admin(admin_client: Any, bot: Any) -> None:
    page = reverse("admin:bots_command_add")
    given = {"bot": bot.pk, "name": "wifi", "action": "text", "audience": "everybody"}
    places = {"in_private": "on", "is_on": "on", "form": "null"}

    refused = admin_client.post(page, {**given, **places, "text": "{nmae}"})
    assert "There is no variable {nmae}" in refused.content.decode()
    admin_client.post(page, {**given, **places, "text": "On the wall"})

    row = Command.objects.get(name="wifi")
    assert (row.text, row.in_private, row.in_chats) == ("On the wall", True, False)


def test_a_command_for_people_needs_somebody_chosen(admin_client: Any, bot: Any) -> None:
    given = {"bot": bot.pk, "name": "wifi", "action": "text", "text": "Hi", "audience": "people"}

    refused = admin_client.post(reverse("admin:bots_command_add"), given)

    assert "Choose at least one user." in refused.content.decode()
    assert not Command.objects.exists()


@pytest.mark.parametrize(("is_chosen", "answers"), [(True, ["edited"]), (False, [])])
def test_an_edited_message_obeys_the_audience_of_a_command(
    bot: Any, router: Any, django_user_model: Any, is_chosen: bool, answers: Any
) -> None:
    router.message_edited(Named("secret"))(lambda: "edited")
    row = command(bot, "secret", "", action="handler", handler="secret", audience="people")
    ann = django_user_model.objects.create(username="ann")
    PachcaAccount.objects.link(ann, 12, in_sandbox=False)
    if is_chosen:
        row.people.add(ann)

    assert say(bot, "/secret", event="update") == answers
