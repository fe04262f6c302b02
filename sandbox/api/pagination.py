"""Cursor pagination, unaffected by rows that are added or removed between pages."""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from sandbox.api.errors import malformed

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page:
    """A page of results. As in Pachca, `next_page` is a cursor on the last page, too."""

    data: list[Any]
    next_page: str
    has_next: bool

    def body(self) -> dict[str, Any]:
        paginate = {"next_page": self.next_page, "has_next": self.has_next}
        return {"data": self.data, "meta": {"paginate": paginate}}


def take_page(
    rows: "QuerySet[Row]",
    query: dict[str, Any],
    by: tuple[str, ...] = ("id",),
    descending: bool = True,
    limit: int = 50,
) -> tuple[list[Row], str, bool]:
    """Return the rows of the requested page, the next cursor, and whether there are more rows.

    `by` names the ordering fields, of which the last one is unique.
    """
    limit = query.get("limit", limit)
    salt = f"sandbox.{rows.model.__name__}.{by}.{descending}"
    if cursor := query.get("cursor"):
        rows = rows.filter(_after(by, _decode_cursor(cursor, salt), descending))
    sign = "-" if descending else ""
    found = list(rows.order_by(*(f"{sign}{field}" for field in by))[: limit + 1])
    shown = found[:limit]
    return shown, _encode_cursor(shown[-1:], by, salt) or cursor or "", len(found) > limit


def _after(by: tuple[str, ...], values: list[Any], descending: bool) -> Q:
    """Return the condition for rows after the one with these values: (a, b) < (x, y)."""
    step = "lt" if descending else "gt"
    condition = Q()
    for position, field in enumerate(by):
        level_with = Q(**dict(zip(by[:position], values[:position], strict=True)))
        condition |= level_with & Q(**{f"{field}__{step}": values[position]})
    return condition


def _encode_cursor(last: list[Any], by: tuple[str, ...], salt: str) -> str:
    if not last:
        return ""
    values = [getattr(last[0], field) for field in by]
    return signing.dumps(
        [value.isoformat() if hasattr(value, "isoformat") else value for value in values],
        salt=salt,
    )


def _decode_cursor(cursor: str, salt: str) -> list[Any]:
    try:
        values: list[Any] = signing.loads(cursor, salt=salt)
    except signing.BadSignature:
        raise malformed("cursor", _("The cursor is not valid for this list."), cursor) from None
    return values
