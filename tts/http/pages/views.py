"""The page /tts/: request speeches, follow their progress, listen."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from realtime.actions import person_room
from tts.actions import cancel, request_speech
from tts.errors import InvalidSpeech, TooManySpeeches, message_for
from tts.http.pages.forms import SayForm
from tts.models import Audio, Speech
from tts.models.speech import SpeechState

PAGE_SIZE = 20
# Errors of a request: an invalid speech, too many speeches, an unreachable bucket.
REQUEST_ERRORS = (InvalidSpeech, TooManySpeeches, ConnectionError)


@require_safe
@login_required
def speeches(request: HttpRequest) -> HttpResponse:
    """Show the user's speeches, the newest first, or those before `?before=`."""
    return _show(request, SayForm())


@require_POST
@login_required
def say(request: HttpRequest) -> HttpResponse:
    form = SayForm(request.POST)
    if form.is_valid():
        try:
            asked = request_speech(request.user, form.spec())
        except REQUEST_ERRORS as error:
            return _show_error(request, form, error)
        return redirect(f"{reverse('speeches')}#speech-{asked.speech.pk}")
    return _show(request, form, status=400)


@require_POST
@login_required
def say_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Request a speech again that failed or was cancelled."""
    before = _own(request, pk)
    try:
        request_speech(request.user, before.audio.spec, route=before.route)
    except REQUEST_ERRORS as error:
        form = SayForm({"text": before.audio.text, "speed": before.audio.speed})
        return _show_error(request, form, error)
    return redirect("speeches")


@require_POST
@login_required
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    cancel(_own(request, pk))
    return redirect("speeches")


def _show_error(request: HttpRequest, form: SayForm, error: Exception) -> HttpResponse:
    form.add_error("text", message_for(error))
    return _show(request, form, status=503 if isinstance(error, ConnectionError) else 400)


def _own(request: HttpRequest, pk: int) -> Speech:
    own = Speech.objects.filter(owner=request.user.pk).select_related("audio")
    return get_object_or_404(own, pk=pk)


def _show(request: HttpRequest, form: SayForm, status: int = 200) -> HttpResponse:
    own = Speech.objects.newest_of(request.user)
    before = request.GET.get("before", "")
    is_first_page = not (before.isascii() and before.isdigit() and len(before) < 19)
    page = list((own if is_first_page else own.filter(pk__lt=int(before)))[: PAGE_SIZE + 1])
    context = {
        "form": form,
        "room": person_room(request.user.pk),
        "speeches": page[:PAGE_SIZE],
        "older": page[PAGE_SIZE - 1].pk if len(page) > PAGE_SIZE else None,
        "is_first_page": is_first_page,
        "counts": counts(own),
        "queue": Audio.objects.open().count(),
    }
    return render(request, "tts/speeches.html", context, status=status)


def counts(own: Any) -> list[tuple[str, str, int]]:
    """Return (state, label, count) for every state."""
    found = own.counts()
    return [(state.value, str(state.label), found[state.value]) for state in SpeechState]
