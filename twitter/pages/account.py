"""What is for a person alone: notifications, settings, keys."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from realtime.actions import look_again
from twitter import actions
from twitter.forms import KeyForm, ProfileForm
from twitter.models import ApiKey, User
from twitter.pages.showing import is_htmx, person_of, show

NOTIFICATIONS_ON_PAGE = 50
MOST_KEYS = 50


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def notifications(request: HttpRequest) -> HttpResponse:
    """Show what happened, before `?before=`; a POST marks all of it as read."""
    person = person_of(request)
    if request.method == "POST":
        actions.read_notifications(person)
        return HttpResponse() if is_htmx(request) else redirect("notifications")
    told = person.notifications.of(person)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        told = told.filter(pk__lt=before)
    rows = list(told[: NOTIFICATIONS_ON_PAGE + 1])
    older = rows[NOTIFICATIONS_ON_PAGE - 1].pk if len(rows) > NOTIFICATIONS_ON_PAGE else None
    rows = rows[:NOTIFICATIONS_ON_PAGE]
    has_unread = any(row.read_at is None for row in rows)
    context = {"notifications": rows, "older": older, "has_unread": has_unread}
    return show(request, "twitter/notifications.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def settings(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    form = ProfileForm(request.POST or None, request.FILES or None, initial=_known_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            form.save(person)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("settings")
    return _show_settings(request, form, status=400 if form.errors else 200)


def choose_language(request: HttpRequest) -> HttpResponse:
    """Switch the pages to a language; of whoever is signed in it is remembered, for bots too."""
    answer = set_language(request)
    code = request.POST.get("language", "")
    if request.user.is_authenticated and code in dict(User._meta.get_field("language").flatchoices):
        User.objects.filter(pk=request.user.pk).update(language=code)
    return answer


@never_cache
@require_POST
@login_required
def make_key(request: HttpRequest) -> HttpResponse:
    """Make a key and show it, this once."""
    form, person = KeyForm(request.POST), person_of(request)
    profile = ProfileForm(initial=_known_of(request))
    if not form.is_valid():
        return _show_settings(request, profile, status=400)
    if person.api_keys.filter(revoked_at=None).count() >= MOST_KEYS:
        messages.error(request, _("You have many keys. Revoke one first."))
        return redirect("settings")
    _made, key = ApiKey.objects.make(person, form.cleaned_data["name"])
    return _show_settings(request, profile, new_key=key)


@require_POST
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(person_of(request).api_keys, pk=pk).revoke()
    look_again(request.user.pk)
    messages.success(request, _("The key is revoked."))
    return redirect("settings")


def _show_settings(
    request: HttpRequest, form: ProfileForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    keys = person_of(request).api_keys.filter(revoked_at=None)
    return show(
        request, "twitter/settings.html", {"profile": form, "keys": keys, **context}, status
    )


def _known_of(request: HttpRequest) -> dict[str, str]:
    person = person_of(request)
    return {"name": person.name, "about": person.about}
