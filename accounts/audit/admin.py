"""The audit log in the admin: to read, search and export, never to change."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.actions import delete_selected as delete_rows
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from accounts.audit.models import AuditEvent
from accounts.audit.recording import Action, Subject, record
from twitter.admin.export import ExportMixin


@admin.register(AuditEvent)
class AuditEventAdmin(ExportMixin, ModelAdmin):  # type: ignore[misc]  # unfold is untyped
    list_display = [
        *("created_at", "actor_name", "action", "object_name", "kind", "address", "short_details"),
    ]
    list_display_links = ["created_at"]
    list_filter = ["action", "created_at"]
    search_fields = [
        *("actor_name", "object_name", "=object_id", "=address", "=request_id", "user_agent"),
    ]
    search_help_text = _("Username, object, address or number of a request")
    show_full_result_count = False
    list_per_page = 50
    actions = [*ExportMixin.actions]
    fields = [
        *("created_at", "actor", "actor_name", "action"),
        *("object_type", "object_id", "object_name"),
        *("address", "user_agent", "request_id", "details"),
    ]
    readonly_fields: ClassVar[Any] = fields
    exported = (
        *("id", "created_at", "actor_id", "actor_name", "action"),
        *("object_type", "object_id", "object_name"),
        *("address", "user_agent", "request_id", "details"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("kind of object"))
    def kind(self, event: AuditEvent) -> str:
        return event.object_type

    @admin.display(description=_("details"))
    def short_details(self, event: AuditEvent) -> str:
        return event.details_as_text()


@admin.action(
    permissions=["delete"],
    description=delete_rows.short_description,  # type: ignore[attr-defined]  # set by a decorator
)
def delete_selected(
    modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]
) -> TemplateResponse | None:
    """Delete the chosen rows as Django does, and record each in the audit log.

    Django logs several rows by one statement, without a signal, and a single one with a signal.
    """
    if "post" not in request.POST:
        return delete_rows(modeladmin, request, queryset)
    subjects = [Subject.of(row) for row in queryset]
    with transaction.atomic():
        response = delete_rows(modeladmin, request, queryset)
        if response is None and len(subjects) > 1:
            for subject in subjects:
                record(Action.DELETED, subject, actor=request.user)
    return response


admin.site.add_action(delete_selected, "delete_selected")
