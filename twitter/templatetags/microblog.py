"""Template tags for icons, texts and times."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from twitter.models import Tweet, User
from twitter.models.addresses import media_url
from twitter.text.normal import fold_username
from twitter.text.spans import Kind, Span, parse

register = template.Library()

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Render an icon of the sprite, hidden from screen readers: put a text or label beside it."""
    drawing = static("site/icons.svg")
    return format_html(
        '<svg class="icon" aria-hidden="true" width="20" height="20"><use href="{}#{}"/></svg>',
        drawing,
        name,
    )


@register.filter
def rich(tweet: Tweet) -> SafeString:
    """Return the text of a tweet as HTML with links, mentions and hashtags.

    Mentions are linked if they are in `tweet.mentioned_people`.
    """
    spans = parse(tweet.text)
    return format_html_join("", "{}", ((_render_span(it, tweet.mentioned_people),) for it in spans))


def _render_span(span: Span, people: Mapping[str, User]) -> SafeString:
    match span.kind:
        case Kind.LINK:
            link = '<a target="_blank" href="{}" rel="nofollow">{}</a>'
            return format_html(link, span.target, span.text)
        case Kind.MENTION:
            return _mention(span, people)
        case Kind.HASHTAG:
            return _anchor(reverse("tag", args=[span.target]), span.text)
    return escape(span.text)


def _mention(span: Span, people: Mapping[str, User]) -> SafeString:
    names = map(fold_username, (span.target, span.text.removeprefix("@")))
    person = next((people[name] for name in names if name in people), None)
    if person is None:
        return escape(span.text)
    address = reverse("person", args=[person.username])
    if person.is_active:
        return _anchor(address, span.text)
    link = '<a class="has-left" href="{}" title="{}">{}</a>'
    return format_html(link, address, _("This user has left."), span.text)


def _anchor(address: str, text: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, text)


@register.filter
def face(person: User) -> str:
    """Return the URL path of a person's avatar, "" if there is none."""
    return media_url(person.avatar.name)


@register.filter
def ago(moment: datetime) -> str:
    """Return the age within the first day, the date later."""
    age = timezone.now() - moment
    if age < MINUTE:
        return _("just now")
    if age < HOUR:
        return _("%(count)d min. ago") % {"count": age // MINUTE}
    if age < DAY:
        return _("%(count)d hr. ago") % {"count": age // HOUR}
    return date_format(timezone.localtime(moment), "DATE_FORMAT")
