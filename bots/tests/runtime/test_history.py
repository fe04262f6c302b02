import json
import threading
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from bots.intake import history, inbox
from bots.intake.history import History, HistoryUnavailable, NoHistory, Poller
from bots.models import Bot, Update
from bots.models.jobs import State
from bots.tests.conftest import Call, message_event, run, signature


class FakeHistory:
    """Pachca's history of one bot, newest first, as its API shows it."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.calls: list[Call] = []

    def happened(self, *payloads: dict[str, Any], ago: timedelta = timedelta(0)) -> None:
        for payload in payloads:
            moment = (timezone.now() - ago).isoformat()
            number = f"E{len(self.events) + 1:04}"
            event = {"id": number, "event_type": "x", "payload": payload, "created_at": moment}
            self.events.insert(0, event)

    def answer(self, call: Call) -> tuple[int, dict[str, str], Any]:
        self.calls.append(call)
        if call.verb == "DELETE":
            gone = call.path.rpartition("/")[2]
            self.events = [event for event in self.events if event["id"] != gone]
            return 204, {}, ""
        query = dict(parse_qsl(call.query))
        start, limit = int(query.get("cursor", 0)), int(query["limit"])
        page = self.events[start : start + limit]
        paginate = {"next_page": str(start + limit), "has_next": start + limit < len(self.events)}
        return 200, {}, {"data": page, "meta": {"paginate": paginate}}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "FIRST_PAUSE", 0.0)


@pytest.fixture
def history_api(pachca: Any) -> FakeHistory:
    history_api = FakeHistory()
    pachca.answer = history_api.answer
    return history_api


async def without_limit(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
    return await prev(method, payload, signal)


def quick(bot: Any) -> History:
    return History(bot, limit=without_limit)


def texts() -> list[str]:
    return [update.payload["content"] for update in Update.objects.order_by("pk")]


def written(*texts: str, first: int = 1) -> list[dict[str, Any]]:
    return [message_event(text, id=first + number) for number, text in enumerate(texts)]


def test_polling_stores_in_the_order_of_arrival_rings_and_deletes(
    bot: Any, history_api: Any, rung: Any
) -> None:
    history_api.happened(*written(*[f"m{number}" for number in range(120)]))
    poller = Poller(quick(bot), print)

    async def whole() -> None:
        while await poller.round() or not poller.is_through:
            pass

    run(whole())

    assert texts() == [f"m{number}" for number in range(120)]
    assert history_api.events == []
    (bell,) = rung
    assert bell == (
        "bots.handle_update",
        tuple(Update.objects.order_by("pk").values_list(flat=True)),
    )


def test_what_comes_while_a_long_history_is_deleted_does_not_wait_for_its_end(
    bot: Any, history_api: Any
) -> None:
    history_api.happened(*written("old", "older", "oldest", "and", "more"))
    poller = Poller(quick(bot), print)

    async def rounds() -> None:
        await poller.round()
        history_api.happened(*written("new", first=50))
        await poller.round()

    run(rounds())

    assert "new" in texts()


def test_webhook_and_polling_together_never_act_twice(bot: Any, history_api: Any) -> None:
    event = message_event("/start")
    # Nothing names a submission without an id but what it says, and when it was sent.
    sent = int(time.time())
    form = {"type": "view", "event": "submit", "data": {"a": "b"}, "webhook_timestamp": sent}
    for payload in (event, form):
        body = json.dumps(payload).encode()
        inbox.take([inbox.Post("demo", body, signature(body))])
    history_api.happened(event, form)

    assert run(Poller(quick(bot), print).round()) == 0
    assert Update.objects.count() == 2


def test_pachcas_limit_of_calls_is_kept(bot: Any, history_api: Any) -> None:
    history_api.happened(*written("a", "b", "c"))
    bot.token = f"limited {time.time_ns()}"

    async def read_six_times() -> float:
        started = time.monotonic()
        for _ in range(6):
            await History(bot).newer_than(lambda event: False)
        return time.monotonic() - started

    assert run(read_six_times()) >= 2


def test_a_request_to_wait_is_heeded(bot: Any, history_api: Any, pachca: Any) -> None:
    answers = [(429, {"Retry-After": "0"}, "slow down")]
    pachca.answer = lambda call: answers.pop() if answers else history_api.answer(call)
    history_api.happened(*written("a"))

    assert run(Poller(quick(bot), print).round()) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((403, {}, {"error": "x"}), NoHistory),
        ((401, {}, {"error": "x"}), NoHistory),
        ((404, {}, {"errors": []}), NoHistory),
        ((500, {}, "<html>"), HistoryUnavailable),
        ((502, {}, "<html>"), HistoryUnavailable),
        ((408, {}, ""), HistoryUnavailable),
        ((429, {"Retry-After": "60"}, ""), HistoryUnavailable),
        ((0, {}, ""), HistoryUnavailable),
        ((200, {}, {"data": [{"id": 1}]}), HistoryUnavailable),
        ((200, {}, "<html>"), HistoryUnavailable),
    ],
)
def test_a_history_that_cannot_be_read_says_whether_that_may_pass(
    bot: Any, pachca: Any, answer: Any, error: Any
) -> None:
    pachca.answer = lambda call: answer

    with pytest.raises(error):
        run(Poller(quick(bot), print).round())


@pytest.mark.parametrize("fault", [(500, {}, "<html>"), (0, {}, ""), (429, {}, "")])
def test_a_single_fault_does_not_end_the_reading_of_a_long_history(
    bot: Any, pachca: Any, history_api: Any, fault: Any
) -> None:
    history_api.happened(*written(*map(str, range(120))))
    faults = [None, fault, None, fault]
    pachca.answer = lambda call: (faults and faults.pop(0)) or history_api.answer(call)

    assert run(Poller(quick(bot), print).round()) == 120


def test_an_event_that_cannot_be_read_is_left_out_and_the_others_are_not(
    bot: Any, history_api: Any
) -> None:
    history_api.happened({"type": "message"}, written("fine")[0])
    history_api.events[1]["payload"] = "nonsense"

    assert run(Poller(quick(bot), print).round()) == 1
    assert history_api.events == []


def test_backfill_stores_what_the_webhook_missed_and_nothing_older_than_the_bot(
    bot: Any, history_api: Any, webhook: Any
) -> None:
    Bot.objects.update(created_at=timezone.now() - timedelta(hours=2))
    bot.refresh_from_db()
    came, missed, ancient = written("came", "missed", "ancient")
    history_api.happened(ancient, ago=timedelta(hours=3))
    history_api.happened(missed, ago=timedelta(hours=1))
    webhook.post(came)
    history_api.happened(came)

    assert run(history.backfill(bot)) == 1

    assert sorted(texts()) == ["came", "missed"]
    assert len(history_api.events) == 3
    assert Update.objects.get(raw__contains="missed").state == State.WAITING


def test_the_next_backfill_reads_only_what_may_be_new(bot: Any, history_api: Any) -> None:
    Bot.objects.update(created_at=timezone.now() - timedelta(days=1))
    bot.refresh_from_db()
    history_api.happened(*written(*map(str, range(120))), ago=timedelta(hours=1))
    run(history.backfill(bot))
    history_api.calls.clear()
    bot.refresh_from_db()

    run(history.backfill(bot))

    assert len(history_api.calls) == 1


def test_a_bot_whose_history_is_off_keeps_no_other_from_its_own(
    bot: Any, pachca: Any, history_api: Any
) -> None:
    other = Bot.objects.create(name="Other", slug="other", token="refused")
    pachca.answer = lambda call: (
        (403, {}, {"error": "no"}) if "refused" in call.token else history_api.answer(call)
    )
    history_api.happened(*written("a"))

    run(history.backfill_all())

    assert Update.objects.get().bot == bot
    other.refresh_from_db()
    assert other.history_read_at is None


@pytest.mark.django_db(transaction=True)
def test_the_command_fetches_once_and_ends(
    bot: Any, history_api: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    history_api.happened(*written("a", "b"))

    call_command("poll", "demo", "--once")

    assert (texts(), history_api.events) == (["a", "b"], [])
    assert "demo: 2 new" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("slugs", [["nobody"], []])
def test_the_command_needs_a_bot_with_a_token(slugs: Any, bot: Any) -> None:
    Bot.objects.update(token="")

    with pytest.raises(CommandError, match="token"):
        call_command("poll", *slugs)


@pytest.mark.django_db(transaction=True)
def test_the_command_says_what_to_check_when_it_is_refused(bot: Any, pachca: Any) -> None:
    pachca.answer = lambda call: (403, {}, {"error": "forbidden"})

    with pytest.raises(CommandError, match="event history is enabled"):
        call_command("poll", "demo", "--once")


@pytest.mark.django_db(transaction=True)
def test_the_command_says_so_when_nobody_answers(bot: Any, settings: SettingsWrapper) -> None:
    settings.PACHCA_API_URL = "http://127.0.0.1:1"

    with pytest.raises(CommandError, match="did not respond"):
        call_command("poll", "demo", "--once")


@pytest.mark.parametrize("fault", [HistoryUnavailable("502"), OperationalError("gone")])
def test_polling_goes_on_when_pachca_or_the_database_is_away_for_a_while(
    bot: Any, history_api: Any, fault: Any
) -> None:
    history_api.happened(*written("a"))
    said: list[str] = []

    class Away(History):
        times = 0

        async def newer_than(self, is_known: Any) -> Any:
            self.times += 1
            if self.times == 1:
                raise fault
            if self.times == 2:
                return await super().newer_than(is_known)
            raise NoHistory("enough")

    with pytest.raises(NoHistory):
        run(Poller(Away(bot, limit=without_limit), said.append, idle=0).run())

    assert "Nothing can be fetched now" in said[0]
    assert texts() == ["a"]


@pytest.mark.django_db(transaction=True)
def test_the_command_fetches_for_the_others_where_one_bot_is_refused(
    bot: Any, pachca: Any, history_api: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    Bot.objects.create(name="Other", slug="other", token="refused")
    pachca.answer = lambda call: (
        (403, {}, {"error": "no"}) if "refused" in call.token else history_api.answer(call)
    )
    history_api.happened(*written("a", "b"))

    with pytest.raises(CommandError, match="event history is enabled"):
        call_command("poll", "--once")

    assert texts() == ["a", "b"]
    assert "other: The event history cannot be read" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_the_command_does_not_blame_the_token_for_a_fault_of_pachca(bot: Any, pachca: Any) -> None:
    pachca.answer = lambda call: (502, {"Retry-After": "0"}, "<html>")

    with pytest.raises(CommandError) as caught:
        call_command("poll", "demo", "--once")

    assert "502" in str(caught.value)
    assert "token" not in str(caught.value)


def test_backfill_goes_on_with_the_other_bots_and_notes_the_outage(
    bot: Any, pachca: Any, history_api: Any, caplog: pytest.LogCaptureFixture
) -> None:
    Bot.objects.create(name="Other", slug="another", token="down")
    answers: list[tuple[int, dict[str, str], str]] = [(502, {}, "<html>")] * 20
    pachca.answer = lambda call: (
        answers.pop() if answers and "down" in call.token else history_api.answer(call)
    )
    history_api.happened(*written("a"))

    for _ in range(2):
        run(history.backfill_all())

    assert texts() == ["a"]
    begun = [it for it in caplog.records if "is unavailable for the bot another" in it.message]
    assert (len(begun), Bot.objects.get(slug="another").unreachable_since is None) == (1, False)

    answers.clear()
    run(history.backfill_all())

    assert Bot.objects.get(slug="another").unreachable_since is None


def test_a_token_that_is_rejected_is_noted_by_backfill(bot: Any, pachca: Any) -> None:
    pachca.answer = lambda call: (401, {}, {"error": "invalid_token"})

    run(history.backfill_all())

    bot.refresh_from_db()
    assert "401" in bot.unreachable_reason


@pytest.mark.django_db(transaction=True)
def test_bots_are_read_at_the_same_time_so_that_a_slow_one_delays_none(
    bot: Any, pachca: Any, history_api: Any
) -> None:
    Bot.objects.create(name="Other", slug="other", token="another")
    both_have_asked = threading.Barrier(2, timeout=10)

    def answer(call: Call) -> Any:
        both_have_asked.wait()
        return history_api.answer(call)

    pachca.answer = answer

    run(history.backfill_all())

    assert not both_have_asked.broken
    assert not Bot.objects.filter(history_read_at=None).exists()
