"""The admin page of connections: a live overview, and actions on rooms and connections."""

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
from realtime.models import Connection
from realtime.operations.control import call
from realtime.operations.overview import Overview, overview
from realtime.wire.envelope import is_reserved
from realtime.wire.room_names import InvalidRoomName, check_room_name

CHANGELIST = "admin:realtime_connection_changelist"
FRAGMENT_HEADER = "x-fragment"

logger = logging.getLogger(__name__)


class EventForm(forms.Form):
    """An event to send to a room or to one connection."""

    to = forms.ChoiceField(
        label=gettext_lazy("To"),
        choices=[("room", gettext_lazy("a room")), ("connection", gettext_lazy("one connection"))],
        widget=UnfoldAdminSelectWidget,
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        help_text=gettext_lazy("The name of the room or the id of the connection."),
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

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("to") == "room" and "name" in self.cleaned_data:
            try:
                check_room_name(self.cleaned_data["name"])
            except InvalidRoomName:
                message = _("A room name must not contain control characters.")
                raise forms.ValidationError({"name": message}) from None

    def clean_event(self) -> str:
        event: str = self.cleaned_data["event"]
        if is_reserved(event):
            raise forms.ValidationError(_("This event name is reserved for the server."))
        return event


@admin.register(Connection)
class ConnectionAdmin(ModelAdmin):
    """Shows the connections of all server processes, which are not rows of a table."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, *args: Any) -> Connection:
        """Return an object without a row, so that the log of a closed connection can be shown."""
        return Connection(id=object_id)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        """Redirect from the log to the connection, which is listed if it is still open."""
        return HttpResponseRedirect(reverse(CHANGELIST, query={"q": object_id}))

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
            "title": _("Real-time events"),
            "opts": self.opts,
            "form": form,
            "search": search,
            "may_change": self.has_change_permission(request),
            **_state(search),
        }
        is_part = FRAGMENT_HEADER in request.headers
        page = "realtime/admin/state.html" if is_part else "realtime/admin/page.html"
        return TemplateResponse(request, page, context)

    def _close(self, request: HttpRequest, id: str) -> HttpResponse:
        if self._call(request, "close", connection=id):
            self._log(request, id, "closed")
            self.message_user(request, _("The connection was closed."), messages.SUCCESS)
        return HttpResponseRedirect(request.get_full_path())

    def _send(
        self, request: HttpRequest, to: str, name: str, event: str, payload: Any
    ) -> HttpResponse:
        if to == "room":
            publish(event, payload, name)
            self.message_user(request, _("The event was sent to the room."), messages.SUCCESS)
            self._log(request, f"room {name}", f"sent {event}")
        elif self._call(request, "tell", connection=name, event=event, payload=payload):
            self.message_user(request, _("The event was sent."), messages.SUCCESS)
            self._log(request, name, f"sent {event}")
        return HttpResponseRedirect(request.get_full_path())

    def _call(self, request: HttpRequest, procedure: str, **arguments: Any) -> bool:
        """Call a procedure on a connection; return whether a process has that connection."""
        try:
            is_found = any(call(procedure, **arguments))
        except RedisError:
            self.message_user(request, _("Redis is unavailable. Try again."), messages.ERROR)
            return False
        if not is_found:
            self.message_user(request, _("This connection is no longer open."), messages.WARNING)
        return is_found

    def _log(self, request: HttpRequest, target: str, action: str) -> None:
        """Log an action in the history of the admin and in the server's log."""
        self.log_change(request, Connection(id=target[:200]), action)
        logger.info("%s: %s by %s", target, action, request.user.get_username())


def _state(search: str) -> dict[str, Any]:
    try:
        current = overview(search)
    except RedisError:
        return {"is_unavailable": True}
    return {"overview": current, "cards": _cards(current)}


def _cards(current: Overview) -> list[tuple[str, Any, str]]:
    """Return the title, the figure and a note for each card."""
    count = len(current.processes)
    processes = ngettext("in %(count)s process", "in %(count)s processes", count) % {"count": count}
    return [
        (_("Connections"), current.total("connections"), processes),
        (_("Users"), current.total("people"), _("signed in or with an API key")),
        (_("Events received per second"), current.total("received_rate"), _("from clients")),
        (_("Events sent per second"), current.total("sent_rate"), _("to clients")),
        (_("Slow clients"), current.total("slow"), _("now")),
        (_("Disconnected"), current.total("cut_off"), _("since the start, for reading too slowly")),
    ]
