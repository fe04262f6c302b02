"""The admin of broadcasts: drafts, start, progress, pause and cancellation."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget

from bots.admin.forms import AudienceForm
from bots.admin.jobs import BotFilter, button, without_secrets
from bots.admin.rendering import label, moment, preformatted, short
from bots.broadcasts import actions
from bots.broadcasts.sending import count_people
from bots.framework.api import ApiError, NoAnswer, attachments, run
from bots.framework.api.limits import MAX_CONTENT
from bots.framework.events.errors import BadAnswer
from bots.models import Broadcast, PachcaAccount, Stage
from bots.models.fields import SecretUnreadable

COLOURS = {
    Stage.DRAFT: "default",
    Stage.GATHERING: "info",
    Stage.RUNNING: "info",
    Stage.PAUSED: "warning",
    Stage.DONE: "success",
    Stage.CANCELLED: "warning",
    Stage.FAILED: "danger",
}
COUNT_TIMEOUT = 3.0  # seconds
MOVES = {
    "start": (gettext_lazy("Start"), actions.start, (Stage.DRAFT,)),
    "pause": (gettext_lazy("Pause"), actions.pause, (Stage.RUNNING,)),
    "resume": (gettext_lazy("Resume"), actions.resume, (Stage.PAUSED,)),
    "cancel": (gettext_lazy("Cancel the broadcast"), actions.cancel, actions.OPEN_STAGES),
}


def _recipients(pk: int) -> dict[str, Any]:
    """Return the number of recipients of a draft, or why they cannot be counted."""
    try:
        row = Broadcast.objects.select_related("bot").get(pk=pk)  # with the bot's token
        count, is_complete = run(count_people(row, COUNT_TIMEOUT))
    except (ApiError, NoAnswer, SecretUnreadable) as error:
        return {"count_error": str(error)}
    return {"count": count, "is_complete": is_complete}


class BroadcastForm(AudienceForm):
    file = forms.FileField(
        label=gettext_lazy("File"), required=False, widget=UnfoldAdminFileFieldWidget
    )

    class Meta:
        model = Broadcast
        fields = ("bot", "text", "audience", "tags", "people")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        try:
            MaxLengthValidator(MAX_CONTENT)(given.get("text", ""))
        except ValidationError as error:
            self.add_error("text", error)
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
    readonly_fields = (
        "progress",
        "stage_label",
        "started",
        "finished",
        "reason",
        "file_names",
        "chosen_tags",
        "chosen_people",
    )
    actions_submit_line = ("save_and_start",)  # type: ignore[assignment]  # unfold: always empty
    conditional_fields = {"tags": "audience == 'tags'", "people": "audience == 'people'"}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        what: Any = ("bot", "text", "file", "audience", "tags", "people")
        if obj is None:
            return [(None, {"fields": what})]
        if obj.stage != Stage.DRAFT:
            # Not the fields: unfold shows those by the value of an input, `audience`.
            chosen = {"tags": ["chosen_tags"], "people": ["chosen_people"]}.get(obj.audience, [])
            what = ("bot", "text", "file_names", "audience", *chosen)
        else:
            what = ("bot", "text", "file", "file_names", "audience", "tags", "people")
        times = (("started", "finished"),) if obj.started_at else ()
        reason = ("reason",) if obj.error else ()
        return [
            (_("Progress"), {"fields": ("progress", *times, *reason)}),
            (_("Message and recipients"), {"fields": what}),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Broadcast]:
        return without_secrets(super().get_queryset(request)).select_related("created_by")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.move))
        own = path("<int:pk>/<slug:move>/move/", view, name="bots_broadcast_move")
        confirm = self.admin_site.admin_view(self.confirm_start)
        start = path("<int:pk>/start/", confirm, name="bots_broadcast_start")
        return [own, start, *super().get_urls()]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Started broadcasts cannot be changed."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or obj.stage == Stage.DRAFT)

    def has_start_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        # The row is also None if the URL has no valid id.
        row = None if object_id is None else self.get_object(request, object_id)
        is_draft = row is not None and row.stage == Stage.DRAFT
        return super().has_change_permission(request) and (object_id is None or is_draft)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_over = obj is None or obj.stage not in actions.OPEN_STAGES
        return is_over and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        """Show the draft, which can be started there."""
        return HttpResponseRedirect(reverse("admin:bots_broadcast_change", args=[obj.pk]))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if "bots_broadcast_save_and_start" in request.POST:
            return HttpResponseRedirect(reverse("admin:bots_broadcast_start", args=[obj.pk]))
        return super().response_change(request, obj)

    @button(description=gettext_lazy("Save and start…"), permissions=["start"])
    def save_and_start(self, request: HttpRequest, row: Broadcast) -> None:
        """Save the draft; `response_change` redirects to the confirmation page."""

    def confirm_start(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the message and the recipients. A POST sends a test or starts the broadcast."""
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None or not super().has_change_permission(request):
            raise Http404
        page = reverse("admin:bots_broadcast_change", args=[pk])
        if row.stage != Stage.DRAFT:
            return HttpResponseRedirect(page)
        if "test" in request.POST:
            self._send_test(request, row)
            return HttpResponseRedirect(request.path)
        if request.method == "POST":
            self._move(request, row, "start")
            return HttpResponseRedirect(page)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Start the broadcast?"),
            "opts": self.opts,
            "original": row,
            "back": page,
            **_recipients(pk),
        }
        return TemplateResponse(request, "bots/admin/broadcast_start.html", context)

    def _send_test(self, request: HttpRequest, row: Broadcast) -> None:
        account = PachcaAccount.objects.filter(
            person=request.user.pk, in_sandbox=row.bot.in_sandbox
        ).first()
        if account is None:
            text = _("Link your Pachca account first: %(url)s")
            url = request.build_absolute_uri(reverse("pachca-link"))
            self.message_user(request, text % {"url": url}, messages.WARNING)
            return
        try:
            actions.send_test(row, account.pachca_user_id)
        except (BadAnswer, OSError) as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, _("A test message has been sent to you."), messages.SUCCESS)

    def move(self, request: HttpRequest, pk: int, move: str) -> HttpResponse:
        row = Broadcast.objects.filter(pk=pk).first()
        if row is None or move not in MOVES or not super().has_change_permission(request):
            raise Http404
        self._move(request, row, move)
        return HttpResponseRedirect(reverse("admin:bots_broadcast_change", args=[pk]))

    def _move(self, request: HttpRequest, row: Broadcast, move: str) -> None:
        try:
            is_moved = MOVES[move][1](row)
        except actions.NoRecipients as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        if is_moved:
            self.message_user(request, f"{row}: {row.get_stage_display()}.", messages.SUCCESS)
            return
        message = _("The state of %(row)s has changed to “%(state)s”. Reload the page.")
        facts = {"row": row, "state": row.get_stage_display()}
        self.message_user(request, message % facts, messages.WARNING)

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

    @admin.display(description=gettext_lazy("tags"))
    def chosen_tags(self, row: Broadcast) -> str:
        return ", ".join(row.tag_list)

    @admin.display(description=gettext_lazy("users"))
    def chosen_people(self, row: Broadcast) -> str:
        return ", ".join(map(str, row.people.all())) or "—"

    @admin.display(description=gettext_lazy("started"), ordering="started_at")
    def started(self, row: Broadcast) -> str | None:
        return moment(row.started_at)

    @admin.display(description=gettext_lazy("finished"), ordering="finished_at")
    def finished(self, row: Broadcast) -> str | None:
        return moment(row.finished_at)

    @admin.display(description=gettext_lazy("error"))
    def reason(self, row: Broadcast) -> str:
        return preformatted(row.error)
