import datetime
import time
from typing import Any

import pytest
from django.utils import timezone

from bots.framework.events.outbox import Outbox
from bots.framework.events.types import Button, Message, Thread
from bots.framework.fsm import (
    FSMContext,
    FSMStrategy,
    PlainFSMContext,
    State,
    StateFilter,
    StatesGroup,
)
from bots.framework.fsm.storage import Key, Overtaken, Record, RedisStorage
from bots.framework.routing.injection import Context
from bots.models import Conversation
from bots.runtime.conversations import OrmStorage
from bots.tests.conftest import run


class Order(StatesGroup):
    size = State()

    class Address(StatesGroup):
        street = State()


@pytest.fixture(params=[OrmStorage, RedisStorage])
def storage(request: Any, bot: Any) -> Any:
    return request.param()


@pytest.fixture
def key(bot: Any, request: Any) -> Any:
    return Key(bot.pk, f"{request.node.name}:{timezone.now()}"[-100:])


def context(storage: Any, key: Any) -> PlainFSMContext:
    return PlainFSMContext(storage, key, Outbox())


def stored(state: PlainFSMContext) -> None:
    for key, record in state._outbox.memory.items():
        state._storage.save(key, record)


def test_what_is_remembered_comes_back(storage: Any, key: Any) -> None:
    state = context(storage, key)
    state.set_state(Order.size)
    state.update_data(size="large", count=2)
    stored(state)

    again = context(storage, key)

    assert (again.get_state(), again.get_data()) == ("Order:size", {"size": "large", "count": 2})


def test_nothing_is_stored_before_it_is_saved(storage: Any, key: Any) -> None:
    context(storage, key).set_state(Order.size)

    assert context(storage, key).get_state() is None


def test_of_two_changes_at_once_the_second_is_refused(storage: Any, key: Any) -> None:
    one, other = context(storage, key), context(storage, key)
    one.set_state(Order.size)
    other.set_state(Order.Address.street)
    stored(one)

    with pytest.raises(Overtaken):
        stored(other)

    one, other = context(storage, key), context(storage, key)
    one.update_data(a=1)
    other.update_data(b=1)
    stored(other)
    with pytest.raises(Overtaken):
        stored(one)


def test_what_has_a_timeout_is_forgotten(storage: Any, key: Any) -> None:
    state = context(storage, key)
    state.set_state(Order.size, timeout=datetime.timedelta(seconds=-1))
    stored(state)

    time.sleep(0.01)  # Redis forgets by itself
    later = context(storage, key)
    assert (later.get_state(), later.get_data()) == (None, {})


def test_what_has_expired_can_be_pruned(bot: Any, key: Any) -> None:
    state = context(OrmStorage(), key)
    state.set_state(Order.size, timeout=datetime.timedelta(seconds=-1))
    stored(state)

    assert Conversation.objects.forgotten(timezone.now()).count() == 1


def test_clearing_forgets_everything(storage: Any, key: Any) -> None:
    state = context(storage, key)
    state.set_state(Order.size)
    state.set_data({"a": 1})
    state.clear()
    stored(state)

    assert context(storage, key).get_data() == {}


def test_what_json_cannot_hold_is_refused_at_once(storage: Any, key: Any) -> None:
    with pytest.raises(TypeError):
        context(storage, key).update_data(when=timezone.now())


def test_the_asynchronous_one_does_the_same(bot: Any, key: Any) -> None:
    plain = context(OrmStorage(), key)

    async def talk() -> list[object]:
        state = FSMContext(plain)
        await state.set_state(Order.size)
        await state.update_data({"a": 1}, b=2)
        await state.at("poll:1").set_data({"votes": 3})
        return [await state.get_state(), await state.get_value("b"), await state.get_data()]

    assert run(talk()) == ["Order:size", 2, {"a": 1, "b": 2}]
    stored(plain)
    assert Conversation.objects.count() == 2


@pytest.mark.parametrize(
    ("states", "current", "passes"),
    [
        ([Order.size], "Order:size", True),
        ([Order], "Order:size", True),
        ([Order], "Order.Address:street", True),
        ([Order.Address], "Order:size", False),
        ([None], None, True),
        ([Order.size, None], None, True),
        (["*"], "anything", True),
        (["anything"], "anything", True),
        ([Order], None, False),
    ],
)
def test_states_and_groups_are_filters(
    bot: Any, key: Any, states: Any, current: Any, passes: bool
) -> None:
    state = context(OrmStorage(), key)
    state.set_state(current)
    given = Context(state=FSMContext(state))

    assert run(StateFilter(*states).passes(Message(id=1), given)) is passes


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (FSMStrategy.USER, "user:3"),
        (FSMStrategy.USER_IN_CHAT, "chat:50 user:3"),
        (FSMStrategy.USER_IN_THREAD, "thread:7 user:3"),
        (FSMStrategy.CHAT, "chat:50"),
        (FSMStrategy.THREAD, "thread:7"),
    ],
)
def test_a_strategy_names_whose_the_conversation_is(strategy: Any, expected: str) -> None:
    in_thread = Message(id=1, chat_id=7, user_id=3, thread=Thread(1, 50))

    assert strategy.key(in_thread) == expected
    assert FSMStrategy.USER_IN_CHAT.key(Button(chat_id=7, user_id=3)) == "chat:7 user:3"


def test_an_empty_record_is_no_state() -> None:
    assert (Record().state, Record().has_expired) == (None, False)


def test_what_no_database_stores_is_replaced_when_it_is_remembered(storage: Any, key: Any) -> None:
    state = context(storage, key)
    state.set_state("sta\ud800te\0")
    state.update_data(text="a\udcffb\0", items=[{"\ud800": "\0"}])
    at = state.at(f"{key.name[:50]}\ud800")
    at.set_data({"n": 1})
    stored(state)

    again = context(storage, key)

    assert again.get_state() == "sta?te"
    assert again.get_data() == {"text": "a?b", "items": [{"?": ""}]}
    assert again.at(f"{key.name[:50]}\ud800").get_value("n") == 1
    assert run(StateFilter("sta\ud800te").passes(None, Context(state=FSMContext(again))))
