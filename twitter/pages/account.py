"""Pages of the signed-in person: notifications, settings, API keys."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from realtime.actions import revalidate
from twitter import actions
from twitter.media.storage import StorageError
from twitter.models import ApiKey, User
from twitter.pages.forms import KeyForm, ProfileForm
from twitter.pages.rendering import current_user, is_htmx, render_page

NOTIFICATIONS_ON_PAGE = 50
MAX_KEYS = 50
NEW_KEY_COOKIE = "new-key"
NEW_KEY_TIMEOUT = 60  # seconds between the redirect and the page that shows the key


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def notifications(request: HttpRequest) -> HttpResponse:
    """Show notifications older than `?before=`; a POST marks all notifications as read."""
    person = current_user(request)
    if request.method == "POST":
        actions.read_notifications(person)
        return HttpResponse() if is_htmx(request) else redirect("notifications")
    rows = person.notifications.of(person)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: NOTIFICATIONS_ON_PAGE + 1])
    older = found[NOTIFICATIONS_ON_PAGE - 1].pk if len(found) > NOTIFICATIONS_ON_PAGE else None
    page = found[:NOTIFICATIONS_ON_PAGE]
    has_unread = any(row.read_at is None for row in page)
    context = {"notifications": page, "older": older, "has_unread": has_unread}
    return render_page(request, "twitter/notifications.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def settings(request: HttpRequest) -> HttpResponse:
    person = current_user(request)
    form = ProfileForm(
        request.POST or None, request.FILES or None, initial=_profile_values(request)
    )
    status = 200
    if request.method == "POST":
        status = _save_profile(form, person)
        if status == 200:
            messages.success(request, _("Saved."))
            return redirect("settings")
    response = _render_settings(request, form, status=status)
    response.delete_cookie(NEW_KEY_COOKIE, path=request.path, samesite="Strict")
    return response


def _save_profile(form: ProfileForm, person: User) -> int:
    """Change the profile; return 200, or the status that matches the errors added to the form."""
    if not form.is_valid():
        return 400
    try:
        form.save(person)
    except ValidationError as error:
        form.add_error(None, error)
        return 400
    except StorageError as error:
        form.add_error(None, str(error))
        return 507
    return 200


def choose_language(request: HttpRequest) -> HttpResponse:
    """Set the language of the pages; for a signed-in person it is stored, and bots use it too."""
    response = set_language(request)
    code = request.POST.get("language", "")
    if request.user.is_authenticated and code in dict(User._meta.get_field("language").flatchoices):
        User.objects.filter(pk=request.user.pk).update(language=code)
    return response


@require_POST
@login_required
def make_key(request: HttpRequest) -> HttpResponse:
    """Create an API key and redirect to the settings page, which shows it once.

    The key travels to the next request in a short-lived cookie of its owner's browser: only its
    hash is stored on the server. Reloading the page neither shows it again nor creates another.
    """
    form, person = KeyForm(request.POST), current_user(request)
    profile = ProfileForm(initial=_profile_values(request))
    if not form.is_valid():
        return _render_settings(request, profile, form, status=400)
    if person.api_keys.filter(revoked_at=None).count() >= MAX_KEYS:
        text = _("You have %(count)d keys, which is the limit. Revoke one first.")
        messages.error(request, text % {"count": MAX_KEYS})
        return redirect("settings")
    _made, key = ApiKey.objects.make(person, form.cleaned_data["name"], **form.limits())
    response = redirect(f"{reverse('settings')}#api-keys")
    response.set_cookie(
        NEW_KEY_COOKIE,
        key,
        max_age=NEW_KEY_TIMEOUT,
        path=reverse("settings"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )
    return response


@require_POST
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(current_user(request).api_keys, pk=pk).revoke()
    revalidate(request.user.pk)
    messages.success(request, _("The key is revoked."))
    return redirect("settings")


def _render_settings(
    request: HttpRequest, form: ProfileForm, key_form: KeyForm | None = None, *, status: int = 200
) -> HttpResponse:
    keys = current_user(request).api_keys.filter(revoked_at=None)
    new_key = request.COOKIES.get(NEW_KEY_COOKIE, "")
    context = {
        "profile": form,
        "keys": keys,
        "new_key": new_key,
        "key_form": key_form or KeyForm(),
    }
    return render_page(request, "twitter/settings.html", context, status)


def _profile_values(request: HttpRequest) -> dict[str, str]:
    person = current_user(request)
    return {"name": person.name, "about": person.about}
