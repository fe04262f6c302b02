"""Values from outside, made such that every database can store them."""

import math
from typing import Any

MAX_DEPTH = 100


def storable(value: Any, depth: int = 0) -> Any:
    """Return the value as JSON that SQLite and PostgreSQL can store.

    PostgreSQL accepts neither NUL nor half of a surrogate pair in text and jsonb, and JSON has no
    infinite numbers. NUL is removed, half of a pair becomes "?". What is no JSON becomes its text,
    and what is nested deeper than MAX_DEPTH an ellipsis.
    """
    if depth > MAX_DEPTH:
        return "…"
    match value:
        case str():
            return value.replace("\0", "").encode(errors="replace").decode()
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case list() | tuple():
            return [storable(item, depth + 1) for item in value]
        case dict():
            return {storable(str(name)): storable(it, depth + 1) for name, it in value.items()}
        case bytes() | bytearray():
            return storable(value.decode(errors="replace"))
    return storable(str(value))
