"""Shared base classes for the admin of updates and deliveries."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_permission_codename
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.views import ChangeList

from bots.admin.rendering import moment, preformatted, span, state
from bots.models import Bot
from bots.models.jobs import Job

Function = TypeVar("Function", bound=Callable[..., Any])

MOST_AT_ONCE = 1000


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # not generic at run time
    """Limits the count, because counting millions of rows takes seconds."""

    LIMIT = 10_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[: self.LIMIT].count())


class JobList(ChangeList):
    """Shows the date hierarchy only for small tables, because it scans all rows."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if self.result_count >= CappedPaginator.LIMIT:
            self.date_hierarchy = None


class BotFilter(admin.SimpleListFilter):
    """Filters by bot without reading the bots' secrets."""

    title = gettext_lazy("bot")
    parameter_name = "bot"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return list(Bot.objects.values_list("pk", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        return queryset.filter(bot=chosen) if chosen.isdecimal() else queryset


def button(**options: Any) -> Callable[[Function], Function]:
    """Make a method a button on the page of a row; `options` are those of unfold's action."""
    decorator: Any = action(**options)
    return decorator  # type: ignore[no-any-return]  # unfold declares it as the method's result


def without_secrets(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Join the bot without its encrypted secrets."""
    return queryset.select_related("bot").defer("bot__token", "bot__signing_secret")


class JobColumns:
    """The columns for id, state and times of a row."""

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, job: Job) -> str:
        return f"#{job.pk}"

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_label(self, job: Job) -> str:
        return state(job)

    @admin.display(description=gettext_lazy("created"), ordering="created_at")
    def created(self, job: Job) -> str | None:
        return moment(job.created_at)

    @admin.display(description=gettext_lazy("finished"), ordering="finished_at")
    def finished(self, job: Job) -> str | None:
        return moment(job.finished_at)

    @admin.display(description=gettext_lazy("duration"))
    def took(self, job: Job) -> str | None:
        return span(job.finished_at - job.created_at) if job.finished_at else None

    @admin.display(description=gettext_lazy("error"))
    def error_text(self, job: Job) -> str:
        return preformatted(job.error)


class MachineRowAdmin(ModelAdmin):
    """Machine-written rows: read-only, and only superusers may delete them."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return JobList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return without_secrets(super().get_queryset(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


class JobAdmin(JobColumns, MachineRowAdmin):  # type: ignore[misc]  # unfold's own bases disagree
    date_hierarchy = "created_at"

    def has_again_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        codename = get_permission_codename("change", self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    def repeat_selected(
        self, request: HttpRequest, rows: QuerySet[Any], repeat: Callable[[Any], bool]
    ) -> None:
        """Queue the oldest selected rows again, and report how many were queued and skipped."""
        outcomes = [repeat(row) for row in rows.order_by("pk")[:MOST_AT_ONCE]]
        if again := outcomes.count(True):
            message = _("Queued again: %(count)d.") % {"count": again}
            self.message_user(request, message, messages.SUCCESS)
        if busy := outcomes.count(False):
            message = _("Skipped because they are queued or running: %(count)d.")
            self.message_user(request, message % {"count": busy}, messages.WARNING)

    def repeat_one(
        self, request: HttpRequest, object_id: str, repeat: Callable[[Any], bool]
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        self.repeat_selected(request, self.get_queryset(request).filter(pk=row.pk), repeat)
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        if "HX-Request" in request.headers:
            return HttpResponse(headers={"HX-Redirect": page})
        return HttpResponseRedirect(page)
