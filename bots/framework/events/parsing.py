"""Reading the values of an event: what is missing or of another type is empty, never an error."""

from datetime import datetime
from typing import Any

from bots.identity import is_id


def read_id(value: Any) -> int:
    return value if is_id(value) else 0


def read_ids(value: Any) -> list[int]:
    return [it for it in value if is_id(it)] if isinstance(value, list) else []


def read_number(value: Any) -> int | None:
    return value if is_id(value) else None


def read_text(value: Any) -> str:
    return storable(value) if isinstance(value, str) else ""


def storable(value: Any) -> Any:
    """Return the value with its texts as any database takes them: no NUL, no half characters."""
    match value:
        case str():
            return value.replace("\0", "").encode(errors="replace").decode()
        case list():
            return [storable(it) for it in value]
        case dict():
            return {storable(name): storable(it) for name, it in value.items()}
    return value


def read_name(value: Any) -> str:
    """Return an id as text, whether it came as a number or as text."""
    return str(value) if is_id(value) else read_text(value)


def read_moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
