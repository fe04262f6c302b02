"""The front page of the admin: what waits, what failed, and a way to each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bots.admin.jobs import without_secrets
from bots.jobs import Job, State
from bots.models import Delivery, Update

LATEST = 5
RECENT = timedelta(days=1)


@dataclass(frozen=True)
class Card:
    title: str
    note: str
    count: int
    url: str
    is_bad: bool = False


@dataclass(frozen=True)
class Failure:
    row: Job
    url: str

    @property
    def error(self) -> str:
        """Return the last line, which is where a traceback says what happened."""
        return self.row.error.strip().rpartition("\n")[2][:200]


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the front page shows; a person sees what they may see the lists of."""
    since = timezone.localtime() - RECENT
    seen = [
        model
        for model in (Update, Delivery)
        if admin.site.get_model_admin(model).has_view_permission(request)
    ]
    return context | {
        "title": _("Overview"),
        "cards": [card for model in seen for card in _cards(model, since)],
        "failures": [failure for model in seen for failure in _latest_failures(model, since)],
    }


def _cards(model: type[Job], since: datetime) -> Iterator[Card]:
    title = str(model._meta.verbose_name_plural).capitalize()
    rows = model._default_manager
    waiting = {"state__exact": State.WAITING.value}
    failed = {"state__exact": State.FAILED.value, "created_at__gte": f"{since:%Y-%m-%d %H:%M:%S%z}"}
    yield Card(title, _("waiting"), rows.filter(**waiting).count(), _list(model, waiting))
    yield Card(
        title,
        _("failed in the last day"),
        count := rows.filter(**failed).count(),
        _list(model, failed),
        is_bad=count > 0,
    )


def _latest_failures(model: type[Job], since: datetime) -> Iterator[Failure]:
    failed = model._default_manager.filter(state=State.FAILED, created_at__gte=since)
    for row in without_secrets(failed).order_by("-pk")[:LATEST]:
        yield Failure(row, reverse(f"admin:bots_{model._meta.model_name}_change", args=[row.pk]))


def _list(model: type[Job], chosen: dict[str, str]) -> str:
    return f"{reverse(f'admin:bots_{model._meta.model_name}_changelist')}?{urlencode(chosen)}"
