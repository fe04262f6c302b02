"""Rate limits, with a broker of the test's own."""

from typing import Any

import pytest

from realtime.testing import broker as broker
from sandbox.api import limits
from sandbox.api.limits import TooManyCalls


@pytest.fixture
def counting(broker: Any) -> Any:
    return broker


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that stands, so that no window ends within a test."""
    monkeypatch.setattr("time.time", lambda: 1_000_000_000.0)


def statuses(call: Any, times: Any) -> Any:
    return [call().status_code for _ in range(times)]


def test_one_chat_takes_four_messages_a_second(
    counting: Any, still: Any, as_bot: Any, chat: Any
) -> None:
    body = {"message": {"entity_id": chat.pk, "content": "hi"}}

    answers = [as_bot.post("/messages", body) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [201] * 4 + [429]
    assert answers[-1]["Content-Type"].startswith("text/plain")
    assert answers[-1]["Retry-After"] == "1"


def test_all_chats_take_thirty_in_five_seconds(counting: Any, still: Any, as_bot: Any) -> None:
    body = {"message": {"entity_id": 999, "content": "hi"}}

    assert statuses(lambda: as_bot.post("/messages", body), 31) == [404] * 30 + [429]


def test_reading_and_history_have_limits_of_their_own(
    counting: Any, still: Any, as_bot: Any, chat: Any
) -> None:
    assert statuses(lambda: as_bot.get("/messages", chat_id=chat.pk), 11)[9:] == [200, 429]
    assert statuses(lambda: as_bot.get("/webhooks/events"), 6)[4:] == [200, 429]
    assert statuses(lambda: as_bot.get("/profile"), 51)[49:] == [200, 429]


def test_tokens_are_counted_apart(counting: Any, still: Any, as_bot: Any, as_ann: Any) -> None:
    assert statuses(lambda: as_bot.get("/profile"), 51)[-1] == 429
    assert as_ann.get("/profile").status_code == 200


def test_a_day_has_its_limit(
    counting: Any, still: Any, as_bot: Any, chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SENDS_A_DAY", 2)
    body = {"message": {"entity_id": chat.pk, "content": "hi"}}

    answers = [as_bot.post("/messages", body) for _ in range(3)]

    assert answers[-1].status_code == 429
    assert answers[-1].json()["errors"][0]["code"] == "rate_limit"


def test_without_a_broker_calls_pass(counting: Any, as_bot: Any) -> None:
    counting.stop()

    assert statuses(lambda: as_bot.get("/profile"), 60) == [200] * 60


def test_the_wait_ends_with_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_000_000_003.5)
    refusal = limits._refusal(limits.SENDING)

    assert isinstance(refusal, TooManyCalls)
    assert refusal.response()["Retry-After"] == "2"
