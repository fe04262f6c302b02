"""How the pages show icons, texts and times."""

import re
from datetime import datetime, timedelta
from functools import partial

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from twitter.models import User
from twitter.models.addresses import media_url
from twitter.models.text import MENTION, TAG

register = template.Library()

LINK = re.compile(r"https?://\S+")
MOMENT, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon of the sprite; what it says is for the text or label beside it."""
    drawing = static("site/icons.svg")
    return format_html(
        '<svg class="icon" aria-hidden="true" width="20" height="20"><use href="{}#{}"/></svg>',
        drawing,
        name,
    )


@register.filter
def rich(text: str) -> SafeString:
    """Return a text as HTML, in which links, @names and #tags lead somewhere."""
    parts, end = [], 0
    for found in LINK.finditer(text):
        parts += [_with_names(text[end : found.start()]), _link(found.group())]
        end = found.end()
    return mark_safe("".join([*parts, _with_names(text[end:])]))  # noqa: S308  each part is escaped


def _link(url: str) -> str:
    return urlize(url, nofollow=True, autoescape=True).replace("<a ", '<a target="_blank" ')


def _with_names(text: str) -> str:
    with_tags = TAG.sub(partial(_anchor, "tag", "#"), conditional_escape(text))
    return MENTION.sub(partial(_anchor, "person", "@"), with_tags)


def _anchor(route: str, sign: str, found: re.Match[str]) -> str:
    name = found.group(1)
    known = name.rstrip(".@+-") if sign == "@" else name
    if not known or known.isdecimal():
        return found.group()
    shown = format_html('<a href="{}">{}{}</a>', reverse(route, args=[known]), sign, known)
    return shown + name[len(known) :]


@register.filter
def face(person: User) -> str:
    """Return the address of a person's picture, "" for one who has none."""
    return media_url(person.avatar.name)


@register.filter
def ago(moment: datetime) -> str:
    """Return how long ago it was while that is what people ask, the date later."""
    age = timezone.now() - moment
    if age < MOMENT:
        return _("just now")
    if age < HOUR:
        return _("%(count)d min. ago") % {"count": age // MOMENT}
    if age < DAY:
        return _("%(count)d hr. ago") % {"count": age // HOUR}
    return date_format(timezone.localtime(moment), "DATE_FORMAT")
