"""The admin of updates and of the deliveries that they caused."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from bots import actions
from bots.admin.deliveries import DeliveryColumns
from bots.admin.jobs import BotFilter, JobAdmin, button
from bots.admin.rendering import link, pretty_raw, said, short
from bots.models import Delivery, Update


class CausedDeliveries(DeliveryColumns, TabularInline):  # type: ignore[misc]  # unfold's own bases disagree
    """The deliveries of an update, in order."""

    model = Delivery
    verbose_name_plural = _("deliveries")
    fields = readonly_fields = (
        "page",
        "method",
        "chat",
        "content",
        "state_label",
        "attempts",
        "status",
        "finished",
    )
    ordering = ("pk",)
    extra = 0
    can_delete = False
    hide_title = True

    @admin.display(description=_("number"))
    def page(self, delivery: Delivery) -> str:
        return link("admin:bots_delivery_change", delivery.pk)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Update)
class UpdateAdmin(JobAdmin):
    list_display = (
        "number",
        "state_label",
        "text",
        "kind",
        "bot",
        "chat",
        "attempts",
        "handler_name",
        "created",
        "took",
    )
    list_filter = (
        "state",
        BotFilter,
        ("kind", admin.AllValuesFieldListFilter),
        "created_at",
    )
    search_fields = ("raw", "key", "chat")
    search_help_text = _("Text, key or chat")
    inlines = (CausedDeliveries,)
    actions = ("handle_again",)
    actions_detail = ("handle_this_again",)  # type: ignore[assignment]  # unfold: always empty

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        error = [(_("Error"), {"fields": ("error_text",)})] if obj and obj.error else []
        return [
            (
                None,
                {
                    "fields": (
                        "full_text",
                        ("state_label", "attempts"),
                        ("bot", "handler"),
                        ("kind", "chat"),
                        ("created", "took"),
                        *(["begun_by"] if obj and obj.continues_id else []),
                    )
                },
            ),
            *error,
            (_("Payload"), {"fields": ("key", "event")}),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search also for the text with JSON escapes."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        escaped = json.dumps(search_term)[1:-1]
        if escaped != search_term:
            found |= queryset.filter(raw__icontains=escaped)
        return found, may_repeat

    @admin.display(description=_("text"))
    def text(self, update: Update) -> str:
        return short(said(update.payload))

    @admin.display(description=_("text"))
    def full_text(self, update: Update) -> str:
        return said(update.payload)

    @admin.display(description=_("handler"), ordering="handler")
    def handler_name(self, update: Update) -> str | None:
        if not update.handler:
            return None
        name = update.handler.rpartition(".")[2]
        return format_html('<span title="{}">{}</span>', update.handler, name)

    @admin.display(description=_("continuation of"))
    def begun_by(self, update: Update) -> str:
        return link("admin:bots_update_change", update.continues_id or 0)

    @admin.display(description=_("event"))
    def event(self, update: Update) -> str:
        return pretty_raw(update.raw)

    @admin.action(description=_("Handle again"), permissions=["again"])
    def handle_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.repeat_selected(request, queryset, actions.handle_again)

    @button(
        description=_("Handle again"),
        icon="replay",
        permissions=["again"],
        dialog={
            "title": _("Handle this update again?"),
            "description": _("The handler runs again and its replies are sent again."),
            "form_class": None,
            "form_submit_text": _("Handle again"),
        },
    )
    def handle_this_again(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self.repeat_one(request, object_id, actions.handle_again)
