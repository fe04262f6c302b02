"""The live line in the admin panel: who is connected, how it goes, and a hand to help with."""

import logging
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from redis.exceptions import RedisError
from unfold.admin import ModelAdmin
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from realtime.actions import publish
from realtime.envelope import is_of_the_server
from realtime.models import Connection
from realtime.orders import ask
from realtime.overview import Overview, overview

PLACE = "admin:realtime_connection_changelist"
FRAGMENT = "x-fragment"

logger = logging.getLogger(__name__)


class EventForm(forms.Form):
    """An event for a room, or for one connection."""

    to = forms.ChoiceField(
        label=gettext_lazy("To"),
        choices=[("room", gettext_lazy("a room")), ("connection", gettext_lazy("one connection"))],
        widget=UnfoldAdminSelectWidget,
    )
    name = forms.CharField(
        label=gettext_lazy("Its name"),
        max_length=200,
        help_text=gettext_lazy("The name of the room, or the id of the connection."),
        widget=UnfoldAdminTextInputWidget,
    )
    event = forms.CharField(
        label=gettext_lazy("Event"), max_length=200, widget=UnfoldAdminTextInputWidget
    )
    payload = forms.JSONField(
        label=gettext_lazy("Payload (JSON)"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"}),
    )

    def clean_event(self) -> str:
        event: str = self.cleaned_data["event"]
        if is_of_the_server(event):
            raise forms.ValidationError(_("This name belongs to the server."))
        return event


@admin.register(Connection)
class ConnectionAdmin(ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, *args: Any) -> Connection:
        """Return what has no row: the history tells of a connection that was closed, too."""
        return Connection(id=object_id)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        """Lead from the log to the connection, if it is open still."""
        return HttpResponseRedirect(reverse(PLACE, query={"q": object_id}))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = EventForm()
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            if "close" in request.POST:
                return self._close(request, request.POST["close"])
            form = EventForm(request.POST)
            if form.is_valid():
                return self._send(request, **form.cleaned_data)
        return self._show(request, form)

    def _show(self, request: HttpRequest, form: EventForm) -> HttpResponse:
        search = request.GET.get("q", "").strip()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Live line"),
            "opts": self.opts,
            "form": form,
            "search": search,
            "may_change": self.has_change_permission(request),
            **_state(search),
        }
        is_part = FRAGMENT in request.headers
        page = "realtime/admin/state.html" if is_part else "realtime/admin/page.html"
        return TemplateResponse(request, page, context)

    def _close(self, request: HttpRequest, id: str) -> HttpResponse:
        if self._is_done(request, "close", connection=id):
            self._note(request, id, "closed")
            self.message_user(request, _("The connection was closed."), messages.SUCCESS)
        return HttpResponseRedirect(request.get_full_path())

    def _send(
        self, request: HttpRequest, to: str, name: str, event: str, payload: Any
    ) -> HttpResponse:
        if to == "room":
            publish(event, payload, name)
            self.message_user(request, _("The event is on its way to the room."), messages.SUCCESS)
            self._note(request, f"room {name}", f"sent {event}")
        elif self._is_done(request, "tell", connection=name, event=event, payload=payload):
            self.message_user(request, _("The event was sent."), messages.SUCCESS)
            self._note(request, name, f"sent {event}")
        return HttpResponseRedirect(request.get_full_path())

    def _is_done(self, request: HttpRequest, order: str, **what: Any) -> bool:
        try:
            is_done = any(ask(order, **what))
        except RedisError:
            self.message_user(request, _("The broker is away."), messages.ERROR)
            return False
        if not is_done:
            self.message_user(request, _("There is no such connection now."), messages.WARNING)
        return is_done

    def _note(self, request: HttpRequest, what: str, done: str) -> None:
        """Log what was done in the history of the admin and in the server's log."""
        self.log_change(request, Connection(id=what[:200]), done)
        logger.info("%s: %s by %s", what, done, request.user.get_username())


def _state(search: str) -> dict[str, Any]:
    try:
        seen = overview(search)
    except RedisError:
        return {"is_away": True}
    return {"seen": seen, "cards": _cards(seen)}


def _cards(seen: Overview) -> list[tuple[str, Any, str]]:
    """Return the title, the number and a note of each card."""
    count = len(seen.processes)
    processes = ngettext("in %(count)s process", "in %(count)s processes", count) % {"count": count}
    return [
        (_("Connections"), seen.total("connections"), processes),
        (_("People"), seen.total("people"), _("signed in or with a key")),
        (_("Events heard a second"), seen.total("heard_rate"), _("from clients")),
        (_("Events told a second"), seen.total("told_rate"), _("to clients")),
        (_("Slow readers"), seen.total("slow"), _("now")),
        (_("Cut off"), seen.total("cut_off"), _("since the start, too slow to read")),
    ]
