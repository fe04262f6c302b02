"""Speeches and audio in the admin site: read-only, with actions to cancel and remake."""

import json
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from jobs.rows import State
from tts import actions
from tts.admin import charts
from tts.models import Audio, Speech
from tts.models.speech import SpeechState

COLOURS = {
    State.WAITING: "info",
    State.WORKING: "warning",
    State.DONE: "success",
    State.FAILED: "danger",
    SpeechState.PENDING: "info",
    SpeechState.PROCESSING: "warning",
    SpeechState.READY: "success",
}
MAX_ROWS_PER_ACTION = 1000


class ReadOnlyAdmin(ModelAdmin):
    """Rows that users cannot edit. Actions need the permission to change the model."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_action_permission(self, request: HttpRequest) -> bool:
        codename = get_permission_codename("change", self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_label(self, row: Any) -> str:
        kind = COLOURS.get(row.state, "default")
        label = {"text": row.get_state_display(), "type": kind}
        return render_to_string("unfold/helpers/label.html", label)

    def report(self, request: HttpRequest, outcomes: list[bool]) -> None:
        """Show how many rows an action has changed, and how many it has not."""
        if done := outcomes.count(True):
            self.message_user(
                request, _("Completed: %(count)d.") % {"count": done}, messages.SUCCESS
            )
        if left := outcomes.count(False):
            unchanged = _("Unchanged: %(count)d.") % {"count": left}
            self.message_user(request, unchanged, messages.WARNING)


@admin.register(Audio)
class AudioAdmin(ReadOnlyAdmin):
    list_before_template = "tts/admin/overview.html"  # type: ignore[assignment]  # unfold is untyped
    list_display = ["said", "state_label", "speaker", "engine", "length", "listen", "created_at"]
    list_filter = ["state", "engine", "voice", "created_at"]
    search_fields = ["text", "voice"]
    actions = ["remake"]
    exclude = ["duration"]
    readonly_fields = ["listen", "length"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        names, made, failed = charts.hours()
        datasets: list[dict[str, Any]] = [
            {"label": _("created"), "data": made, "backgroundColor": "var(--color-primary-500)"},
            {"label": _("failed"), "data": failed, "backgroundColor": "#dc2626"},
        ]
        overview: dict[str, Any] = {
            "chart": json.dumps({"labels": names, "datasets": datasets}),
            "engines": charts.engine_lines(),
        }
        return super().changelist_view(request, {**(extra_context or {}), **overview})

    @admin.display(description=gettext_lazy("text"))
    def said(self, audio: Audio) -> str:
        return Truncator(audio.text).chars(80)

    @admin.display(description=gettext_lazy("voice"), ordering="voice")
    def speaker(self, audio: Audio) -> str:
        return audio.speaker

    @admin.display(description=gettext_lazy("seconds"), ordering="duration")
    def length(self, audio: Audio) -> str:
        return number_format(audio.duration, 1)

    @admin.display(description=gettext_lazy("listen"))
    def listen(self, audio: Audio) -> SafeString | str:
        return player(audio)

    @admin.action(description=gettext_lazy("Synthesise again"), permissions=["action"])
    def remake(self, request: HttpRequest, rows: QuerySet[Audio]) -> None:
        self.report(request, [actions.remake(audio) for audio in rows[:MAX_ROWS_PER_ACTION]])


@admin.register(Speech)
class SpeechAdmin(ReadOnlyAdmin):
    list_display = ["said", "state_label", "owner", "route", "spoken_by", "listen", "created_at"]
    list_display_links = ["said"]
    list_filter = ["state", "audio__engine", "is_kept", "created_at"]
    list_select_related = ["owner", "audio"]
    search_fields = ["route", "audio__text", "owner__name", "owner__username"]
    date_hierarchy = "created_at"
    actions = ["cancel_selected", "remake"]
    exclude = ["audio"]
    readonly_fields = ["said", "made_as", "listen"]

    @admin.display(description=gettext_lazy("text"))
    def said(self, speech: Speech) -> str:
        return Truncator(speech.audio.text).chars(80)

    @admin.display(description=gettext_lazy("audio"))
    def made_as(self, speech: Speech) -> SafeString:
        address = reverse("admin:tts_audio_change", args=[speech.audio_id])
        return format_html('<a class="text-link" href="{}">{}</a>', address, speech.audio)

    @admin.display(description=gettext_lazy("spoken by"))
    def spoken_by(self, speech: Speech) -> str:
        return speech.audio.speaker

    @admin.display(description=gettext_lazy("listen"))
    def listen(self, speech: Speech) -> SafeString | str:
        return player(speech.audio) if speech.is_ready else "—"

    @admin.action(description=gettext_lazy("Cancel selected"), permissions=["action"])
    def cancel_selected(self, request: HttpRequest, rows: QuerySet[Speech]) -> None:
        self.report(request, [actions.cancel(speech) for speech in rows[:MAX_ROWS_PER_ACTION]])

    @admin.action(description=gettext_lazy("Synthesise again"), permissions=["action"])
    def remake(self, request: HttpRequest, rows: QuerySet[Speech]) -> None:
        audios = Audio.objects.filter(pk__in=rows.values("audio")[:MAX_ROWS_PER_ACTION])
        self.report(request, [actions.remake(audio) for audio in audios])


def player(audio: Audio) -> SafeString | str:
    if not audio.has_file:
        return "—"
    return format_html('<audio controls preload="none" src="{}"></audio>', audio.link)
