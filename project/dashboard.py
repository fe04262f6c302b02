"""The front page of the admin: the dashboard of bots and cards of the other apps."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from redis import RedisError

from bots.admin.dashboard import Card
from bots.admin.dashboard import dashboard as bots_dashboard
from jobs.rows import State
from realtime.models import Connection
from realtime.operations.control import reports
from tts.models import Speech
from twitter.models import Tweet, User

DAY = timedelta(days=1)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the context of the front page, with the cards of models that the user may view."""
    context = bots_dashboard(request, context | {"title": _("Overview")})
    return context | {"app_cards": list(_app_cards(request))}


def _app_cards(request: HttpRequest) -> Iterator[Card]:
    since = timezone.now() - DAY
    if _may_view(request, Tweet):
        tweets = Tweet.objects.filter(created_at__gte=since, repost_of=None).count()
        yield Card(_("Tweets"), _("in the last 24 hours"), tweets, _list(Tweet))
    if _may_view(request, User):
        authors = Tweet.objects.filter(created_at__gte=since).values("author")
        people = User.objects.filter(Q(last_login__gte=since) | Q(pk__in=authors)).count()
        yield Card(
            _("Active users"), _("signed in or posted in the last 24 hours"), people, _list(User)
        )
    if _may_view(request, Speech):
        speeches = Speech.objects.filter(created_at__gte=since)
        waiting = speeches.filter(state__in=(State.WAITING, State.WORKING)).count()
        failed = speeches.filter(state=State.FAILED).count()
        note = _("failed: %(count)d in the last 24 hours") % {"count": failed}
        yield Card(_("Speech queue"), note, waiting, _list(Speech), is_bad=failed > 0)
    if _may_view(request, Connection):
        yield _connections()


def _connections() -> Card:
    try:
        processes = reports()
    except RedisError:
        note = _("Redis is not responding")
        return Card(_("Connections"), note, 0, _list(Connection), is_bad=True)
    count = sum(report["connections"] for report in processes)
    return Card(_("Connections"), _("open now, WebSocket and SSE"), count, _list(Connection))


def _may_view(request: HttpRequest, model: type[Model]) -> bool:
    return bool(admin.site.get_model_admin(model).has_view_permission(request))


def _list(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
