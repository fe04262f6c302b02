"""The page with a person's sessions."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.sessions import device_of, end_sessions, sessions_of
from twitter.pages.rendering import current_user


@never_cache
@require_safe
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    rows = [(it, device_of(it.user_agent)) for it in sessions_of(current_user(request))]
    current = request.session.session_key
    context = {"sessions": rows, "current": current, "has_others": len(rows) > 1}
    return render(request, "accounts/sessions.html", context)


@require_POST
@login_required
def end(request: HttpRequest) -> HttpResponse:
    """End one session of the person's, or without a number all but this one."""
    person = current_user(request)
    others = [it for it in sessions_of(person) if it.session_key != request.session.session_key]
    chosen = request.POST.get("session")
    ended = end_sessions(person, [it for it in others if chosen in (None, str(it.pk))])
    if ended:
        messages.success(request, _("Signed out there."))
    return redirect("usersessions_list")
