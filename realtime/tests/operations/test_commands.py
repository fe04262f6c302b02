import io
import threading

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_emitted_is_told(sockets):
    call_command("emit", "tea", "poured", '{"cups": 2}')
    call_command("emit", "tea", "drunk")

    assert sockets.heard == [("poured", {"cups": 2}), ("drunk", None)]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["tea", "poured", "{cups"], "not JSON"),
        (["tea", "poured", "NaN"], "not JSON"),
        (["tea", "connected"], "belongs to the server"),
        (["tea", "system.refetch"], "belongs to the server"),
        (["tea", ""], "Name the room"),
        (["", "poured"], "Name the room"),
    ],
)
def test_what_nobody_may_be_told_is_refused(sockets, words, reason):
    with pytest.raises(CommandError, match=reason):
        call_command("emit", *words)

    assert sockets.heard == []


def test_what_cannot_be_told_now_is_not_said_to_be_told(broker):
    broker.stop()

    with pytest.raises(CommandError, match="nobody was told"):
        call_command("emit", "tea", "poured")


class Listening(io.StringIO):
    """What the command says beside the events; it begins when it hears."""

    def __init__(self):
        super().__init__()
        self.began = threading.Event()

    def write(self, text):
        self.began.set()
        return super().write(text)


def test_who_listens_sees_each_event(broker):
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
