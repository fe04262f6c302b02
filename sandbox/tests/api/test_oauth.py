"""OAuth on behalf of an employee: consent, exchange, use and revocation."""

import base64
import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from sandbox.actions import add_oauth_client
from sandbox.models import AccessToken, Account, AuthorizationCode, OAuthClient
from sandbox.models.accounts import Role
from sandbox.tests.conftest import API, Caller

FORM = "application/x-www-form-urlencoded"
BACK = "https://app.example.com/callback"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
PKCE = {"code_challenge": CHALLENGE.rstrip(b"=").decode(), "code_challenge_method": "S256"}


@pytest.fixture(autouse=True)
def _open_page(settings: SettingsWrapper) -> None:
    settings.DEBUG = True


@pytest.fixture
def oauth(bot: Account) -> OAuthClient:
    return add_oauth_client(bot, [BACK], ["profile:read"], client_id="app", secret="scrt")


@pytest.fixture
def public(oauth: OAuthClient) -> OAuthClient:
    """A client without a secret."""
    return add_oauth_client(oauth.bot, [BACK], ["profile:read"])


def ask(browser: Client, **query: str) -> Any:
    asked = {"client_id": "app", "redirect_uri": BACK, "response_type": "code", "state": "s&1"}
    return browser.get("/sandbox/apps/authorize", {**asked, **query})


def agree(browser: Client, person: Account, answer: str = "allow", **query: str) -> Any:
    page = ask(browser, **query)
    form = {"person": person.pk, "answer": answer}
    return browser.post(f"{page.request['PATH_INFO']}?{page.request['QUERY_STRING']}", form)


def code_of(response: Any) -> str:
    code: str = parse_qs(urlsplit(response["Location"]).query)["code"][0]
    return code


def exchange(browser: Client, code: str, headers: Any = None, **change: str | None) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "client_id": "app",
        "client_secret": "scrt",
        **change,
    }
    given = {name: value for name, value in form.items() if value is not None}
    return browser.post(f"{API}/oauth/token", urlencode(given), FORM, headers=headers or {})


def test_who_agrees_gives_the_bot_a_token(client: Client, oauth: OAuthClient, ann: Account) -> None:
    back = agree(client, ann, **PKCE)

    sent = parse_qs(urlsplit(back["Location"]).query)
    assert back["Location"].startswith(f"{BACK}?")
    assert (sent["state"], sent["iss"]) == (["s&1"], ["http://127.0.0.1:8000/sandbox"])
    answer = exchange(Client(), code_of(back), code_verifier=VERIFIER)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    token = answer.json()
    assert (token["token_type"], token["scope"]) == ("Bearer", "profile:read")
    assert "expires_in" not in token


def test_the_token_acts_as_the_person_within_its_scopes(oauth: OAuthClient, ann: Account) -> None:
    caller = Caller(ann)
    token = AccessToken.grant(oauth, ann).token
    caller.client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"

    assert caller.get("/profile").json()["data"]["id"] == ann.pk
    info = caller.get("/oauth/token/info").json()["data"]
    assert (info["user_id"], info["scopes"], info["name"]) == (ann.pk, ["profile:read"], "Echo")
    refused = caller.get("/users")
    assert refused.status_code == 403
    assert refused.json()["error"] == "insufficient_scope"
    assert caller.page("GET", "/state").status_code == 401
    assert AccessToken.objects.get().last_used_at


def test_who_agreed_before_gives_the_same_token(
    client: Client, oauth: OAuthClient, ann: Account
) -> None:
    first = exchange(client, code_of(agree(client, ann))).json()["access_token"]
    again = exchange(client, code_of(agree(client, ann))).json()["access_token"]
    add_oauth_client(
        oauth.bot, [BACK], ["profile:read", "users:read"], client_id="app", secret="scrt"
    )
    wider = exchange(client, code_of(agree(client, ann))).json()["access_token"]

    assert first == again
    assert wider != first


def test_a_code_works_once(client: Client, oauth: OAuthClient, ann: Account) -> None:
    code = code_of(agree(client, ann))
    exchange(client, code)

    again = exchange(client, code)

    assert exchange(client, "made up").json()["error"] == "invalid_grant"
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_expires(client: Client, oauth: OAuthClient, ann: Account) -> None:
    code = code_of(agree(client, ann))

    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert exchange(client, code).json()["error"] == "invalid_grant"


def test_old_codes_are_deleted(client: Client, oauth: OAuthClient, ann: Account) -> None:
    agree(client, ann)
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        agree(client, ann)

    assert AuthorizationCode.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"redirect_uri": f"{BACK}/"}, 400, "invalid_grant"),
        ({"code_verifier": "w" * 50}, 400, "invalid_grant"),
        ({"code_verifier": None}, 400, "invalid_grant"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"client_id": "\0"}, 400, None),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_what_does_not_match_is_refused(
    client: Client, oauth: OAuthClient, ann: Account, change: Any, status: int, error: str | None
) -> None:
    code = code_of(agree(client, ann, **PKCE))

    answer = exchange(client, code, **{"code_verifier": VERIFIER, **change})

    assert (answer.status_code, answer.json().get("error")) == (status, error)
    assert not AccessToken.objects.exists()


def test_the_code_of_another_client_is_refused(
    client: Client, oauth: OAuthClient, ann: Account, bob: Account
) -> None:
    add_oauth_client(bob, [BACK], client_id="other", secret="other")
    code = code_of(agree(client, ann))

    stolen = exchange(client, code, client_id="other", client_secret="other")

    assert stolen.json()["error"] == "invalid_grant"
    assert exchange(client, code).status_code == 200


def test_a_client_may_prove_itself_by_the_header(
    client: Client, oauth: OAuthClient, ann: Account
) -> None:
    none = {"client_id": None, "client_secret": None}
    code = code_of(agree(client, ann))

    for pair in ("app:wrong", "app", "*"):
        value = "*" if pair == "*" else base64.b64encode(pair.encode()).decode()
        refused = exchange(client, code, {"Authorization": f"Basic {value}"}, **none)
        assert refused.json()["error"] == "invalid_client"
    right = base64.b64encode(b"app:scrt").decode()
    assert exchange(client, code, {"Authorization": f"Basic {right}"}, **none).status_code == 200


def test_a_client_without_a_secret_proves_itself_by_pkce(
    client: Client, public: OAuthClient, ann: Account
) -> None:
    without = agree(client, ann)
    code = code_of(agree(client, ann, **PKCE))

    assert "error=invalid_request" in without["Location"]
    assert exchange(client, code, client_secret=None).json()["error"] == "invalid_client"
    assert exchange(client, code, client_secret=None, code_verifier=VERIFIER).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"redirect_uri": f"{BACK}/"},
        {"redirect_uri": f"{BACK}?x=1"},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": ""},
        {"client_id": "other"},
        {"client_id": "\0"},
    ],
)
def test_a_wrong_link_never_leads_away(
    client: Client, oauth: OAuthClient, query: dict[str, str]
) -> None:
    page = ask(client, **query)

    assert page.status_code == 400
    assert "Location" not in page


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": "a" * 43, "code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_other_faults_are_told_to_the_client(
    client: Client, oauth: OAuthClient, query: dict[str, str], error: str
) -> None:
    answer = ask(client, **query)

    assert parse_qs(urlsplit(answer["Location"]).query)["error"] == [error]


def test_who_refuses_stays(client: Client, oauth: OAuthClient, ann: Account) -> None:
    page = agree(client, ann, answer="refuse")

    assert page.status_code == 200
    assert not AuthorizationCode.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"role": Role.GUEST}, {"role": Role.MULTI_GUEST}, {"suspended": True}]
)
def test_guests_and_suspended_people_cannot_agree(
    client: Client, oauth: OAuthClient, ann: Account, fields: dict[str, Any]
) -> None:
    Account.objects.filter(pk=ann.pk).update(**fields)

    assert agree(client, ann).status_code == 403
    assert not AuthorizationCode.objects.exists()


@pytest.mark.parametrize("person", ["", "x", "0", "9" * 30])
def test_nobody_cannot_agree(client: Client, oauth: OAuthClient, ann: Account, person: str) -> None:
    page = ask(client)
    path = f"{page.request['PATH_INFO']}?{page.request['QUERY_STRING']}"

    assert client.post(path, {"person": person, "answer": "allow"}).status_code == 400


def test_a_bot_cannot_agree(client: Client, oauth: OAuthClient, bot: Account) -> None:
    assert agree(client, bot).status_code == 400


def test_the_form_may_lead_to_the_client(client: Client, oauth: OAuthClient, ann: Account) -> None:
    page = ask(client)

    assert "form-action 'self' https://app.example.com" in page["Content-Security-Policy"]
    assert "profile:read" in page.content.decode()


def test_in_production_the_page_is_for_staff(
    client: Client, oauth: OAuthClient, settings: SettingsWrapper
) -> None:
    settings.DEBUG = False

    assert ask(client)["Location"].startswith("/login")


def revoke(headers: Any = None, **form: str) -> Any:
    return Client().post(f"{API}/oauth/revoke", urlencode(form), FORM, headers=headers or {})


def test_the_client_revokes_a_token(oauth: OAuthClient, ann: Account) -> None:
    token = AccessToken.grant(oauth, ann).token
    proof = {"client_id": "app", "client_secret": "scrt"}

    assert revoke(token=token).status_code == 401
    assert revoke(token=token, client_id="app", client_secret="x").status_code == 401
    assert AccessToken.objects.valid().exists()
    assert revoke(token="unknown", **proof).status_code == 200
    assert revoke(token=token, **proof).status_code == 200
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().get(f"{API}/oauth/token/info", headers=headers).status_code == 401


def test_a_token_may_revoke_itself(public: OAuthClient, ann: Account) -> None:
    token = AccessToken.grant(public, ann).token

    assert revoke({"Authorization": f"Bearer {token}"}, token=token).status_code == 200
    assert not AccessToken.objects.valid().exists()


def test_a_suspended_person_is_represented_by_nobody(oauth: OAuthClient, ann: Account) -> None:
    headers = {"Authorization": f"Bearer {AccessToken.grant(oauth, ann).token}"}
    Account.objects.update(suspended=True)

    assert Client().get(f"{API}/profile", headers=headers).status_code == 401


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
def test_only_forms_are_read(client: Client, oauth: OAuthClient, path: str) -> None:
    for body, kind in (("{}", "application/json"), ("x", "multipart/form-data; boundary=x")):
        answer = client.post(f"{API}{path}", body, kind)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_the_server_describes_itself(client: Client, db: None) -> None:
    described = client.get("/sandbox/.well-known/oauth-authorization-server").json()

    assert described["issuer"] == "http://127.0.0.1:8000/sandbox"
    assert described["code_challenge_methods_supported"] == ["S256"]
    assert described["token_endpoint"].endswith("/sandbox/api/shared/v1/oauth/token")


@pytest.mark.parametrize(
    ("uri", "is_allowed"),
    [
        ("https://app.example.com/back", True),
        ("http://localhost:8000/back", True),
        ("http://127.0.0.1/back", True),
        ("http://[::1]:8000/back", True),
        ("http://app.example.com/back", False),
        ("javascript:alert(1)", False),
        ("http://[bad", False),
        ("/back", False),
    ],
)
def test_only_safe_redirect_addresses_are_registered(
    bot: Account, uri: str, is_allowed: bool
) -> None:
    if is_allowed:
        assert add_oauth_client(bot, [uri]).redirect_uris == [uri]
    else:
        with pytest.raises(ValidationError):
            add_oauth_client(bot, [uri])
