"""What the API does to bots when its switches are on."""

from typing import Any

import pytest

from sandbox import faults
from sandbox.models import Faults, Message


@pytest.fixture
def body(chat: Any) -> Any:
    return {"message": {"entity_id": chat.pk, "content": "hi"}}


def test_a_call_is_one_too_many(as_bot: Any, as_ann: Any, body: Any) -> None:
    Faults.objects.create(api_rate_429=1.0)

    response = as_bot.post("/messages", body)

    assert response.status_code == 429
    assert response["Content-Type"].startswith("text/plain")
    assert response["Retry-After"] == "1"
    assert not Message.objects.exists()
    assert as_ann.post("/messages", body).status_code == 201


def test_a_call_fails_as_a_proxy_would_say_it(as_bot: Any, body: Any) -> None:
    Faults.objects.create(api_rate_500=1.0)

    response = as_bot.post("/messages", body)

    assert (response.status_code, response["Content-Type"][:9]) == (500, "text/html")
    assert not Message.objects.exists()


@pytest.mark.parametrize("carried_out", [True, False])
def test_a_call_is_never_answered(
    as_bot: Any, body: Any, monkeypatch: pytest.MonkeyPatch, carried_out: bool
) -> None:
    Faults.objects.create(api_timeout=1.0)
    monkeypatch.setattr(faults, "TIMEOUT_FAULT_DURATION", 0.01)
    monkeypatch.setattr(faults, "happens", lambda p: p == 1.0 or (carried_out and p == 0.5))

    assert as_bot.post("/messages", body).status_code == 504
    assert Message.objects.exists() is carried_out


def test_a_call_is_slow(as_bot: Any, body: Any) -> None:
    Faults.objects.create(api_delay_ms=20)

    assert as_bot.post("/messages", body).status_code == 201


def test_a_refusal_comes_through_a_slow_call(as_bot: Any) -> None:
    Faults.objects.create(api_delay_ms=1)

    assert as_bot.get("/messages/999").status_code == 404
