"""The admin of deliveries."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from bots import actions
from bots.admin.jobs import BotFilter, JobAdmin, JobColumns, button
from bots.admin.rendering import link, pretty, said, short
from bots.models import Delivery


class DeliveryColumns(JobColumns):
    """The columns of deliveries, in their list and in the inline of updates."""

    @admin.display(description=_("text"))
    def content(self, delivery: Delivery) -> str:
        return short(said(delivery.payload))


@admin.register(Delivery)
class DeliveryAdmin(DeliveryColumns, JobAdmin):  # type: ignore[misc]  # unfold's own bases disagree
    list_display = (
        "number",
        "state_label",
        "content",
        "method",
        "bot",
        "chat",
        "attempts",
        "status",
        "caused_by",
        "created",
        "finished",
    )
    list_filter = ("state", BotFilter, ("method", admin.AllValuesFieldListFilter), "created_at")
    search_fields = ("chat", "method", "=message_id", "error")
    search_help_text = _("Chat, method, error or message ID")
    actions = ("send_again",)
    actions_detail = ("send_this_again",)  # type: ignore[assignment]  # unfold: always empty

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        error = [(_("Error"), {"fields": ("error_text",)})] if obj and obj.error else []
        return [
            (
                None,
                {
                    "fields": (
                        ("state_label", "attempts"),
                        ("bot", "caused_by"),
                        ("method", "chat"),
                        ("status", "message_id"),
                        ("created", "finished"),
                        "may_have_arrived",
                    )
                },
            ),
            *error,
            (_("Request"), {"fields": ("call",)}),
            (_("Response"), {"fields": ("answer",)}),
        ]

    @admin.display(description=_("update"), ordering="update")
    def caused_by(self, delivery: Delivery) -> str | None:
        update = delivery.update_id
        return link("admin:bots_update_change", update) if update else None

    @admin.display(description=_("payload"))
    def call(self, delivery: Delivery) -> str:
        return pretty(delivery.payload)

    @admin.display(description=_("response"))
    def answer(self, delivery: Delivery) -> str | None:
        return None if delivery.response is None else pretty(delivery.response)

    @admin.action(description=_("Send again"), permissions=["again"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.repeat_selected(request, queryset, actions.send_again)

    @button(
        description=_("Send again"),
        icon="send",
        permissions=["again"],
        dialog={
            "title": _("Send this again?"),
            "description": _("The call is repeated even if it has already succeeded."),
            "form_class": None,
            "form_submit_text": _("Send again"),
        },
    )
    def send_this_again(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self.repeat_one(request, object_id, actions.send_again)
