"""Speeches and their audio in the admin panel: machines write them, people look, stop, repeat."""

import json
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from jobs.rows import State
from tts import actions, charts
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
MOST_AT_ONCE = 1000


class ReadOnlyAdmin(ModelAdmin):
    """What machines write, people may look at, and repeat with the permission to change it."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_again_permission(self, request: HttpRequest) -> bool:
        codename = get_permission_codename("change", self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_label(self, row: Any) -> str:
        kind = COLOURS.get(row.state, "default")
        label = {"text": row.get_state_display(), "type": kind}
        return render_to_string("unfold/helpers/label.html", label)

    def tell(self, request: HttpRequest, outcomes: list[bool]) -> None:
        """Say how many rows it was done to, and how many were left alone."""
        if done := outcomes.count(True):
            self.message_user(request, _("Done: %(count)d.") % {"count": done}, messages.SUCCESS)
        if left := outcomes.count(False):
            told = _("Left as they are: %(count)d.") % {"count": left}
            self.message_user(request, told, messages.WARNING)


@admin.register(Audio)
class AudioAdmin(ReadOnlyAdmin):
    list_before_template = "tts/admin/overview.html"  # type: ignore[assignment]  # unfold is untyped
    list_display = ["said", "state_label", "voice", "engine", "length", "listen", "created_at"]
    list_filter = ["state", "engine", "voice", "created_at"]
    search_fields = ["text", "voice"]
    actions = ["make_anew"]
    readonly_fields = ["listen", "length"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        names, made, failed = charts.hours()
        datasets: list[dict[str, Any]] = [
            {"label": _("made"), "data": made, "backgroundColor": "var(--color-primary-500)"},
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

    @admin.display(description=gettext_lazy("seconds"), ordering="duration")
    def length(self, audio: Audio) -> str:
        return f"{audio.duration:.1f}"

    @admin.display(description=gettext_lazy("listen"))
    def listen(self, audio: Audio) -> SafeString | str:
        return player(audio)

    @admin.action(description=gettext_lazy("Make anew"), permissions=["again"])
    def make_anew(self, request: HttpRequest, rows: QuerySet[Audio]) -> None:
        self.tell(request, [actions.make_again(audio) for audio in rows[:MOST_AT_ONCE]])


@admin.register(Speech)
class SpeechAdmin(ReadOnlyAdmin):
    list_display = ["said", "state_label", "owner", "route", "spoken_by", "listen", "created_at"]
    list_display_links = ["said"]
    list_filter = ["state", "audio__engine", "is_kept", "created_at"]
    list_select_related = ["owner", "audio"]
    search_fields = ["route", "audio__text", "owner__name", "owner__username"]
    date_hierarchy = "created_at"
    actions = ["cancel_selected", "make_anew"]
    readonly_fields = ["said", "listen"]

    @admin.display(description=gettext_lazy("text"))
    def said(self, speech: Speech) -> str:
        return Truncator(speech.audio.text).chars(80)

    @admin.display(description=gettext_lazy("spoken by"))
    def spoken_by(self, speech: Speech) -> str:
        return speech.audio.spoken_by

    @admin.display(description=gettext_lazy("listen"))
    def listen(self, speech: Speech) -> SafeString | str:
        return player(speech.audio) if speech.is_ready else "—"

    @admin.action(description=gettext_lazy("Cancel the selected"), permissions=["again"])
    def cancel_selected(self, request: HttpRequest, rows: QuerySet[Speech]) -> None:
        self.tell(request, [actions.cancel(speech) for speech in rows[:MOST_AT_ONCE]])

    @admin.action(description=gettext_lazy("Make anew"), permissions=["again"])
    def make_anew(self, request: HttpRequest, rows: QuerySet[Speech]) -> None:
        audios = Audio.objects.filter(pk__in=rows.values("audio")[:MOST_AT_ONCE])
        self.tell(request, [actions.make_again(audio) for audio in audios])


def player(audio: Audio) -> SafeString | str:
    if not audio.is_whole:
        return "—"
    return format_html('<audio controls preload="none" src="{}"></audio>', audio.link)
