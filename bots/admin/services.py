"""The admin of background services."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from bots import actions
from bots.admin.jobs import button
from bots.admin.rendering import label, moment, preformatted, span
from bots.models import Service
from bots.models.jobs import State
from bots.services import background


@admin.register(Service)
class ServiceAdmin(ModelAdmin):
    list_display = ("title", "is_on", "code_name", "when", "how", "last_run", "took", "next_run")
    list_editable = ("is_on",)
    list_filter = ("is_on",)
    search_fields = ("name",)
    readonly_fields = (
        "title",
        "code_name",
        "by_code",
        "how",
        "last_run",
        "took",
        "next_run",
        "runs",
        "failures",
        "last_error",
    )
    actions = ("run_now",)
    actions_detail = ("run_this_now",)  # type: ignore[assignment]  # unfold: always empty

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        error = [(_("Last error"), {"fields": ("last_error",)})] if obj and obj.error else []
        return [
            (None, {"fields": ("title", "code_name", "is_on", ("by_code", "schedule"))}),
            (
                _("Runs"),
                {"fields": (("how", "next_run"), ("last_run", "took"), ("runs", "failures"))},
            ),
            *error,
        ]

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Service | None:
        """Return the row with its description from the code."""
        row: Service | None = super().get_object(request, *args, **kwargs)
        if row is not None:
            row.title = self.title(row)
        return row

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only services that are no longer in the code can be deleted; others would reappear."""
        is_gone = obj is not None and obj.name not in background.registry
        return is_gone and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if "schedule" in form.changed_data:
            actions.reschedule(obj)
        obj.save(update_fields=[*form.changed_data, *(["due_at"] if form.changed_data else [])])

    @admin.display(description=gettext_lazy("service"), ordering="name")
    def title(self, row: Service) -> str:
        definition = background.registry.get(row.name)
        return definition.description if definition and definition.description else row.name

    @admin.display(description=gettext_lazy("name in code"), ordering="name")
    def code_name(self, row: Service) -> str:
        if row.name not in background.registry:
            return _("%(name)s (no longer in the code)") % {"name": row.name}
        return row.name

    @admin.display(description=gettext_lazy("schedule"))
    def when(self, row: Service) -> str:
        return row.schedule or self.by_code(row)

    @admin.display(description=gettext_lazy("default schedule"))
    def by_code(self, row: Service) -> str:
        definition = background.registry.get(row.name)
        return str(definition.schedule) if definition else ""

    @admin.display(description=gettext_lazy("state"))
    def how(self, row: Service) -> str:
        if background.is_over_limit(row):
            return label(_("running, over its time limit"), "danger")
        if row.state == State.WORKING:
            return label(_("running"), "warning")
        if row.error:
            return label(_("failed"), "danger")
        return label(_("ok"), "success") if row.runs else label(_("not run yet"), "default")

    @admin.display(description=gettext_lazy("last run"), ordering="started_at")
    def last_run(self, row: Service) -> str | None:
        return moment(row.started_at)

    @admin.display(description=gettext_lazy("duration"), ordering="duration")
    def took(self, row: Service) -> str | None:
        return span(row.duration) if row.duration is not None else None

    @admin.display(description=gettext_lazy("next run"), ordering="due_at")
    def next_run(self, row: Service) -> str | None:
        return moment(row.due_at) if row.is_on and row.state == State.WAITING else None

    @admin.display(description=gettext_lazy("error"))
    def last_error(self, row: Service) -> str:
        return preformatted(row.error)

    @admin.action(description=gettext_lazy("Run now"), permissions=["change"])
    def run_now(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            self._run(request, row)

    @button(description=gettext_lazy("Run now"), icon="play_arrow", permissions=["change"])
    def run_this_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if row := self.get_object(request, object_id):
            self._run(request, row)
        return HttpResponseRedirect(reverse("admin:bots_service_change", args=[object_id]))

    def _run(self, request: HttpRequest, row: Service) -> None:
        if actions.run_now(row):
            message, level = _("“%(name)s” has been started."), messages.SUCCESS
        else:
            message = _(
                "“%(name)s” was not started: it is off, already running, or no longer in the code."
            )
            level = messages.WARNING
        self.message_user(request, message % {"name": self.title(row)}, level)
