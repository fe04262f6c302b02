"""The menu, colours and style sheet of the admin site; the settings refer to them."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

Item = dict[str, Any]

# Models and their icons (Material Symbols). Other models are under “All applications”.
BOTS = {
    "bots.Bot": "smart_toy",
    "bots.Command": "terminal",
    "bots.Broadcast": "campaign",
    "bots.Update": "move_to_inbox",
    "bots.Delivery": "outbox",
    "bots.ApiCall": "swap_vert",
    "bots.Conversation": "forum",
    "bots.Service": "schedule",
    "bots.BlockingFunction": "hourglass_disabled",
    "bots.PachcaAccount": "link",
}
MICROBLOG = {
    "twitter.User": "group",
    "accounts.Invitation": "mail",
    "twitter.ApiKey": "key",
    "twitter.Tweet": "chat_bubble",
    "twitter.Media": "image",
    "twitter.Hashtag": "tag",
}

ACCOUNTS = {"auth.Group": "badge", "audit.AuditEvent": "policy"}
LIVE = {"realtime.Connection": "sensors"}
SPEECH = {"tts.Speech": "record_voice_over", "tts.Audio": "graphic_eq"}


def menu(request: HttpRequest) -> list[Item]:
    """Return the side menu with the models that the user may view."""
    return [
        {"items": [_item(_("Overview"), "monitoring", reverse("admin:index")), *_site_links()]},
        {"title": _("Bots"), "separator": True, "items": _models(request, BOTS.items())},
        {"title": _("Microblog"), "separator": True, "items": _models(request, MICROBLOG.items())},
        {"title": _("Accounts"), "separator": True, "items": _models(request, ACCOUNTS.items())},
        {
            "title": _("Real-time events"),
            "separator": True,
            "items": _models(request, LIVE.items()),
        },
        {"title": _("Speech"), "separator": True, "items": _models(request, SPEECH.items())},
        *([_sandbox(request)] if settings.SANDBOX else []),
    ]


def _site_links() -> Iterator[Item]:
    # Unfold marks links as active by prefix, and every path begins with "/".
    yield _item(_("Open the site"), "public", "/") | {"active": False}
    if settings.SANDBOX:
        yield _item(_("Sandbox chats"), "forum", "/sandbox/") | {"active": False}


def _sandbox(request: HttpRequest) -> Item:
    names = [model._meta.label for model in apps.get_app_config("sandbox").get_models()]
    models = _models(request, ((name, "science") for name in names))
    return {"title": _("Sandbox"), "separator": True, "collapsible": True, "items": models}


def _models(request: HttpRequest, icons: Iterable[tuple[str, str]]) -> list[Item]:
    return [
        _item(model._meta.verbose_name_plural, icon, reverse(_changelist(model)))
        for name, icon in icons
        if admin.site.is_registered(model := apps.get_model(name))
        and admin.site.get_model_admin(model).has_view_permission(request)
    ]


def _changelist(model: Any) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"


def _item(title: Any, icon: str, link: str) -> Item:
    title = str(title)
    return {"title": title[:1].upper() + title[1:], "icon": icon, "link": link}


def stylesheet(request: HttpRequest) -> str:
    return static("project/admin.css")


def script(request: HttpRequest) -> str:
    return static("project/admin.js")


def icon(request: HttpRequest) -> str:
    return static("project/icon.svg")


def teal(request: HttpRequest) -> dict[str, str]:
    """Return the shades of the main colour, light to dark."""
    return {
        "50": "oklch(98.4% .014 180.7)",
        "100": "oklch(95.3% .051 180.8)",
        "200": "oklch(91% .096 180.4)",
        "300": "oklch(85.5% .138 181.1)",
        "400": "oklch(77.7% .152 181.9)",
        "500": "oklch(64% .12 184)",
        "600": "oklch(53% .1 186)",
        "700": "oklch(47% .088 186.4)",
        "800": "oklch(41% .075 188.2)",
        "900": "oklch(36% .06 188.4)",
        "950": "oklch(27.7% .046 192.5)",
    }
