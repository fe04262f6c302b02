"""Background services in the admin: on or off, when, how the last run went, and running one now."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from bots import actions, background
from bots.admin.jobs import button
from bots.admin.rendering import label, moment, preformatted, span
from bots.jobs import State
from bots.models import Service


@admin.register(Service)
class ServiceAdmin(ModelAdmin):
    list_display = ("title", "is_on", "what", "when", "how", "last_run", "took", "next_run")
    list_editable = ("is_on",)
    list_filter = ("is_on",)
    search_fields = ("name",)
    readonly_fields = (
        "title",
        "name",
        "what",
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
        error = [(_("The last error"), {"fields": ("last_error",)})] if obj and obj.error else []
        return [
            (None, {"fields": ("name", "what", "is_on", ("by_code", "schedule"))}),
            (
                _("Runs"),
                {"fields": (("how", "next_run"), ("last_run", "took"), ("runs", "failures"))},
            ),
            *error,
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What the code no longer has may go; anything else would come back."""
        is_gone = obj is not None and obj.name not in background.registry
        return is_gone and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if "schedule" in form.changed_data:
            actions.reschedule(obj)
        obj.save(update_fields=[*form.changed_data, *(["due_at"] if form.changed_data else [])])

    @admin.display(description=gettext_lazy("service"), ordering="name")
    def title(self, row: Service) -> str:
        return row.name.rpartition(".")[2]

    @admin.display(description=gettext_lazy("what it does"))
    def what(self, row: Service) -> str:
        definition = background.registry.get(row.name)
        return definition.description if definition else _("The code has it no more.")

    @admin.display(description=gettext_lazy("schedule"))
    def when(self, row: Service) -> str:
        return row.schedule or self.by_code(row)

    @admin.display(description=gettext_lazy("schedule of the code"))
    def by_code(self, row: Service) -> str:
        definition = background.registry.get(row.name)
        return str(definition.schedule) if definition else ""

    @admin.display(description=gettext_lazy("state"))
    def how(self, row: Service) -> str:
        if row.state == State.WORKING:
            return label(_("running"), "warning")
        if row.error:
            return label(_("failed"), "danger")
        return label(_("in order"), "success") if row.runs else label(_("not run yet"), "default")

    @admin.display(description=gettext_lazy("last run"), ordering="started_at")
    def last_run(self, row: Service) -> str | None:
        return moment(row.started_at)

    @admin.display(description=gettext_lazy("took"), ordering="duration")
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
            told, level = _("“%(name)s” is to run now."), messages.SUCCESS
        else:
            told = _("“%(name)s” was left alone: it is off, running, or no longer in the code.")
            level = messages.WARNING
        self.message_user(request, told % {"name": self.title(row)}, level)
