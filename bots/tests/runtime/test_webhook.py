import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries, SettingsWrapper

from bots.intake import inbox
from bots.intake.inbox import Post
from bots.models import Update
from bots.models.jobs import State
from bots.tests.conftest import BOT_USER, Pachcas, message_event, signature

pytestmark = pytest.mark.django_db


def test_a_signed_update_is_stored_as_it_came_before_200(bot: Any, webhook: Any) -> None:
    answer = webhook.post(message_event("/start"))

    update = Update.objects.get()
    assert (answer.status_code, answer.json()) == (200, {"result": "stored"})
    assert update.payload["content"] == "/start"
    assert (update.kind, update.chat, update.state) == ("message.new", "chat:77", State.WAITING)


def test_the_bell_rings_once_the_row_is_there(bot: Any, webhook: Any, rung: Any) -> None:
    webhook.post(message_event())
    webhook.post(message_event())

    assert rung == [("bots.handle_update", (Update.objects.get().pk,))]


def test_a_duplicate_is_200_and_has_no_second_effect(bot: Any, webhook: Any) -> None:
    webhook.post(message_event())

    again = webhook.post(message_event(webhook_timestamp=int(time.time()) - 2))

    assert (again.status_code, again.json()) == (200, {"result": "duplicate"})
    assert Update.objects.count() == 1


def test_two_bots_may_get_the_same_event(bot: Any, webhook: Any) -> None:
    bot.pk, bot.slug = None, "other"
    bot.save()

    webhook.post(message_event())
    webhook.post(message_event(), slug="other")

    assert Update.objects.count() == 2


@pytest.mark.parametrize("given", ["", "00", "ё", signature(b"other"), signature(b"x", "wrong")])
def test_without_a_right_signature_nothing_is_stored(bot: Any, webhook: Any, given: Any) -> None:
    answer = webhook.post(message_event(), **{"Pachca-Signature": given})

    assert answer.status_code == 401
    assert not Update.objects.exists()


def test_a_bot_without_a_secret_takes_nothing(bot: Any, webhook: Any) -> None:
    bot.signing_secret = ""
    bot.save()
    body = b"{}"

    answer = webhook.post(body, **{"Pachca-Signature": signature(body, "")})

    assert answer.status_code == 401


@pytest.mark.parametrize("age", [-301, 330])
def test_what_is_too_old_or_from_the_future_is_refused(bot: Any, webhook: Any, age: int) -> None:
    answer = webhook.post(message_event(webhook_timestamp=int(time.time()) + age))

    assert answer.status_code == 401
    assert "webhook_timestamp" in answer.json()["error"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"\xff\xfe",
        '{"webhook_timestamp": 1}'.encode("utf-16"),
        b'{"webhook_timestamp": "now"}',
        b'{"webhook_timestamp": true}',
        b'{"webhook_timestamp": NaN}',
        b"[" * 100_000,
        b'{"webhook_timestamp": 1e999}',
    ],
    ids=range(13),
)
def test_what_is_not_an_update_is_400(bot: Any, webhook: Any, body: Any) -> None:
    assert webhook.post(body).status_code == 400


def test_a_timestamp_beyond_all_bounds_is_refused(bot: Any, webhook: Any) -> None:
    assert webhook.post(message_event(webhook_timestamp=10**400)).status_code == 401


def test_what_is_too_large_is_413(bot: Any, webhook: Any, settings: SettingsWrapper) -> None:
    settings.BOTS_WEBHOOK_MAX_BYTES = 100

    assert webhook.post(b"x" * 101).status_code == 413
    assert webhook.post(b"x" * 3_000_000).status_code == 413


def test_a_bot_that_is_unknown_or_off_is_404(bot: Any, webhook: Any) -> None:
    assert webhook.post(message_event(), slug="nobody").status_code == 404

    bot.is_on = False
    bot.save()
    assert webhook.post(message_event()).status_code == 404


def refuse(webhook: Any, caplog: Any, body: Any = None, **options: Any) -> str:
    """Post something that is refused, and return what was logged about it."""
    answer = webhook.post(message_event() if body is None else body, **options)
    assert 400 <= answer.status_code <= 503
    (line,) = [it for it in caplog.messages if it.startswith("The webhook of the bot ")]
    return str(line)


def test_the_log_tells_that_a_refused_webhook_names_no_bot(
    bot: Any, webhook: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert "bot nobody was refused: No bot has this address." in refuse(
        webhook, caplog, slug="nobody"
    )


def test_the_log_tells_that_the_bot_of_a_refused_webhook_is_off(
    bot: Any, webhook: Any, caplog: pytest.LogCaptureFixture
) -> None:
    bot.is_on = False
    bot.save()

    assert refuse(webhook, caplog).endswith("The bot is switched off.")


def test_the_log_tells_that_the_bot_of_a_refused_webhook_has_no_secret(
    bot: Any, webhook: Any, caplog: pytest.LogCaptureFixture
) -> None:
    bot.signing_secret = ""
    bot.save()

    assert "The bot has no signing secret." in refuse(webhook, caplog)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", "The header Pachca-Signature is missing."),
        ("5e7b" * 16, "does not fit the body and the bot's signing secret."),
    ],
)
def test_the_log_tells_what_is_wrong_with_a_signature(
    bot: Any, webhook: Any, caplog: pytest.LogCaptureFixture, given: Any, reason: str
) -> None:
    line = refuse(webhook, caplog, **{"Pachca-Signature": given})

    assert line.endswith(reason)
    assert bot.signing_secret not in line
    assert signature(json.dumps(message_event()).encode()) not in line


def test_the_log_tells_that_the_secret_of_a_bot_cannot_be_read(
    bot: Any, webhook: Any, caplog: pytest.LogCaptureFixture, settings: SettingsWrapper
) -> None:
    settings.SECRET_KEY = "another one"

    assert "SECRET_KEY_FALLBACKS" in refuse(webhook, caplog)


@pytest.mark.parametrize(
    ("shift", "reason"),
    [
        (-412, "webhook_timestamp is 412 s behind this machine's clock (limit 300)."),
        (500, "webhook_timestamp is 500 s ahead of this machine's clock (limit 300)."),
        (10**400, "webhook_timestamp is not a time in unix seconds."),
    ],
    ids=["late", "early", "absurd"],
)
def test_the_log_tells_by_how_much_a_webhook_is_late(
    bot: Any,
    webhook: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    shift: Any,
    reason: str,
) -> None:
    now = int(time.time())
    monkeypatch.setattr(time, "time", lambda: float(now))

    assert refuse(webhook, caplog, message_event(webhook_timestamp=now + shift)).endswith(reason)


def test_the_log_tells_that_a_body_is_too_large_or_no_update(
    bot: Any, webhook: Any, caplog: pytest.LogCaptureFixture, settings: SettingsWrapper
) -> None:
    assert "not a JSON object" in refuse(webhook, caplog, b"[]")

    caplog.clear()
    settings.BOTS_WEBHOOK_MAX_BYTES = 100
    assert "BOTS_WEBHOOK_MAX_BYTES (100)" in refuse(webhook, caplog, b"x" * 101)


def test_only_post_is_answered(bot: Any, webhook: Any) -> None:
    answer = webhook.ask("GET", "/bots/demo/webhook")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_own_messages_are_kept_but_not_handled(bot: Any, webhook: Any) -> None:
    webhook.post(message_event(user_id=BOT_USER))

    assert Update.objects.get().state == State.IGNORED


@pytest.mark.parametrize("text", ["\0", "\ud800", "💬" * 1000], ids=["NUL", "surrogate", "long"])
def test_any_text_is_stored(bot: Any, webhook: Any, text: Any) -> None:
    event = message_event(text, type="message", chat_id=None)

    assert webhook.post(event).status_code == 200
    assert Update.objects.get().payload["content"] == text


def test_a_kind_that_pachca_will_add_is_stored_too(bot: Any, webhook: Any) -> None:
    event = {"type": "whiteboard\0", "event": "\udc00", "webhook_timestamp": int(time.time())}

    assert webhook.post(event).status_code == 200
    assert Update.objects.get().kind == "whiteboard?.?"


def test_storing_an_update_costs_two_queries(
    bot: Any, webhook: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):  # the bot, and the row
        webhook.post(message_event())


def test_what_comes_at_the_same_time_is_stored_by_one_statement(
    bot: Any, webhook: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bodies = [json.dumps(message_event(id=number)).encode() for number in (1, 2, 2, 3)]
    posts = [Post("demo", body, signature(body)) for body in bodies]
    posts += [Post("nobody", bodies[0], "00"), Post("demo", bodies[0], "00")]

    with django_assert_num_queries(2):
        first, second, again, third, unknown, unsigned = inbox.take(posts)

    assert [it.is_new for it in (first, second, again, third)] == [True, True, False, True]
    assert [type(unknown), type(unsigned)] == [inbox.NoSuchBot, inbox.NotSigned]
    stored = Update.objects.order_by("pk")
    assert [it.payload["id"] for it in stored] == [1, 2, 3]
    assert [it.pk for it in stored] == [it.update.pk for it in (first, second, third)]


def test_what_is_stored_reads_back_as_a_row_of_the_orm(bot: Any) -> None:
    body = json.dumps(message_event()).encode()

    ((receipt),) = inbox.take([Post("demo", body, signature(body))])

    row = Update.objects.claimable().get(pk=receipt.update.pk)
    for field in Update._meta.concrete_fields:
        if field.name != "due_at":  # the database sets it
            assert getattr(row, field.attname) == getattr(receipt.update, field.attname), field.name


def test_a_bot_whose_secret_cannot_be_read_says_so_and_takes_nothing(
    bot: Any, webhook: Any, settings: SettingsWrapper
) -> None:
    settings.SECRET_KEY = "another one"

    answer = webhook.post(message_event())

    assert (answer.status_code, Update.objects.count()) == (503, 0)


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def slowly() -> AsyncIterator[Any]:
        await asyncio.sleep(5)
        yield b"{}"

    answer = Pachcas(patience=0.01).ask("POST", "/bots/demo/webhook", content=slowly())

    assert answer.status_code == 408
