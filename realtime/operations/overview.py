"""The connections, rooms and rates of all server processes together, for the admin page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model

from realtime.operations.control import people_present, reports

MAX_ROWS = 100
MAX_NAMES = 10
"""People in a room who are listed by name."""

Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RoomSummary:
    """A room: connections in it, people present, and the names of some of them."""

    name: str
    connections: int
    present: int
    people: list[str]


@dataclass(slots=True)
class Overview:
    """The reports of all processes, the largest rooms, and the connections that were found."""

    processes: list[Report]
    rooms: list[RoomSummary] = field(default_factory=list)
    connections: list[Report] = field(default_factory=list)

    def total(self, key: str) -> Any:
        """Return the sum of a figure over all processes."""
        # A process of another version may not report it.
        return round(sum(report.get(key, 0) for report in self.processes), 1)


def overview(search: str) -> Overview:
    """Collect the reports of all processes. Raises RedisError while Redis is unavailable."""
    processes = reports(search, MAX_ROWS)
    found = [
        connection | {"process": report["process"]}
        for report in processes
        for connection in report["list"]
    ]
    for connection in found:
        connection["since"] = datetime.fromtimestamp(connection["since"], UTC)
    found.sort(key=lambda it: (-it["unread"], it["since"]))
    return Overview(processes, _rooms(processes), found[:MAX_ROWS])


def _rooms(processes: Sequence[Report]) -> list[RoomSummary]:
    sizes: Counter[str] = Counter()
    for report in processes:
        sizes.update(dict(report["rooms"]))
    largest = sizes.most_common(MAX_ROWS)
    present = people_present([room for room, _ in largest])
    names = _user_names({person for people in present for person in people[:MAX_NAMES]})
    return [
        RoomSummary(room, size, len(people), [names.get(it, it) for it in people[:MAX_NAMES]])
        for (room, size), people in zip(largest, present, strict=True)
    ]


def _user_names(ids: set[str]) -> dict[str, str]:
    """Return user names by id, in one query."""
    people = get_user_model()._default_manager.filter(pk__in=ids) if ids else ()
    return {str(person.pk): person.get_username() for person in people}
