"""The context value `state`: the state and data of a conversation."""

import json
from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils import timezone

from bots.framework.events.outbox import Outbox
from bots.framework.events.types import Event
from bots.framework.fsm.state import State, name_of
from bots.framework.fsm.storage import Key, Record, Storage, storage
from bots.framework.fsm.strategy import FSMStrategy
from bots.framework.routing.injection import Context, context_value
from core.storable import storable


class PlainFSMContext:
    """The conversation for a sync function. Changes are stored when the update has succeeded."""

    def __init__(self, storage: Storage, key: Key, outbox: Outbox) -> None:
        self.key = key
        self._storage, self._outbox = storage, outbox

    def at(self, name: str) -> "PlainFSMContext":
        """Return the record with another name, such as "poll:12", instead of the person's.

        If two updates change it at the same time, one is handled again, so no change is lost.
        """
        key = self.key._replace(name=storable(name))
        return PlainFSMContext(self._storage, key, self._outbox)

    def get_state(self) -> str | None:
        """Return the name of the state, None if there is none."""
        return self._record.state

    def set_state(
        self, state: State | str | None = None, *, timeout: timedelta | None = None
    ) -> None:
        """Enter the state, or none. After `timeout` the state and the data expire."""
        record = self._change()
        record.state = storable(name_of(state))
        record.expires_at = timezone.now() + timeout if timeout else None

    def get_data(self) -> dict[str, Any]:
        """Return a copy of all data."""
        return dict(self._record.data)

    def get_value(self, name: str, default: Any = None) -> Any:
        """Return one value of the data."""
        return self._record.data.get(name, default)

    def set_data(self, data: dict[str, Any]) -> None:
        """Replace all data. Raises TypeError for values that JSON does not support.

        Characters that databases cannot store (NUL, lone surrogates) are replaced.
        """
        self._change().data = storable(json.loads(json.dumps(data)))

    def update_data(self, data: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Add to the data and return all of it. Raises TypeError as `set_data`."""
        self.set_data({**self._record.data, **(data or {}), **more})
        return self.get_data()

    def clear(self) -> None:
        """Leave the state and delete the data."""
        record = self._change()
        record.state, record.data, record.expires_at = None, {}, None

    def load(self) -> None:
        """Load the record from the storage, once per update."""
        if self.key not in self._outbox.memory:
            self._outbox.memory[self.key] = self._storage.load(self.key)

    @property
    def _record(self) -> Record:
        self.load()
        record: Record = self._outbox.memory[self.key]
        return record

    def _change(self) -> Record:
        self._record.is_changed = True
        return self._record


class FSMContext:
    """The conversation for an async function.

    Changes are stored when the update has succeeded: with OrmStorage in the same commit as the
    replies.
    """

    def __init__(self, plain: PlainFSMContext) -> None:
        self._plain = plain

    @property
    def key(self) -> Key:
        """The key of the conversation."""
        return self._plain.key

    def at(self, name: str) -> "FSMContext":
        """Return the record with another name, such as "poll:12", instead of the person's.

        If two updates change it at the same time, one is handled again, so no change is lost.
        """
        return FSMContext(self._plain.at(name))

    async def get_state(self) -> str | None:
        """Return the name of the state, None if there is none."""
        return (await self._load()).get_state()

    async def set_state(
        self, state: State | str | None = None, *, timeout: timedelta | None = None
    ) -> None:
        """Enter the state, or none. After `timeout` the state and the data expire."""
        (await self._load()).set_state(state, timeout=timeout)

    async def get_data(self) -> dict[str, Any]:
        """Return a copy of all data."""
        return (await self._load()).get_data()

    async def get_value(self, name: str, default: Any = None) -> Any:
        """Return one value of the data."""
        return (await self._load()).get_value(name, default)

    async def set_data(self, data: dict[str, Any]) -> None:
        """Replace all data. Raises TypeError for values that JSON does not support."""
        (await self._load()).set_data(data)

    async def update_data(self, data: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Add to the data and return all of it. Raises TypeError as `set_data`."""
        return (await self._load()).update_data(data, **more)

    async def clear(self) -> None:
        """Leave the state and delete the data."""
        (await self._load()).clear()

    def in_thread(self) -> PlainFSMContext:
        """Return the context for sync functions."""
        return self._plain

    async def _load(self) -> PlainFSMContext:
        await sync_to_async(self._plain.load)()
        return self._plain


@context_value("state")
async def _state(context: Context) -> FSMContext:
    event: Event = context["event"]
    key = Key(context["bot"].pk, FSMStrategy(settings.BOTS_FSM_STRATEGY).key(event))
    return FSMContext(PlainFSMContext(storage(), key, event.outbox))
