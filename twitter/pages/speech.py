"""A tweet read aloud, under an address of its own that any player can be given."""

import asyncio

from asgiref.sync import sync_to_async
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from tts.errors import BadWish
from tts.models import Speech
from twitter import actions
from twitter.pages.showing import original_or_404

# Seconds.
PATIENCE = 20.0
GLANCE = 0.1


@require_safe
async def speech(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the file; where it is still being made, wait for it, and hold up nobody meanwhile."""
    if not (await request.auser()).is_authenticated:
        return redirect_to_login(request.get_full_path())
    asked = await sync_to_async(_ask)(pk)
    for _ in range(round(PATIENCE / GLANCE)):
        if not asked.is_open:
            break
        await asyncio.sleep(GLANCE)
        asked = await Speech.objects.select_related("audio").aget(pk=asked.pk)
    if asked.is_ready:
        return redirect(asked.link)
    return HttpResponse(status=503, headers={"Retry-After": "10"})


def _ask(pk: int) -> Speech:
    try:
        return actions.listen(original_or_404(pk))
    except BadWish as error:
        raise Http404(str(error)) from error
