"""What a person sees of their own account."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.middleware import has_second_factor
from twitter.pages.rendering import current_user


@never_cache
@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    person = current_user(request)
    context = {
        "waiting": EmailAddress.objects.get_new(person),
        "has_password": person.has_usable_password(),
        "has_second_factor": has_second_factor(person),
        "can_send": settings.EMAIL_IS_CONFIGURED,
        "passwords": settings.PASSWORD_SIGN_IN,
    }
    return render(request, "accounts/account.html", context)


@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """Lead to the page that lists the passkeys with the rest, after one was changed."""
    return redirect("mfa_index")
