"""The live line of all processes together, as people look at it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model

from realtime.orders import people_present, reports

MOST = 100
NAMED = 10
"""Of those who are present in a room, by name."""

Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RoomLine:
    name: str
    connections: int
    present: int
    people: list[str]


@dataclass(slots=True)
class Overview:
    """What there is, the largest rooms, and the connections that a search has found."""

    processes: list[Report]
    rooms: list[RoomLine] = field(default_factory=list)
    connections: list[Report] = field(default_factory=list)

    def total(self, key: str) -> Any:
        return round(sum(report[key] for report in self.processes), 1)


def overview(search: str) -> Overview:
    """Ask every process; RedisError while the broker is away."""
    told = reports(search, MOST)
    seen = [line | {"process": report["process"]} for report in told for line in report["list"]]
    for line in seen:
        line["since"] = datetime.fromtimestamp(line["since"], UTC)
    seen.sort(key=lambda line: (-line["unread"], line["since"]))
    return Overview(told, _rooms(told), seen[:MOST])


def _rooms(told: Sequence[Report]) -> list[RoomLine]:
    sizes: Counter[str] = Counter()
    for report in told:
        sizes.update(dict(report["rooms"]))
    largest = sizes.most_common(MOST)
    present = people_present([room for room, _ in largest])
    names = _names({person for people in present for person in people[:NAMED]})
    return [
        RoomLine(room, size, len(people), [names.get(it, it) for it in people[:NAMED]])
        for (room, size), people in zip(largest, present, strict=True)
    ]


def _names(ids: set[str]) -> dict[str, str]:
    """Return what people are called, by their ids as text, in one query."""
    people = get_user_model()._default_manager.filter(pk__in=ids) if ids else ()
    return {str(person.pk): person.get_username() for person in people}
