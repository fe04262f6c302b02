"""The consent page: the tester chooses an employee, who lets a bot act on their behalf or not."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from csp.decorators import csp_update
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sandbox.api.oauth import issuer, may_grant
from sandbox.models import Account, AuthorizationCode, OAuthClient
from sandbox.page.endpoints import is_staff_or_debug

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url
MAX_STATE = 2000


class InvalidRequest(Exception):
    """The link is wrong. The browser is not sent back: the address may be an attacker's."""

    def __init__(self, text: Promise) -> None:
        super().__init__()
        self.text = text


@dataclass(frozen=True)
class ConsentRequest:
    """What a client asks for, from a link that was checked."""

    client: OAuthClient
    redirect_uri: str
    state: str
    code_challenge: str
    error: str

    @classmethod
    def parse(cls, request: HttpRequest) -> Self:
        """Read the link. Raises InvalidRequest; `error` is one that the client is told."""
        given = {name: str(value).replace("\0", "") for name, value in request.GET.items()}
        client = (
            OAuthClient.objects.select_related("bot")
            .filter(client_id=given.get("client_id", ""))
            .first()
        )
        if client is None:
            raise InvalidRequest(_("There is no bot with this client id."))
        redirect_uri = given.get("redirect_uri", "")
        if redirect_uri not in client.redirect_uris:
            raise InvalidRequest(
                _("The redirect address is not one of those that are registered for the bot.")
            )
        challenge = given.get("code_challenge", "")
        return cls(
            client=client,
            redirect_uri=redirect_uri,
            state=given.get("state", "")[:MAX_STATE],
            code_challenge=challenge,
            error=_fault_in(given, challenge, client),
        )

    def answer(self, **parameters: str) -> str:
        """Return the address to which the browser is sent back."""
        parts = urlsplit(self.redirect_uri)
        own = {"state": self.state} if self.state else {}
        query = [*parse_qsl(parts.query), *{**parameters, **own, "iss": issuer()}.items()]
        return parts._replace(query=urlencode(query)).geturl()


def _fault_in(given: dict[str, str], challenge: str, client: OAuthClient) -> str:
    if given.get("response_type") != "code":
        return "unsupported_response_type"
    if challenge or not client.secret:
        is_s256 = given.get("code_challenge_method") == "S256"
        if not (is_s256 and CHALLENGE.fullmatch(challenge)):
            return "invalid_request"
    return ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponseBase:
    """Ask the tester; a POST is the answer of the employee whom they act as."""
    if not is_staff_or_debug(request):
        return redirect_to_login(request.get_full_path())
    try:
        asked = ConsentRequest.parse(request)
    except InvalidRequest as error:
        return _refuse(request, error.text, HTTPStatus.BAD_REQUEST)
    if asked.error:
        return _send_back(asked.answer(error=asked.error))
    if request.method == "POST":
        return _decide(request, asked)
    return _show(request, asked)


def _decide(request: HttpRequest, asked: ConsentRequest) -> HttpResponseBase:
    if request.POST.get("answer") != "allow":
        # Pachca does not tell the bot: the browser goes back to where it came from.
        return _refuse(
            request, _("You have not given access. The bot is not notified."), HTTPStatus.OK
        )
    pk = request.POST.get("person", "")
    known = pk.isascii() and pk.isdigit() and len(pk) < 19
    person = Account.objects.people().filter(pk=pk if known else 0).first()
    if person is None:
        return _show(request, asked, status=HTTPStatus.BAD_REQUEST)
    if not may_grant(person):
        text = _("Guests and suspended people cannot give bots access.")
        return _refuse(request, text, HTTPStatus.FORBIDDEN)
    code = AuthorizationCode.issue(
        client=asked.client,
        person=person,
        redirect_uri=asked.redirect_uri,
        code_challenge=asked.code_challenge,
    )
    return _send_back(asked.answer(code=code.code))


def _show(
    request: HttpRequest, asked: ConsentRequest, status: int = HTTPStatus.OK
) -> HttpResponseBase:
    context = {"asked": asked, "people": Account.objects.people().order_by("pk")}
    # The form leads to the client's address, which browsers count as a target of the form.
    parts = urlsplit(asked.redirect_uri)
    allow = csp_update({"form-action": [f"{parts.scheme}://{parts.netloc}"]})
    return allow(lambda _: render(request, "sandbox/consent.html", context, status=status))(request)


def _send_back(address: str) -> HttpResponse:
    return HttpResponse(status=HTTPStatus.FOUND, headers={"Location": address})


def _refuse(request: HttpRequest, text: Promise, status: int) -> HttpResponse:
    return render(request, "sandbox/consent_refused.html", {"text": text}, status=status)
