"""The chat page. Its HTML contains the accounts; scripts fetch and show everything else."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sandbox.models import Account
from sandbox.page.endpoints import is_staff_or_debug
from sandbox.page.texts import TEXTS

# Preloaded, so that the browser does not discover them one after another.
MODULES = [
    "actions",
    "api",
    "chats",
    "dom",
    "forms/fields",
    "forms/forms",
    "i18n",
    "live",
    "messages/attachments",
    "messages/composer",
    "messages/files",
    "messages/markdown",
    "messages/message",
    "messages/messages",
    "messages/recording",
    "messages/voice",
    "panel/faults",
    "panel/pane",
    "panel/thread",
    "panel/trace",
    "people",
    "popup",
    "room",
    "store",
    "vendor/markdown-it/markdown-it",
]


@require_safe
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show the page to staff, with DEBUG to everyone: it contains the tokens of all people."""
    if not is_staff_or_debug(request):
        return redirect_to_login(request.get_full_path())
    context = {
        "accounts": accounts(),
        "texts": TEXTS,
        "modules": MODULES,
        "languages": settings.LANGUAGES,
        "skeleton": range(5),
    }
    return render(request, "sandbox/page.html", context)


def accounts() -> dict[str, list[dict[str, Any]]]:
    """Return the people whom a visitor can act as, and the bots."""
    people = Account.objects.people().order_by("pk")
    bots = Account.objects.bots().order_by("pk")
    return {
        "people": [{"id": each.pk, "name": each.name, "token": each.token} for each in people],
        "bots": [{"id": each.pk, "name": each.name} for each in bots],
    }
