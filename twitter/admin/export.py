"""Exporting rows of a changelist as CSV and JSON, streamed in constant memory."""

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

from twitter.pages.rendering import current_user

EXPORT_BATCH_SIZE = 500
# Spreadsheets evaluate a cell that starts with one of these as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

Rows = QuerySet[Any]


class ExportMixin:
    """Adds the export actions. `exported` names the exported fields."""

    exported: tuple[str, ...] = ()
    actions: Any = ("export_csv", "export_json")

    def has_export_permission(self, request: HttpRequest) -> bool:
        """By default, whoever can view the rows can export them."""
        return bool(cast("admin.ModelAdmin[Any]", self).has_view_permission(request))

    @admin.action(description=_("Save as CSV"), permissions=["export"])
    def export_csv(self, request: HttpRequest, rows: Rows) -> StreamingHttpResponse:
        return self._export(request, rows, "csv", "text/csv; charset=utf-8", as_csv)

    @admin.action(description=_("Save as JSON"), permissions=["export"])
    def export_json(self, request: HttpRequest, rows: Rows) -> StreamingHttpResponse:
        return self._export(request, rows, "json", "application/json", as_json)

    def _export(
        self, request: HttpRequest, rows: Rows, ending: str, kind: str, write: Any
    ) -> StreamingHttpResponse:
        name = f"{rows.model._meta.model_name}s.{ending}"
        _log(request, rows, name)
        lines = write(self.exported, rows.values_list(*self.exported))
        is_async = isinstance(request, ASGIRequest)
        response = StreamingHttpResponse(
            _iterate_in_thread(lines) if is_async else lines, content_type=kind
        )
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def as_csv(fields: tuple[str, ...], rows: Rows) -> Iterator[str]:
    """Yield the lines of a CSV file; cells that look like formulas are escaped."""
    writer = csv.writer(_Echo())
    # Excel needs the byte order mark to recognise UTF-8.
    yield "\ufeff" + writer.writerow(fields)
    for row in rows.iterator(EXPORT_BATCH_SIZE):
        yield writer.writerow([escape_formula(value) for value in row])


def as_json(fields: tuple[str, ...], rows: Rows) -> Iterator[str]:
    encode = DjangoJSONEncoder(ensure_ascii=False).encode
    comma = ""
    yield "["
    for row in rows.iterator(EXPORT_BATCH_SIZE):
        yield comma + encode(dict(zip(fields, row, strict=True)))
        comma = ",\n"
    yield "]\n"


def escape_formula(value: Any) -> str:
    """Return the text of a cell, with an apostrophe in front if it could be a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


class _Echo:
    """A file-like object whose `write` returns the line."""

    def write(self, line: str) -> str:
        return line


async def _iterate_in_thread(lines: Iterator[str]) -> AsyncIterator[str]:
    """Iterate in a thread, since the lines run database queries."""
    following = sync_to_async(lambda: next(lines, None))
    while (line := await following()) is not None:
        yield line


def _log(request: HttpRequest, rows: Rows, name: str) -> None:
    LogEntry.objects.create(
        user=current_user(request),
        content_type=ContentType.objects.get_for_model(rows.model),
        object_repr=name,
        action_flag=CHANGE,
        change_message=json.dumps([{"changed": {"name": name, "object": "export"}}]),
    )


__all__ = ["ExportMixin", "as_csv", "as_json", "escape_formula"]
