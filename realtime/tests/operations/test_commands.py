import io
import threading
from typing import Any

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db(transaction=True)


def test_emit_publishes_an_event(sockets: Any) -> None:
    call_command("emit", "tea", "poured", '{"cups": 2}')
    call_command("emit", "tea", "drunk")

    assert sockets.received == [("poured", {"cups": 2}), ("drunk", None)]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["tea", "poured", "{cups"], "not JSON"),
        (["tea", "poured", "NaN"], "not JSON"),
        (["tea", "connected"], "reserved for the server"),
        (["tea", "system.refetch"], "reserved for the server"),
        (["tea", ""], "must not be empty"),
        (["", "poured"], "room name"),
        (["tea\n", "poured"], "room name"),
        (["\ud800", "poured"], "room name"),
    ],
)
def test_emit_refuses_invalid_arguments(sockets: Any, words: Any, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("emit", *words)

    assert sockets.received == []


def test_emit_fails_while_redis_is_down(broker: Any) -> None:
    broker.stop()

    with pytest.raises(CommandError, match="not published"):
        call_command("emit", "tea", "poured")


class Listening(io.StringIO):
    """The error output of `listen`, whose first line shows that it has subscribed."""

    def __init__(self) -> None:
        super().__init__()
        self.began = threading.Event()

    def write(self, text: Any) -> Any:
        self.began.set()
        return super().write(text)


def test_listen_prints_each_event(broker: Any) -> None:
    out, notes = io.StringIO(), Listening()
    listening = threading.Thread(
        target=call_command,
        args=("listen", "tea", "coffee"),
        kwargs={"count": 2, "stdout": out, "stderr": notes},
    )
    listening.start()
    assert notes.began.wait(5)

    call_command("emit", "coffee", "poured", "1")
    call_command("emit", "tea", "poured", "2")
    listening.join(5)

    lines = out.getvalue().splitlines()
    assert lines[0].startswith('coffee  {"eventName":"poured","payload":1,')
    assert lines[1].startswith('tea  {"eventName":"poured","payload":2,')
