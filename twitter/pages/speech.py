"""The speech of a tweet, at a URL that an audio player can use."""

import asyncio

from asgiref.sync import sync_to_async
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from tts.errors import InvalidSpeech
from tts.models import Speech
from twitter import actions
from twitter.models import Tweet
from twitter.pages.rendering import get_original_or_404

# Seconds.
SYNTHESIS_TIMEOUT = 20.0
POLL_INTERVAL = 0.1


@require_safe
async def speech(request: HttpRequest, pk: int) -> HttpResponse:
    """Redirect to the audio file, waiting up to 20 seconds without blocking a thread."""
    if not (await request.auser()).is_authenticated:
        return redirect_to_login(request.get_full_path())
    asked = await sync_to_async(_ask)(pk)
    for _ in range(round(SYNTHESIS_TIMEOUT / POLL_INTERVAL)):
        if not asked.is_open:
            break
        await asyncio.sleep(POLL_INTERVAL)
        asked = await Speech.objects.select_related("audio").aget(pk=asked.pk)
    if asked.is_ready:
        return redirect(asked.link)
    return HttpResponse(status=503, headers={"Retry-After": "10"})


def _ask(pk: int) -> Speech:
    try:
        return actions.listen(get_original_or_404(pk))
    except (InvalidSpeech, Tweet.DoesNotExist) as error:
        raise Http404(str(error)) from error
