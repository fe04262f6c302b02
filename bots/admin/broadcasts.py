"""Broadcasts in the admin: written as drafts, then started, watched, paused, cancelled."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget

from bots import attachments, broadcasts
from bots.admin.jobs import BotFilter, button, without_secrets
from bots.admin.rendering import label, moment, preformatted, short
from bots.models import Broadcast, Stage

COLOURS = {
    Stage.DRAFT: "default",
    Stage.GATHERING: "info",
    Stage.RUNNING: "info",
    Stage.PAUSED: "warning",
    Stage.DONE: "success",
    Stage.CANCELLED: "warning",
    Stage.FAILED: "danger",
}
MOVES = {
    "start": (gettext_lazy("Start"), broadcasts.start, (Stage.DRAFT,)),
    "pause": (gettext_lazy("Pause"), broadcasts.pause, (Stage.RUNNING,)),
    "resume": (gettext_lazy("Go on"), broadcasts.resume, (Stage.PAUSED,)),
    "cancel": (gettext_lazy("Cancel the broadcast"), broadcasts.cancel, broadcasts.OPEN_STAGES),
}


class BroadcastForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    file = forms.FileField(
        label=gettext_lazy("File"), required=False, widget=UnfoldAdminFileFieldWidget
    )

    class Meta:
        model = Broadcast
        fields = ("bot", "text", "audience", "tags", "people")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if (file := given.get("file")) is not None:
            self.instance.files = [attachments.keep(file, file.name)]
        return given


@admin.register(Broadcast)
class BroadcastAdmin(ModelAdmin):
    form = BroadcastForm
    list_display = ("__str__", "said", "stage_label", "audience", "bot", "created_by", "started")
    list_filter = ("stage", BotFilter)
    search_fields = ("text",)
    autocomplete_fields = ("bot", "people")
    readonly_fields = ("progress", "stage_label", "started", "finished", "reason", "file_names")
    actions_submit_line = ("save_and_start",)  # type: ignore[assignment]  # unfold: always empty
    conditional_fields = {"tags": "audience == 'tags'", "people": "audience == 'people'"}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        what: Any = ("bot", "text", "file", "audience", "tags", "people")
        if obj is None:
            return [(None, {"fields": what})]
        if obj.stage != Stage.DRAFT:
            chosen = {"tags": ["tags"], "people": ["people"]}.get(obj.audience, [])
            what = ("bot", "text", "file_names", "audience", *chosen)
        else:
            what = ("bot", "text", "file", "file_names", "audience", "tags", "people")
        times = (("started", "finished"),) if obj.started_at else ()
        reason = ("reason",) if obj.error else ()
        return [
            (_("Progress"), {"fields": ("progress", *times, *reason)}),
            (_("What and to whom"), {"fields": what}),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Broadcast]:
        return without_secrets(super().get_queryset(request)).select_related("created_by")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.move))
        own = path("<int:pk>/<slug:move>/move/", view, name="bots_broadcast_move")
        return [own, *super().get_urls()]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What has been started stays as it was said."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or obj.stage == Stage.DRAFT)

    def has_start_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        is_draft = Broadcast.objects.filter(pk=object_id, stage=Stage.DRAFT)
        return super().has_change_permission(request) and (object_id is None or is_draft.exists())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_over = obj is None or obj.stage not in broadcasts.OPEN_STAGES
        return is_over and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        """Show the draft, where it can be started."""
        return HttpResponseRedirect(reverse("admin:bots_broadcast_change", args=[obj.pk]))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if "bots_broadcast_save_and_start" in request.POST:
            return HttpResponseRedirect(request.path)
        return super().response_change(request, obj)

    @button(description=gettext_lazy("Save and start"), permissions=["start"])
    def save_and_start(self, request: HttpRequest, row: Broadcast) -> None:
        # Once everything is saved: the people it goes to are, after the row itself.
        transaction.on_commit(partial(self._move, request, row, "start"))

    def move(self, request: HttpRequest, pk: int, move: str) -> HttpResponse:
        row = Broadcast.objects.filter(pk=pk).first()
        if row is None or move not in MOVES or not super().has_change_permission(request):
            raise Http404
        self._move(request, row, move)
        return HttpResponseRedirect(reverse("admin:bots_broadcast_change", args=[pk]))

    def _move(self, request: HttpRequest, row: Broadcast, move: str) -> None:
        if MOVES[move][1](row):
            self.message_user(request, f"{row}: {row.get_stage_display()}.", messages.SUCCESS)
            return
        told = _("%(row)s is in another state by now: %(state)s.")
        facts = {"row": row, "state": row.get_stage_display()}
        self.message_user(request, told % facts, messages.WARNING)

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, row: Broadcast) -> str:
        counts = row.counts()
        ended = counts["sent"] + counts["failed"]
        moves = [
            (reverse("admin:bots_broadcast_move", args=[row.pk, name]), title)
            for name, (title, _act, stages) in MOVES.items()
            if row.stage in stages and row.stage != Stage.DRAFT  # a draft is saved first
        ]
        context = {
            "row": row,
            "counts": counts,
            "percent": ended * 100 // counts["all"] if counts["all"] else 0,
            "moves": moves,
            "stage": self.stage_label(row),
            "is_moving": row.stage in (Stage.GATHERING, Stage.RUNNING),
        }
        return render_to_string("bots/admin/broadcast.html", context)

    @admin.display(description=gettext_lazy("text"))
    def said(self, row: Broadcast) -> str:
        return short(row.text or ", ".join(it.get("name", "") for it in row.files))

    @admin.display(description=gettext_lazy("state"), ordering="stage")
    def stage_label(self, row: Broadcast) -> str:
        return label(row.get_stage_display(), COLOURS[Stage(row.stage)])

    @admin.display(description=gettext_lazy("files"))
    def file_names(self, row: Broadcast) -> str:
        return ", ".join(it.get("name", "") for it in row.files) or "—"

    @admin.display(description=gettext_lazy("started"), ordering="started_at")
    def started(self, row: Broadcast) -> str | None:
        return moment(row.started_at)

    @admin.display(description=gettext_lazy("finished"), ordering="finished_at")
    def finished(self, row: Broadcast) -> str | None:
        return moment(row.finished_at)

    @admin.display(description=gettext_lazy("error"))
    def reason(self, row: Broadcast) -> str:
        return preformatted(row.error)
