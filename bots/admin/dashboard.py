"""The front page of the admin: queues, failures, and charts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, Min
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots.admin.charts import SPANS, charts
from bots.admin.jobs import without_secrets
from bots.admin.rendering import span as in_words
from bots.models import Bot, Delivery, Update
from bots.models.jobs import Job, State

LATEST = 5
RECENT = timedelta(days=1)
TITLES: dict[type[Job], tuple[Any, Any]] = {
    Update: (gettext_lazy("Updates waiting"), gettext_lazy("Updates failed")),
    Delivery: (gettext_lazy("Deliveries waiting"), gettext_lazy("Deliveries failed")),
}


@dataclass(frozen=True)
class Card:
    title: str
    note: str
    count: int
    url: str
    is_bad: bool = False


@dataclass(frozen=True)
class Link:
    name: str
    url: str
    is_here: bool


@dataclass(frozen=True)
class Failure:
    row: Job
    url: str

    @property
    def error(self) -> str:
        """The last line of the traceback."""
        return self.row.error.strip().rpartition("\n")[2][:200]


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the context of the front page, for models that the user may view.

    `?bot=` selects one bot, `?span=` the time range of the charts.
    """
    since = timezone.localtime() - RECENT
    seen = [
        model
        for model in (Update, Delivery)
        if admin.site.get_model_admin(model).has_view_permission(request)
    ]
    bots = dict(Bot.objects.values_list("pk", "name")) if seen else {}
    bot = _chosen_bot(request, bots)
    span = request.GET.get("span", "")
    span = span if span in SPANS else "hour"
    return context | {
        "title": bots[bot] if bot else context.get("title", _("Overview")),
        "bots": _bot_links(bots, bot, span),
        "spans": _span_links(bot, span),
        "cards": [card for model in seen for card in _cards(model, since, bot)],
        "charts": charts(bot, SPANS[span]) if seen else [],
        "failures": [failure for model in seen for failure in _latest_failures(model, since, bot)],
    }


def _chosen_bot(request: HttpRequest, bots: dict[int, str]) -> int | None:
    given = request.GET.get("bot", "")
    bot = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else None
    return bot if bot in bots else None


def _bot_links(bots: dict[int, str], chosen: int | None, span: str) -> list[Link]:
    """Return a link for each bot if there is more than one."""
    if len(bots) < 2:
        return []
    places: list[tuple[int | None, str]] = [(None, _("All bots")), *bots.items()]
    return [Link(name, _query(bot, span), bot == chosen) for bot, name in places]


def _span_links(bot: int | None, chosen: str) -> list[Link]:
    return [Link(str(it.name), _query(bot, name), name == chosen) for name, it in SPANS.items()]


def _query(bot: int | None, span: str) -> str:
    return "?" + urlencode({**({"bot": bot} if bot else {}), "span": span})


def _cards(model: type[Job], since: datetime, bot: int | None) -> Iterator[Card]:
    waiting_title, failed_title = TITLES[model]
    chosen: dict[str, Any] = {"bot": bot} if bot else {}
    rows = model._default_manager.filter(**chosen)
    waiting = {"state__exact": State.WAITING.value}
    failed = {"state__exact": State.FAILED.value, "created_at__gte": f"{since:%Y-%m-%d %H:%M:%S%z}"}
    queue = rows.filter(**waiting).aggregate(count=Count("pk"), since=Min("created_at"))
    yield Card(
        str(waiting_title), _waiting(queue["since"]), queue["count"], _list(model, waiting | chosen)
    )
    yield Card(
        str(failed_title),
        _("in the last 24 hours"),
        count := rows.filter(**failed).count(),
        _list(model, failed | chosen),
        is_bad=count > 0,
    )


def _waiting(since: datetime | None) -> str:
    if since is None:
        return _("the queue is empty")
    return _("the oldest has been waiting for %(age)s") % {"age": in_words(timezone.now() - since)}


def _latest_failures(model: type[Job], since: datetime, bot: int | None) -> Iterator[Failure]:
    chosen: dict[str, Any] = {"bot": bot} if bot else {}
    failed = model._default_manager.filter(state=State.FAILED, created_at__gte=since, **chosen)
    for row in without_secrets(failed).order_by("-pk")[:LATEST]:
        yield Failure(row, reverse(f"admin:bots_{model._meta.model_name}_change", args=[row.pk]))


def _list(model: type[Job], chosen: dict[str, Any]) -> str:
    return f"{reverse(f'admin:bots_{model._meta.model_name}_changelist')}?{urlencode(chosen)}"
