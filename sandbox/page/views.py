"""The chat page: an empty shell with the cast; its scripts fetch and show everything else."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sandbox.helper_calls import is_staff_or_debug
from sandbox.models import Account
from sandbox.page_texts import TEXTS

# Linked in the head, so that the browser need not find them one behind the other.
MODULES = [
    "actions",
    "api",
    "attachments",
    "chats",
    "composer",
    "dom",
    "faults",
    "fields",
    "files",
    "forms",
    "i18n",
    "live",
    "markdown",
    "message",
    "messages",
    "pane",
    "people",
    "popup",
    "recording",
    "room",
    "store",
    "thread",
    "trace",
    "vendor/markdown-it/markdown-it",
    "voice",
]


@require_safe
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show the page to whoever may have the tokens of the sandbox's people."""
    if not is_staff_or_debug(request):
        return redirect_to_login(request.get_full_path())
    context = {
        "cast": cast(),
        "texts": TEXTS,
        "modules": MODULES,
        "languages": settings.LANGUAGES,
        "skeleton": range(5),
    }
    return render(request, "sandbox/page.html", context)


def cast() -> dict[str, list[dict[str, Any]]]:
    """Return the people one can be, and the bots one can write to."""
    people = Account.objects.people().order_by("pk")
    bots = Account.objects.bots().order_by("pk")
    return {
        "people": [{"id": each.pk, "name": each.name, "token": each.token} for each in people],
        "bots": [{"id": each.pk, "name": each.name} for each in bots],
    }
