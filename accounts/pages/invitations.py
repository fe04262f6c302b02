"""Staff invite; people accept."""

from typing import Any

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions
from accounts.forms import InviteForm, JoinForm, PasswordForm
from accounts.models import Invitation
from twitter.models import User
from twitter.pages.rendering import current_user

NEW_LINK_COOKIE = "new-invitation"
NEW_LINK_TIMEOUT = 60  # seconds between the redirect and the page that shows the link

may_invite = permission_required("accounts.add_invitation", raise_exception=True)


def link_to(token: str) -> str:
    """Return the address of an invitation's page."""
    return settings.SITE_URL + reverse("invitation", args=[token])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@may_invite
def invitations(request: HttpRequest) -> HttpResponse:
    """List the open invitations; a POST makes one, which is mailed or whose link is shown once.

    The link travels to the next request in a short-lived cookie: only a hash of it is stored.
    """
    staff = current_user(request)
    data = request.POST if request.method == "POST" else None
    form = InviteForm(data, staff=staff, can_send=settings.EMAIL_IS_CONFIGURED)
    if form.is_valid():
        try:
            return _invite(request, staff, form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
    context = {
        "form": form,
        "invitations": Invitation.objects.open().select_related("person", "invited_by"),
        "new_link": request.COOKIES.get(NEW_LINK_COOKIE, ""),
        "hours": settings.INVITATION_HOURS,
    }
    status = 400 if form.errors else 200
    response = render(request, "accounts/invitations.html", context, status=status)
    response.delete_cookie(NEW_LINK_COOKIE, path=request.path, samesite="Strict")
    return response


def _invite(request: HttpRequest, staff: User, fields: dict[str, Any]) -> HttpResponse:
    invitation, token = actions.invite(staff, **fields)
    link = link_to(token)
    response = redirect("invitations")
    if not invitation.email:
        response.set_cookie(
            NEW_LINK_COOKIE,
            link,
            max_age=NEW_LINK_TIMEOUT,
            path=reverse("invitations"),
            secure=request.is_secure(),
            httponly=True,
            samesite="Strict",
        )
    elif actions.send_invitation(invitation, link):
        messages.success(request, _("The invitation has been sent."))
    else:
        actions.revoke_invitation(invitation)
        messages.error(request, _("The mail server did not take the invitation. Try again later."))
    return response


@require_POST
@login_required
@may_invite
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    actions.revoke_invitation(get_object_or_404(Invitation, pk=pk))
    messages.success(request, _("The invitation is revoked."))
    return redirect("invitations")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Let a person choose a password, and a username if the account is new; then sign them in."""
    if request.user.is_authenticated:
        return render(request, "accounts/invitation_signed_in.html")
    invitation = Invitation.objects.with_token(token).open().select_related("person").first()
    if invitation is None:
        return render(request, "accounts/invitation_closed.html", status=410)
    data = request.POST if request.method == "POST" else None
    if invitation.person:
        form = PasswordForm(data, person=invitation.person)
    else:
        form = JoinForm(data, person=User(), initial={"name": invitation.name})
    if form.is_valid():
        try:
            return _accept(request, token, form.cleaned_data)
        except actions.InvitationClosed as error:
            reason = {"is_address_taken": isinstance(error, actions.AddressTaken)}
            return render(request, "accounts/invitation_closed.html", reason, status=410)
    context = {"invitation": invitation, "form": form}
    status = 400 if form.errors else 200
    return render(request, "accounts/invitation.html", context, status=status)


def _accept(request: HttpRequest, token: str, fields: dict[str, Any]) -> HttpResponse:
    names = {name: fields[name] for name in ("username", "name") if name in fields}
    person = actions.accept_invitation(token, password=fields["password1"], **names)
    response: HttpResponse = perform_login(request, person)
    return response
