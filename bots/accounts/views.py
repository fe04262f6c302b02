"""The page on which users link their Pachca accounts."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bots.models import LinkCode, PachcaAccount
from bots.signals import pre_unlink


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest) -> HttpResponse:
    """Show the linked accounts. A POST creates a code and shows it once."""
    context: dict[str, Any] = {"accounts": PachcaAccount.objects.filter(person_id=request.user.pk)}
    if request.method == "POST":
        person = cast(AbstractBaseUser, request.user)
        context["code"], context["expires_at"] = LinkCode.objects.make(person)
    return render(request, "bots/link.html", context)


@require_POST
@login_required
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    """Unlink an account, unless a receiver of `pre_unlink` refuses."""
    account = PachcaAccount.objects.filter(person_id=request.user.pk, pk=pk).first()
    if account is not None:
        try:
            pre_unlink.send(sender=PachcaAccount, account=account)
        except PermissionDenied as error:
            messages.error(request, str(error))
        else:
            account.delete()
    return redirect("pachca-link")
