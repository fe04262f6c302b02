"""Lenient parsing of values: one that is missing or has a wrong type is empty, not an error."""

from datetime import datetime
from typing import Any

from bots.framework.events.identity import is_id
from core.storable import storable


def read_id(value: Any) -> int:
    """Return an id, or 0."""
    return value if is_id(value) else 0


def read_ids(value: Any) -> list[int]:
    """Return the ids in a list; other values are dropped."""
    return [it for it in value if is_id(it)] if isinstance(value, list) else []


def read_number(value: Any) -> int | None:
    """Return an integer, or None."""
    return value if is_id(value) else None


def read_text(value: Any) -> str:
    """Return a text that databases can store, or ""."""
    return storable(value) if isinstance(value, str) else ""


def read_name(value: Any) -> str:
    """Return an id as text, whether it came as a number or as text."""
    return str(value) if is_id(value) else read_text(value)


def read_moment(value: Any) -> datetime | None:
    """Return the time of an ISO 8601 text, or None."""
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
