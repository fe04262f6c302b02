"""What a person sees of their own account."""

import logging

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from accounts.middleware import has_second_factor
from accounts.pachca.grants import grants_of, revoke_grants
from twitter.pages.rendering import current_user

logger = logging.getLogger(__name__)


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
        "pachca_grant": grants_of(person).first(),
        "passwords": settings.PASSWORD_SIGN_IN,
    }
    return render(request, "accounts/account.html", context)


@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """Lead to the page that lists the passkeys with the rest, after one was changed."""
    return redirect("mfa_index")


@require_POST
@login_required
def revoke_pachca(request: HttpRequest) -> HttpResponse:
    """End the access to Pachca that the person has granted by signing in with it."""
    try:
        revoke_grants(current_user(request))
    except RequestException as error:
        logger.error("A token of Pachca was not revoked: %s", error)
        messages.error(request, _("Pachca could not be reached. Try again in a minute."))
    else:
        messages.success(request, _("The access was revoked."))
    return redirect("account")
