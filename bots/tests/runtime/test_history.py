import json
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from bots import history, inbox
from bots.api import NotSent
from bots.history import History, NoHistory, Poller
from bots.jobs import State
from bots.models import Bot, Update
from bots.tests.conftest import Call, message_event, run, signature

NOW = int(time.time())


class Kept:
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


@pytest.fixture
def kept(pachca) -> Kept:
    kept = Kept()
    pachca.answer = kept.answer
    return kept


def quick(bot) -> History:
    return History(bot, within=0)


def texts() -> list[str]:
    return [update.payload["content"] for update in Update.objects.order_by("pk")]


def written(*texts: str, first: int = 1) -> list[dict[str, Any]]:
    return [message_event(text, id=first + number) for number, text in enumerate(texts)]


def test_polling_stores_in_the_order_of_arrival_rings_and_deletes(bot, kept, rung):
    kept.happened(*written(*[f"m{number}" for number in range(120)]))
    poller = Poller(quick(bot), print)

    async def whole() -> None:
        while await poller.round() or not poller.is_through:
            pass

    run(whole())

    assert texts() == [f"m{number}" for number in range(120)]
    assert kept.events == []
    (bell,) = rung
    assert bell == (
        "bots.handle_update",
        tuple(Update.objects.order_by("pk").values_list(flat=True)),
    )


def test_what_comes_while_a_long_history_is_deleted_does_not_wait_for_its_end(bot, kept):
    kept.happened(*written("old", "older", "oldest", "and", "more"))
    poller = Poller(quick(bot), print)

    async def rounds() -> None:
        await poller.round()
        kept.happened(*written("new", first=50))
        await poller.round()

    run(rounds())

    assert "new" in texts()


def test_webhook_and_polling_together_never_act_twice(bot, kept):
    event = message_event("/start")
    # Nothing names a submission without an id but what it says, and when it was sent.
    form = {"type": "view", "event": "submit", "data": {"a": "b"}, "webhook_timestamp": NOW}
    for payload in (event, form):
        body = json.dumps(payload).encode()
        inbox.take([inbox.Post("demo", body, signature(body))])
    kept.happened(event, form)

    assert run(Poller(quick(bot), print).round()) == 0
    assert Update.objects.count() == 2


def test_pachcas_limit_of_calls_is_kept(bot, kept):
    kept.happened(*written("a", "b", "c"))
    slow = History(bot, calls=2, within=0.2)

    async def read_five_times() -> float:
        started = time.monotonic()
        for _ in range(5):
            await slow.newer_than(lambda event: False)
        return time.monotonic() - started

    assert run(read_five_times()) >= 0.4


def test_a_request_to_wait_is_heeded(bot, kept, pachca):
    answers = [(429, {"Retry-After": "0"}, "slow down")]
    pachca.answer = lambda call: answers.pop() if answers else kept.answer(call)
    kept.happened(*written("a"))

    assert run(Poller(quick(bot), print).round()) == 1


@pytest.mark.parametrize(
    "answer", [(403, {}, {"error": "x"}), (200, {}, {"data": [{"id": 1}]}), (200, {}, "<html>")]
)
def test_a_history_that_cannot_be_read_says_so(bot, pachca, answer):
    pachca.answer = lambda call: answer

    with pytest.raises(NoHistory):
        run(Poller(quick(bot), print).round())


def test_an_event_that_cannot_be_read_is_left_out_and_the_others_are_not(bot, kept):
    kept.happened({"type": "message"}, written("fine")[0])
    kept.events[1]["payload"] = "nonsense"

    assert run(Poller(quick(bot), print).round()) == 1
    assert kept.events == []


def test_backfill_stores_what_the_webhook_missed_and_nothing_older_than_the_bot(bot, kept, webhook):
    Bot.objects.update(created_at=timezone.now() - timedelta(hours=2))
    bot.refresh_from_db()
    came, missed, ancient = written("came", "missed", "ancient")
    kept.happened(ancient, ago=timedelta(hours=3))
    kept.happened(missed, ago=timedelta(hours=1))
    webhook.post(came)
    kept.happened(came)

    assert run(history.backfill(bot)) == 1

    assert sorted(texts()) == ["came", "missed"]
    assert len(kept.events) == 3
    assert Update.objects.get(raw__contains="missed").state == State.WAITING


def test_the_next_backfill_reads_only_what_may_be_new(bot, kept):
    Bot.objects.update(created_at=timezone.now() - timedelta(days=1))
    bot.refresh_from_db()
    kept.happened(*written(*map(str, range(120))), ago=timedelta(hours=1))
    run(history.backfill(bot))
    kept.calls.clear()
    bot.refresh_from_db()

    run(history.backfill(bot))

    assert len(kept.calls) == 1


def test_a_bot_whose_history_is_off_keeps_no_other_from_its_own(bot, pachca, kept):
    other = Bot.objects.create(name="Other", slug="other", token="refused")
    pachca.answer = lambda call: (
        (403, {}, {"error": "no"}) if "refused" in call.token else kept.answer(call)
    )
    kept.happened(*written("a"))

    run(history.backfill_all())

    assert Update.objects.get().bot == bot
    other.refresh_from_db()
    assert other.history_read_at is None


@pytest.mark.django_db(transaction=True)
def test_the_command_fetches_once_and_ends(bot, kept, capsys):
    kept.happened(*written("a", "b"))

    call_command("poll", "demo", "--once")

    assert (texts(), kept.events) == (["a", "b"], [])
    assert "demo: 2 new" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("slugs", [["nobody"], []])
def test_the_command_needs_a_bot_with_a_token(slugs, bot):
    Bot.objects.update(token="")

    with pytest.raises(CommandError, match="token"):
        call_command("poll", *slugs)


@pytest.mark.django_db(transaction=True)
def test_the_command_says_what_to_check_when_it_is_refused(bot, pachca):
    pachca.answer = lambda call: (403, {}, {"error": "forbidden"})

    with pytest.raises(CommandError, match="history of events is on"):
        call_command("poll", "demo", "--once")


@pytest.mark.django_db(transaction=True)
def test_the_command_says_so_when_nobody_answers(bot, settings):
    settings.PACHCA_API_URL = "http://127.0.0.1:1"

    with pytest.raises(CommandError, match="Nobody answers"):
        call_command("poll", "demo", "--once")


def test_polling_goes_on_when_pachca_is_away_for_a_while(bot, kept):
    kept.happened(*written("a"))
    said: list[str] = []

    class Away(History):
        times = 0

        async def newer_than(self, is_known):
            self.times += 1
            if self.times == 1:
                raise NotSent("away")
            if self.times == 2:
                return await super().newer_than(is_known)
            raise NoHistory("enough")

    with pytest.raises(NoHistory):
        run(Poller(Away(bot, within=0), said.append, idle=0).run())

    assert "Nobody answers" in said[0]
    assert texts() == ["a"]
