"""Setting a bot up at Pachca: what is missing, writing it there, doing it from a terminal."""

import io
import re
from email.utils import formatdate
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from pytest_django.fixtures import SettingsWrapper

from bots.framework.api import run
from bots.framework.api.table import METHODS, SCOPES
from bots.models import Bot, Command
from bots.setup import examine, sync
from bots.setup.checks import BAD, DOUBTFUL, GOOD, is_public
from bots.setup.requirements import CALLS, commands_of, events_of
from bots.tests.conftest import BOT_USER

ALL_SCOPES = sorted({SCOPES[it] for it in CALLS if SCOPES[it]} | {"bots:write"})
PROFILE = {"id": BOT_USER, "first_name": "Demo", "nickname": "demo", "bot": True}


@pytest.fixture
def there(bot: Any, pachca: Any, settings: SettingsWrapper) -> Any:
    """Pachca, in which the bot is set up as it should be; to be spoilt by a test."""
    settings.SITE_URL = "https://bots.example.com"
    webhook = {
        "nickname": "demo",
        "outgoing_url": bot.webhook_url,
        "events": events_of(bot),
        "commands": commands_of(bot),
        "trigger_on": "all_messages",
        "events_history_enabled": True,
    }
    pachca.routes = {
        "/profile": dict(PROFILE),
        "/oauth/token/info": {"scopes": list(ALL_SCOPES)},
        "/bots": [{"id": 7, "webhook": webhook}],
        "/bots/7": {},
        "/bot/webhook": {},
    }
    pachca.webhook = webhook
    return pachca


def states(bot: Any) -> dict[str, str]:
    return {check.title: check.state for check in run(examine(bot))}


def wrong(bot: Any) -> dict[str, str]:
    """Return message and fix of all checks that are not good, by title."""
    return {it.title: f"{it.message} {it.fix}" for it in run(examine(bot)) if it.state != GOOD}


def test_where_all_is_well_only_the_first_update_is_waited_for(bot: Any, there: Any) -> None:
    assert list(wrong(bot)) == ["Last update"]


@pytest.mark.parametrize(
    ("spoil", "title", "output"),
    [
        ({"outgoing_url": "https://old.example.com/x"}, "Webhook address", "old.example.com"),
        ({"outgoing_url": None, "events_history_enabled": False}, "Webhook address", "not set"),
        ({"events": ["message_new"]}, "Events", "Missing: button_click"),
        ({"trigger_on": "commands"}, "Messages received", "Commands only"),
        ({"events_history_enabled": False}, "Event history", "are lost"),
    ],
)
def test_what_is_missing_in_pachca_is_named_with_the_fix(
    bot: Any, there: Any, spoil: Any, title: str, output: str
) -> None:
    there.webhook |= spoil

    assert output in wrong(bot)[title]
    assert "Write to Pachca" in wrong(bot)[title]


def test_every_command_that_pachca_does_not_list_is_named(bot: Any, there: Any) -> None:
    there.webhook["commands"] = []

    _, _, missing = wrong(bot)["Commands"].partition("Missing: ")

    assert commands_of(bot)
    assert all(command in missing for command in commands_of(bot))


def test_a_refused_token_is_told_and_ends_the_questions(bot: Any, there: Any) -> None:
    there.routes["/profile"] = (401, {}, {"error": "x", "error_description": "Token is unknown"})

    assert "Token is unknown" in wrong(bot)["Access token"]
    assert [call.path for call in there.calls] == ["/profile"]


def test_a_missing_scope_is_named(bot: Any, there: Any) -> None:
    there.routes["/oauth/token/info"] = {"scopes": ["messages:create"]}
    found = {it.title: it for it in run(examine(bot))}
    assert found["Scopes of the token"].state == DOUBTFUL
    assert "users:read" in found["Scopes of the token"].message

    there.routes["/oauth/token/info"] = {"scopes": []}
    assert states(bot)["Scopes of the token"] == BAD


def test_a_clock_that_is_wrong_is_told(bot: Any, there: Any) -> None:
    late = formatdate(0, usegmt=True)
    there.routes["/profile"] = (200, {"Date": late}, {"data": PROFILE})

    assert "differs" in wrong(bot)["Clock"]


def test_what_is_missing_here_is_told_too(bot: Any, there: Any, settings: SettingsWrapper) -> None:
    settings.SITE_URL = "http://localhost:8000"
    bot.signing_secret, bot.pachca_user_id = "", 1

    output = wrong(bot)

    assert "webhooks are rejected" in output["Signing secret"]
    assert "Write to Pachca" in output["Identity"]
    assert "manage.py poll demo" in output["Public address"]


def test_nobody_answering_is_no_crash(bot: Any, settings: SettingsWrapper) -> None:
    settings.PACHCA_API_URL = "http://127.0.0.1:9"

    assert "no response from" in wrong(bot)["Access token"]
    assert not run(sync(bot)).ok


def test_writing_tells_pachca_all_that_the_bot_needs(bot: Any, there: Any) -> None:
    Command.objects.create(bot=bot, name="wifi", aliases="net", action="text", text="x")
    Command.objects.create(bot=bot, name="hello", is_on=False)

    written = run(sync(bot))

    assert written.ok
    (put,) = [call for call in there.calls if call.verb == "PUT"]
    sent = put.body["webhook"]
    assert (put.path, sent["outgoing_url"]) == ("/bots/7", bot.webhook_url)
    assert {"/wifi", "/net", "/help"} <= set(sent["commands"])
    assert "/hello" not in sent["commands"]
    assert {"message_new", "button_click"} <= set(sent["events"])


def test_writing_stores_which_person_of_pachca_the_bot_is(bot: Any, there: Any) -> None:
    Bot.objects.filter(pk=bot.pk).update(pachca_user_id=None)
    bot.refresh_from_db()

    run(sync(bot))

    bot.refresh_from_db()
    assert bot.pachca_user_id == BOT_USER
    assert states(bot)["Identity"] == GOOD


def test_a_token_that_may_not_writes_the_address_alone(bot: Any, there: Any) -> None:
    there.routes["/bots/7"] = (403, {}, {"error": "forbidden", "error_description": "no"})

    written = run(sync(bot))

    assert (written.ok, "may not change commands" in written.message) == (True, True)
    assert there.calls[-1].body == {"webhook": {"outgoing_url": bot.webhook_url}}


def test_an_address_that_pachca_cannot_reach_is_not_written(
    bot: Any, there: Any, settings: SettingsWrapper
) -> None:
    settings.SITE_URL = "http://localhost:8000"

    run(sync(bot))

    assert "outgoing_url" not in there.calls[-1].body["webhook"]


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://bots.example.com/x", True),
        ("https://93.184.216.34/x", True),
        ("http://bots.example.com/x", False),
        ("https://localhost/x", False),
        ("https://10.0.0.1/x", False),
        ("https://mac.local/x", False),
        ("nonsense", False),
    ],
)
def test_a_public_address_is_known_from_others(url: str, public: bool) -> None:
    assert is_public(url) is public


def test_every_call_that_is_checked_for_is_a_method() -> None:
    assert set(CALLS) <= METHODS.keys()


# --- the page ------------------------------------------------------------------------------------


def test_the_page_shows_the_checks_and_writes(admin_client: Any, bot: Any, there: Any) -> None:
    page = reverse("admin:bots_bot_check", args=[bot.pk])
    assert "Accepted." in admin_client.get(page).content.decode()

    output = admin_client.post(page, follow=True).content.decode()

    assert "Written:" in output
    assert "tkn" not in output


def test_the_page_has_a_heading(admin_client: Any, bot: Any, there: Any) -> None:
    page = admin_client.get(reverse("admin:bots_bot_check", args=[bot.pk])).content.decode()

    headings = re.findall(r"<h2[^>]*>\s*(.*?)\s*</h2>", page)
    assert f"Setup: {bot}" in headings


def test_the_page_is_for_those_who_may_change_bots(
    client: Any, bot: Any, there: Any, django_user_model: Any
) -> None:
    client.force_login(django_user_model.objects.create(username="staff", is_staff=True))

    assert client.get(reverse("admin:bots_bot_check", args=[bot.pk])).status_code == 404
    assert there.calls == []


# --- newbot --------------------------------------------------------------------------------------


@pytest.fixture
def newbot(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("LC_ALL", "C")

    def run_it(*arguments: str, lines: str = "s3cret-token\ns3cret-secret\n") -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        out = io.StringIO()
        call_command("newbot", "--token-stdin", "--no-input", *arguments, stdout=out, no_color=True)
        assert "s3cret" not in out.getvalue()
        return out.getvalue()

    return run_it


class Person:
    """Somebody at a terminal, who answers each question in turn and then presses Ctrl-C."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, question: str) -> str:
        self.asked.append(question)
        if not self.answers:
            raise KeyboardInterrupt
        return self.answers.pop(0)


@pytest.fixture
def at_terminal(monkeypatch: pytest.MonkeyPatch) -> Any:
    def run_it(person: Person, language: str = "C") -> str:
        monkeypatch.setenv("LC_ALL", language)
        monkeypatch.setattr("builtins.input", person)
        monkeypatch.setattr("getpass.getpass", person)
        out = io.StringIO()
        call_command("newbot", stdout=out, no_color=True)
        return out.getvalue()

    return run_it


def test_in_a_terminal_it_asks_again_until_the_answer_is_right(
    there: Any, at_terminal: Any
) -> None:
    Bot.objects.all().delete()
    there.will_answer(401, {"error": "x", "error_description": "unknown"})
    person = Person(
        "s3cret-wrong", "s3cret-token", "hook", "webhook", "s3cret", "Not a slug", "d", ""
    )

    output = at_terminal(person)

    assert (person.answers, "401 unknown" in output, "s3cret" in output) == ([], True, False)
    bot = Bot.objects.get()
    assert (bot.slug, bot.token, bot.signing_secret) == ("d", "s3cret-token", "s3cret")


@pytest.mark.parametrize("answers", [(), ("s3cret-token",), ("s3cret-token", "polling", "demo")])
def test_ctrl_c_ends_it_and_nothing_is_stored(there: Any, at_terminal: Any, answers: Any) -> None:
    Bot.objects.all().delete()

    with pytest.raises(CommandError, match="Stopped"):
        at_terminal(Person(*answers))
    assert not Bot.objects.exists()


def test_it_speaks_the_language_of_the_terminal(there: Any, at_terminal: Any) -> None:
    person = Person("s3cret-token", "polling", "")

    output = at_terminal(person, "ru_RU.UTF-8")

    assert "Токен доступа" in person.asked[0]
    assert "напишите боту /start" in output


def test_a_bot_is_made_by_a_script(there: Any, newbot: Any) -> None:
    Bot.objects.all().delete()

    output = newbot("--webhook")

    bot = Bot.objects.get()
    assert (bot.slug, bot.name, bot.token) == ("demo", "Demo", "s3cret-token")
    assert (bot.signing_secret, bot.pachca_user_id) == ("s3cret-secret", BOT_USER)
    assert "✓ Access token: Accepted." in output
    assert Command.objects.filter(bot=bot, name="help").exists()


def test_making_it_again_changes_it(bot: Any, there: Any, newbot: Any) -> None:
    output = newbot("--polling", lines="s3cret-new\n")

    bot.refresh_from_db()
    assert (bot.token, bot.signing_secret) == ("s3cret-new", "scrt")
    assert "manage.py poll demo" in output


def test_a_refused_token_stores_nothing(there: Any, newbot: Any) -> None:
    Bot.objects.all().delete()
    there.routes["/profile"] = (401, {}, {"error": "x", "error_description": "unknown"})

    with pytest.raises(CommandError, match="401 unknown"):
        newbot()
    assert not Bot.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "lines", "output"),
    [
        ((), "\n", "No token was entered"),
        ((), "два слова\n", "single word of Latin letters"),
        (("--slug", "Not a slug"), "x\n", "lower-case Latin letters"),
    ],
)
def test_bad_input_is_reported(
    there: Any, newbot: Any, arguments: Any, lines: str, output: str
) -> None:
    with pytest.raises(CommandError, match=output):
        newbot(*arguments, lines=lines)


def test_the_address_of_another_bot_is_not_taken(bot: Any, there: Any, newbot: Any) -> None:
    Bot.objects.update(pachca_user_id=1)

    with pytest.raises(CommandError, match="The address demo is used by another bot"):
        newbot()


def test_the_token_of_a_person_is_not_taken(there: Any, newbot: Any) -> None:
    there.routes["/profile"] = {**PROFILE, "bot": False}

    with pytest.raises(CommandError, match="belongs to a person"):
        newbot()
