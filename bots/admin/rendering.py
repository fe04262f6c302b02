"""Rendering of machine-written rows."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from bots.models.jobs import Job, State

# Keys of a payload with the most descriptive text.
DESCRIPTIVE_KEYS = ("content", "data", "code", "url", "title")
SHORT = 80
COLOURS = {
    State.WAITING: "info",
    State.WORKING: "warning",
    State.DONE: "success",
    State.FAILED: "danger",
    State.IGNORED: "default",
}


def said(payload: Any) -> str:
    """Return the descriptive text of a payload, or ""."""
    if not isinstance(payload, dict):
        return ""
    inner = payload.get("message")
    source = inner if isinstance(inner, dict) else payload
    return next(
        (printable(it) for key in DESCRIPTIVE_KEYS if isinstance(it := source.get(key), str)), ""
    )


def short(text: str) -> SafeString:
    line = Truncator(" ".join(text.split())).chars(SHORT)
    return format_html('<span class="svyaz-text">{}</span>', line)


def state(job: Job) -> str:
    return label(job.get_state_display(), COLOURS[State(job.state)])


def label(text: str, colour: str) -> str:
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})


def link(page: str, pk: int) -> SafeString:
    return format_html('<a class="text-link" href="{}">#{}</a>', reverse(page, args=[pk]), pk)


def moment(time: datetime | None) -> SafeString | None:
    if time is None:
        return None
    local = timezone.localtime(time)
    return format_html(
        '<time class="whitespace-nowrap" datetime="{}" title="{}">{}</time>',
        local.isoformat(),
        local.strftime("%H:%M:%S"),
        formats.date_format(local, "SHORT_DATETIME_FORMAT"),
    )


def pretty(value: Any) -> SafeString:
    """Return formatted JSON, or the text itself if it is not JSON."""
    return preformatted(compact(value, indent=2))


def compact(value: Any, indent: int | None = None) -> str:
    """Return the value as JSON on one line (or with `indent`), or as text if impossible."""
    try:
        return printable(json.dumps(value, ensure_ascii=False, indent=indent))
    except (RecursionError, ValueError):
        return printable(str(value))


def pretty_raw(raw: str) -> SafeString:
    try:
        return pretty(json.loads(raw))
    except (RecursionError, ValueError):
        return preformatted(raw)


def preformatted(text: str) -> SafeString:
    return format_html('<pre class="svyaz-pre" tabindex="0">{}</pre>', printable(text))


def printable(text: str) -> str:
    """Replace lone surrogates, which JSON may contain but UTF-8 cannot encode."""
    return text.encode(errors="backslashreplace").decode()


def span(duration: timedelta) -> str:
    seconds = duration.total_seconds()
    if seconds < 1:
        return _("%(number)d ms") % {"number": seconds * 1000}
    if seconds < 60:
        return _("%(number)s s") % {"number": formats.number_format(round(seconds, 1), 1)}
    return _("%(minutes)d min %(seconds)d s") % {
        "minutes": seconds // 60,
        "seconds": seconds % 60,
    }
