"""Rows of the admin as files: streamed, so that a million of them need no memory."""

import csv
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.handlers.asgi import ASGIRequest
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _

from twitter.pages.showing import person_of

ROWS_AT_ONCE = 500
# With these at the start a cell is a formula to spreadsheets, and runs on the reader's machine.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

Rows = QuerySet[Any]


class Exported:
    """Adds the actions that save the chosen rows: `exported` are the fields of a row."""

    exported: tuple[str, ...] = ()
    actions: Any = ("export_csv", "export_json")

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Who may look at rows may take them along, unless a subclass says otherwise."""
        return bool(cast("admin.ModelAdmin[Any]", self).has_view_permission(request))

    @admin.action(description=_("Save as CSV"), permissions=["export"])
    def export_csv(self, request: HttpRequest, rows: Rows) -> StreamingHttpResponse:
        return self._saved(request, rows, "csv", "text/csv; charset=utf-8", as_csv)

    @admin.action(description=_("Save as JSON"), permissions=["export"])
    def export_json(self, request: HttpRequest, rows: Rows) -> StreamingHttpResponse:
        return self._saved(request, rows, "json", "application/json", as_json)

    def _saved(
        self, request: HttpRequest, rows: Rows, ending: str, kind: str, written: Any
    ) -> StreamingHttpResponse:
        name = f"{rows.model._meta.model_name}s.{ending}"
        _log(request, rows, name)
        lines = written(self.exported, rows.values_list(*self.exported))
        is_async = isinstance(request, ASGIRequest)
        response = StreamingHttpResponse(_in_turn(lines) if is_async else lines, content_type=kind)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def as_csv(fields: tuple[str, ...], rows: Rows) -> Iterator[str]:
    """Write rows for spreadsheets, in which nothing that people wrote becomes a formula."""
    writer = csv.writer(_Echo())
    # Excel takes the file for UTF-8 by this mark alone.
    yield "\ufeff" + writer.writerow(fields)
    for row in rows.iterator(ROWS_AT_ONCE):
        yield writer.writerow([harmless(value) for value in row])


def as_json(fields: tuple[str, ...], rows: Rows) -> Iterator[str]:
    encode = DjangoJSONEncoder(ensure_ascii=False).encode
    comma = ""
    yield "["
    for row in rows.iterator(ROWS_AT_ONCE):
        yield comma + encode(dict(zip(fields, row, strict=True)))
        comma = ",\n"
    yield "]\n"


def harmless(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


class _Echo:
    """A file that hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


async def _in_turn(lines: Iterator[str]) -> AsyncIterator[str]:
    """Go through lines that cost queries, away from the loop that serves everybody."""
    following = sync_to_async(lambda: next(lines, None))
    while (line := await following()) is not None:
        yield line


def _log(request: HttpRequest, rows: Rows, name: str) -> None:
    LogEntry.objects.create(
        user=person_of(request),
        content_type=ContentType.objects.get_for_model(rows.model),
        object_repr=name,
        action_flag=CHANGE,
        change_message=json.dumps([{"changed": {"name": name, "object": "export"}}]),
    )


__all__ = ["Exported", "as_csv", "as_json", "harmless"]
