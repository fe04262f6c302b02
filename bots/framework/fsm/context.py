"""What a handler knows of a conversation and changes in it: the argument `state`."""

import json
from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.utils import timezone

from bots.answers import Outbox
from bots.fsm.state import State, name_of
from bots.fsm.storage import Key, Record, Storage


class PlainFSMContext:
    """The conversation for a plain function. Changes are stored when the update has ended well."""

    def __init__(self, storage: Storage, key: Key, outbox: Outbox) -> None:
        self.key = key
        self._storage, self._outbox = storage, outbox

    def at(self, name: str) -> "PlainFSMContext":
        """Return what is remembered under another name, such as "poll:12", rather than of a person.

        Whoever changes it at the same time is handled again, so no change is lost.
        """
        return PlainFSMContext(self._storage, self.key._replace(name=name), self._outbox)

    def get_state(self) -> str | None:
        """Return the name of the state, None when there is none."""
        return self._record.state

    def set_state(
        self, state: State | str | None = None, *, timeout: timedelta | None = None
    ) -> None:
        """Enter the state, or none. With a `timeout` everything is forgotten after it."""
        record = self._changed()
        record.state = name_of(state)
        record.expires_at = timezone.now() + timeout if timeout else None

    def get_data(self) -> dict[str, Any]:
        return dict(self._record.data)

    def get_value(self, name: str, default: Any = None) -> Any:
        return self._record.data.get(name, default)

    def set_data(self, data: dict[str, Any]) -> None:
        """Remember this and nothing else; raises TypeError for what JSON cannot hold."""
        self._changed().data = json.loads(json.dumps(data))

    def update_data(self, data: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Remember more, and return all that is remembered; raises TypeError as `set_data`."""
        self.set_data({**self._record.data, **(data or {}), **more})
        return self.get_data()

    def clear(self) -> None:
        """Leave the state and forget everything."""
        record = self._changed()
        record.state, record.data, record.expires_at = None, {}, None

    def load(self) -> None:
        if self.key not in self._outbox.memory:
            self._outbox.memory[self.key] = self._storage.load(self.key)

    @property
    def _record(self) -> Record:
        self.load()
        record: Record = self._outbox.memory[self.key]
        return record

    def _changed(self) -> Record:
        self._record.is_changed = True
        return self._record


class FSMContext:
    """The conversation for an asynchronous function. Changes are stored when the update has ended
    well, in the same commit as the answers where the database keeps them."""

    def __init__(self, plain: PlainFSMContext) -> None:
        self._plain = plain

    @property
    def key(self) -> Key:
        return self._plain.key

    def at(self, name: str) -> "FSMContext":
        """Return what is remembered under another name, such as "poll:12", rather than of a person.

        Whoever changes it at the same time is handled again, so no change is lost.
        """
        return FSMContext(self._plain.at(name))

    async def get_state(self) -> str | None:
        return (await self._loaded()).get_state()

    async def set_state(
        self, state: State | str | None = None, *, timeout: timedelta | None = None
    ) -> None:
        (await self._loaded()).set_state(state, timeout=timeout)

    async def get_data(self) -> dict[str, Any]:
        return (await self._loaded()).get_data()

    async def get_value(self, name: str, default: Any = None) -> Any:
        return (await self._loaded()).get_value(name, default)

    async def set_data(self, data: dict[str, Any]) -> None:
        (await self._loaded()).set_data(data)

    async def update_data(self, data: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        return (await self._loaded()).update_data(data, **more)

    async def clear(self) -> None:
        (await self._loaded()).clear()

    def in_thread(self) -> PlainFSMContext:
        """Return what a plain function is given instead."""
        return self._plain

    async def _loaded(self) -> PlainFSMContext:
        await sync_to_async(self._plain.load)()
        return self._plain
