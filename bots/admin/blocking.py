"""The admin of functions that have blocked an event loop."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from bots.admin.rendering import moment, preformatted
from bots.models import BlockingFunction


@admin.register(BlockingFunction)
class BlockingFunctionAdmin(ModelAdmin):
    list_display = ("name", "times", "longest_shown", "seconds_shown", "last", "process")
    search_fields = ("name",)
    fields = (
        "name",
        ("times", "longest_shown", "seconds_shown"),
        ("last", "process"),
        "stack_shown",
    )
    readonly_fields = (
        "name",
        "times",
        "longest_shown",
        "seconds_shown",
        "last",
        "process",
        "stack_shown",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("longest, s"), ordering="longest")
    def longest_shown(self, row: BlockingFunction) -> str:
        return f"{row.longest:.1f}"

    @admin.display(description=_("total, s"), ordering="seconds")
    def seconds_shown(self, row: BlockingFunction) -> str:
        return f"{row.seconds:.1f}"

    @admin.display(description=_("last seen"), ordering="last_at")
    def last(self, row: BlockingFunction) -> str | None:
        return moment(row.last_at)

    @admin.display(description=_("call stack"))
    def stack_shown(self, row: BlockingFunction) -> str:
        return preformatted(row.stack)
