"""The admin of the journal of API calls."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bots.admin.jobs import BotFilter, MachineRowAdmin
from bots.admin.rendering import label, moment, preformatted, pretty_raw, short
from bots.models import ApiCall


class OutcomeFilter(admin.SimpleListFilter):
    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [
            ("ok", _("succeeded")),
            ("refused", _("rejected")),
            ("limited", _("too many calls (429)")),
            ("broken", _("server error (5xx)")),
            ("silent", _("no response")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "ok":
                return queryset.filter(status__range=(200, 299))
            case "refused":
                return queryset.filter(status__range=(400, 499)).exclude(status=429)
            case "limited":
                return queryset.filter(status=429)
            case "broken":
                return queryset.filter(status__gte=500)
            case "silent":
                return queryset.filter(status=None)
        return queryset


@admin.register(ApiCall)
class ApiCallAdmin(MachineRowAdmin):
    list_display = ("time", "method", "outcome", "took", "bot", "asked", "answered")
    list_filter = (OutcomeFilter, BotFilter, "at")
    search_fields = ("method", "payload", "answer", "error")
    search_help_text = _("Method, or text of the request or response")
    fields = (("bot", "method"), ("time", "took", "outcome"), "error_text", "call", "reply")
    readonly_fields = ("bot", "method", "time", "took", "outcome", "error_text", "call", "reply")
    date_hierarchy = "at"

    @admin.display(description=_("time"), ordering="pk")
    def time(self, call: ApiCall) -> str | None:
        return moment(call.at)

    @admin.display(description=_("outcome"), ordering="status")
    def outcome(self, call: ApiCall) -> str:
        if call.status is None:
            return label(str(_("no response")), "danger")
        colour = "success" if call.status < 300 else "danger" if call.status >= 500 else "warning"
        return label(str(call.status), colour)

    @admin.display(description=_("duration"), ordering="duration_ms")
    def took(self, call: ApiCall) -> str:
        return str(_("%(number)d ms") % {"number": call.duration_ms})

    @admin.display(description=_("payload"))
    def asked(self, call: ApiCall) -> str:
        return short(call.payload)

    @admin.display(description=_("response"))
    def answered(self, call: ApiCall) -> str:
        return short(call.error or call.answer)

    @admin.display(description=_("payload"))
    def call(self, call: ApiCall) -> str:
        return pretty_raw(call.payload)

    @admin.display(description=_("response"))
    def reply(self, call: ApiCall) -> str:
        return pretty_raw(call.answer)

    @admin.display(description=_("error"))
    def error_text(self, call: ApiCall) -> str | None:
        return preformatted(call.error) if call.error else None
