"""Signing in with Pachca, against the sandbox."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from accounts.audit.models import AuditEvent
from accounts.pachca.grants import check_grants, pachca_api_of
from accounts.pachca.models import PachcaGrant
from accounts.privacy.contents import sections
from accounts.privacy.deletion import request_deletion
from accounts.privacy.tasks import delete_account
from accounts.tests.conftest import PASSWORD
from accounts.tests.test_second_factor import set_up_app
from accounts.tests.test_second_factor import sign_in as sign_in_by_password
from bots.framework.api import ApiError
from bots.models import PachcaAccount
from sandbox.models import AccessToken, Account
from twitter.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def new_browser() -> Client:
    return Client(SERVER_NAME="localhost")


@pytest.fixture
def client() -> Client:
    """A browser at an address that may be registered without HTTPS."""
    return new_browser()


def start(browser: Client, next: str = "") -> Any:
    """Press the button; return the response, which leads to the consent page."""
    return browser.get("/login/pachca", {"next": next} if next else {})


def agree(browser: Client, consent: str, person: Account) -> str:
    """Agree on the consent page; return the address to which the browser is sent back."""
    path = consent.partition("/sandbox/")[2]
    answer = browser.post(f"/sandbox/{path}", {"person": person.pk, "answer": "allow"})
    return str(answer["Location"]).replace("http://localhost", "")


def sign_in(browser: Client, person: Account, next: str = "") -> Any:
    return browser.get(agree(browser, start(browser, next).url, person))


def person_in(browser: Client) -> User | None:
    return User.objects.filter(pk=browser.session.get("_auth_user_id", 0)).first()


def test_the_first_sign_in_creates_and_links_the_account(client: Client, vera: Account) -> None:
    response = sign_in(client, vera, next="/account")

    person = User.objects.get()
    assert person_in(client) == person
    assert response.url == "/account"
    assert (person.username, person.name) == ("vera", "Вера Орлова")
    link = PachcaAccount.objects.get()
    assert (link.person, link.pachca_user_id, link.in_sandbox) == (person, vera.pk, True)
    assert AuditEvent.objects.filter(action="sign_in", actor=person).count() == 1


def test_the_way_there_has_pkce_and_a_state_but_no_scope_of_the_visitor(
    client: Client, sandbox: str
) -> None:
    asked = {"scope": "users:read", "auth_params": "redirect_uri=http://evil.example"}
    there = str(client.get("/login/pachca", asked)["Location"])

    query = parse_qs(urlsplit(there).query)
    assert there.startswith(f"{sandbox}/sandbox/apps/authorize?")
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["state"][0]) >= 16
    assert query["redirect_uri"] == ["http://localhost/login/pachca/callback"]
    assert "scope" not in query


def test_the_second_sign_in_finds_the_account(client: Client, vera: Account) -> None:
    sign_in(client, vera)
    other = new_browser()

    sign_in(other, vera)

    assert person_in(other) == person_in(client)
    assert PachcaGrant.objects.count() == 1


def test_an_account_linked_by_code_is_signed_in(client: Client, vera: Account, ann: User) -> None:
    PachcaAccount.objects.link(ann, vera.pk, in_sandbox=True)

    sign_in(client, vera)

    assert person_in(client) == ann
    assert User.objects.get(pk=ann.pk).check_password(PASSWORD)


def test_a_link_that_has_moved_counts_at_the_next_sign_in(
    client: Client, vera: Account, ann: User
) -> None:
    sign_in(client, vera)
    PachcaAccount.objects.link(ann, vera.pk, in_sandbox=True)

    sign_in(client, vera)

    assert person_in(client) == ann


@pytest.mark.parametrize("change", [{"role": "guest"}, {"suspended": True}])
def test_who_is_no_employee_any_more_is_refused(
    client: Client, vera: Account, change: dict[str, Any]
) -> None:
    back = agree(client, start(client).url, vera)
    Account.objects.filter(pk=vera.pk).update(**change)

    page = client.get(back)

    assert "did not work" in page.content.decode()
    assert person_in(client) is None
    assert not User.objects.exists()


def test_a_refusal_is_explained_and_logged(
    client: Client, vera: Account, settings: SettingsWrapper
) -> None:
    settings.PACHCA_EMAIL_DOMAINS = ["example.com"]

    page = sign_in(client, vera)

    assert page.status_code == 403
    assert "not one of the company" in page.content.decode()
    assert not User.objects.exists()
    assert AuditEvent.objects.get().actor_name == "vera"


def test_an_address_in_use_is_explained(client: Client, vera: Account, ann: User) -> None:
    User.objects.filter(pk=ann.pk).update(email="vera@sandbox.invalid")

    assert "link your Pachca account" in sign_in(client, vera).content.decode()


def test_accounts_may_have_to_exist_before(
    client: Client, vera: Account, settings: SettingsWrapper
) -> None:
    settings.PACHCA_CREATE_ACCOUNTS = False

    assert "Ask an administrator for one" in sign_in(client, vera).content.decode()


def test_a_blocked_person_stays_out(client: Client, vera: Account, ann: User) -> None:
    PachcaAccount.objects.link(ann, vera.pk, in_sandbox=True)
    User.objects.update(is_active=False)

    sign_in(client, vera)

    assert person_in(client) is None
    assert not PachcaGrant.objects.exists()


def test_the_return_belongs_to_the_browser_that_started(client: Client, vera: Account) -> None:
    back = agree(client, start(client).url, vera)
    victim = new_browser()
    start(victim)

    page = victim.get(back)

    assert person_in(victim) is None
    assert "did not work" in page.content.decode()


def test_an_answer_of_another_server_is_refused(client: Client, vera: Account) -> None:
    back = agree(client, start(client).url, vera)
    at = back.index("iss=")

    client.get(f"{back[:at]}iss=https%3A%2F%2Fevil.example")

    assert person_in(client) is None


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?code=x&state=y", "?error=access_denied&state=y"]
)
def test_a_made_up_return_signs_nobody_in(client: Client, sandbox: str, query: str) -> None:
    page = client.get(f"/login/pachca/callback{query}")

    assert person_in(client) is None
    assert "did not work" in page.content.decode()


def test_a_wrong_code_is_explained(client: Client, sandbox: str) -> None:
    state = parse_qs(urlsplit(start(client).url).query)["state"][0]

    page = client.get(f"/login/pachca/callback?code=made-up&state={state}")

    assert "did not work" in page.content.decode()


def test_pachca_that_is_down_is_explained(
    client: Client, vera: Account, settings: SettingsWrapper
) -> None:
    back = agree(client, start(client).url, vera)
    settings.SANDBOX_API_URL = "http://127.0.0.1:1"

    assert "could not be reached" in client.get(back).content.decode()


def test_accounts_are_not_connected_by_hand(client: Client, ann: User) -> None:
    client.force_login(ann)

    assert client.get("/login/pachca?process=connect").status_code == 404
    assert client.post("/login/pachca", {"process": "connect"}).status_code == 404
    assert client.post("/login/pachca?process=login", {"process": "connect"}).status_code == 404


def test_without_a_client_there_is_no_button(client: Client, settings: SettingsWrapper) -> None:
    assert "/login/pachca" in client.get("/login").content.decode()
    settings.PACHCA_CLIENT_ID = ""

    assert "/login/pachca" not in client.get("/login").content.decode()
    assert client.get("/login/pachca").status_code == 404
    assert client.get("/login/pachca/callback?code=x&state=y").status_code == 404


def test_without_passwords_pachca_lets_in(
    client: Client, vera: Account, settings: SettingsWrapper
) -> None:
    settings.PASSWORD_SIGN_IN = False

    page = client.get("/login").content.decode()
    sign_in(client, vera)

    assert 'type="password"' not in page
    assert "Sign in with Pachca" in page
    assert person_in(client)


def test_a_second_factor_is_still_asked_for(client: Client, vera: Account, ann: User) -> None:
    PachcaAccount.objects.link(ann, vera.pk, in_sandbox=True)
    elsewhere = new_browser()
    sign_in_by_password(elsewhere)
    set_up_app(elsewhere)
    Authenticator.objects.update(last_used_at=None)

    response = sign_in(client, vera)

    assert response.url == "/login/second-factor"
    assert person_in(client) is None
    token = PachcaGrant.objects.get().token
    assert token not in str(dict(client.session.items()))
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    client.post("/login/second-factor", {"code": codes[0]})
    assert person_in(client) == ann


def test_staff_still_set_up_a_second_factor(
    client: Client, vera: Account, root: User, settings: SettingsWrapper
) -> None:
    settings.STAFF_SECOND_FACTOR = True
    PachcaAccount.objects.link(root, vera.pk, in_sandbox=True)

    sign_in(client, vera)

    assert client.get("/admin/").status_code == 302
    assert person_in(client) == root


# --- the token -----------------------------------------------------------------------------------


def test_the_token_is_encrypted_and_kept_once(client: Client, vera: Account) -> None:
    sign_in(client, vera)

    token = AccessToken.objects.get().token
    grant = PachcaGrant.objects.get()
    assert (grant.token, grant.scopes) == (token, ["profile:read", "chats:read"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM pachca_pachcagrant")
        assert token not in cursor.fetchone()[0]
    assert not SocialToken.objects.exists()
    assert not SocialAccount.objects.exists()


def test_a_new_secret_key_encrypts_it_again(
    client: Client, vera: Account, settings: SettingsWrapper
) -> None:
    sign_in(client, vera)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "new" * 20
    call_command("rotate_secrets", verbosity=0)
    settings.SECRET_KEY_FALLBACKS = []

    assert PachcaGrant.objects.get().token == AccessToken.objects.get().token


def test_the_site_acts_on_behalf_of_the_person(client: Client, vera: Account, ann: User) -> None:
    sign_in(client, vera)
    api = pachca_api_of(User.objects.get(username="vera"))
    assert api

    profile = asyncio.run(api.get_profile())

    assert profile["id"] == vera.pk
    with pytest.raises(ApiError):  # no scope of the token
        asyncio.run(api.list_users())
    assert pachca_api_of(ann) is None


def test_a_blocked_person_is_not_represented(client: Client, vera: Account) -> None:
    sign_in(client, vera)
    User.objects.update(is_active=False)

    assert pachca_api_of(User.objects.get()) is None


def test_a_revoked_token_is_deleted_at_the_next_call(client: Client, vera: Account) -> None:
    sign_in(client, vera)
    api = pachca_api_of(User.objects.get())
    assert api
    AccessToken.objects.get().revoke()

    with pytest.raises(ApiError):
        asyncio.run(api.get_profile())

    assert not PachcaGrant.objects.exists()
    assert pachca_api_of(User.objects.get()) is None


def test_revoked_tokens_are_found_in_time(client: Client, vera: Account) -> None:
    sign_in(client, vera)
    AccessToken.objects.get().revoke()

    check_grants()
    assert PachcaGrant.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(hours=13)):
        check_grants()

    assert not PachcaGrant.objects.exists()


def test_tokens_with_errors_do_not_keep_the_others_waiting(
    client: Client, vera: Account, sandbox: str, settings: SettingsWrapper
) -> None:
    sign_in(client, vera)
    settings.SANDBOX_API_URL = f"{sandbox}/sandbox/api/shared/missing"
    late = timezone.now() + timedelta(hours=13)

    with time_machine.travel(late):
        check_grants()

    assert PachcaGrant.objects.get().checked_at >= late


@pytest.fixture
def unreadable(client: Client, vera: Account, settings: SettingsWrapper) -> User:
    """Somebody whose token was encrypted with a SECRET_KEY that is lost."""
    sign_in(client, vera)
    settings.SECRET_KEY = "lost" * 20
    client.force_login(person := User.objects.get())
    return person


def test_a_token_of_a_lost_key_is_replaced_at_the_next_sign_in(
    unreadable: User, client: Client, vera: Account
) -> None:
    assert client.get("/account").status_code == 200

    browser = new_browser()
    sign_in(browser, vera)

    assert person_in(browser) == unreadable
    assert PachcaGrant.objects.get().token == AccessToken.objects.latest("pk").token


def test_a_token_of_a_lost_key_is_deleted_where_it_is_needed(
    unreadable: User, client: Client
) -> None:
    assert pachca_api_of(unreadable) is None
    assert not PachcaGrant.objects.exists()


def test_a_token_of_a_lost_key_is_deleted_at_the_check(unreadable: User) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=13)):
        check_grants()

    assert not PachcaGrant.objects.exists()


def test_the_access_of_a_lost_key_is_revoked_here(unreadable: User, client: Client) -> None:
    page = client.post("/account/pachca/revoke", follow=True).content.decode()

    assert "was revoked" in page
    assert not PachcaGrant.objects.exists()


def test_an_account_with_a_token_of_a_lost_key_is_deleted(unreadable: User) -> None:
    delete_account(request_deletion(unreadable).pk)

    assert User.objects.get().name == "Deleted account"
    assert not PachcaGrant.objects.exists()


def test_valid_tokens_stay_also_while_pachca_is_down(
    client: Client, vera: Account, settings: SettingsWrapper
) -> None:
    sign_in(client, vera)
    with time_machine.travel(timezone.now() + timedelta(hours=13)):
        check_grants()
        checked_at = PachcaGrant.objects.get().checked_at
        assert checked_at > PachcaGrant.objects.get().granted_at
    settings.SANDBOX_API_URL = "http://127.0.0.1:1"
    with time_machine.travel(timezone.now() + timedelta(hours=26)):
        check_grants()

    assert PachcaGrant.objects.get().checked_at == checked_at


def test_unlinking_forgets_the_token(client: Client, vera: Account, ann: User) -> None:
    PachcaAccount.objects.link(ann, vera.pk, in_sandbox=True)
    sign_in(client, vera)

    client.post(f"/bots/link/{PachcaAccount.objects.get().pk}/remove")

    assert not PachcaGrant.objects.exists()


def test_a_person_revokes_the_access(client: Client, vera: Account) -> None:
    sign_in(client, vera)
    assert "profile:read, chats:read" in client.get("/account").content.decode()

    page = client.post("/account/pachca/revoke", follow=True).content.decode()

    assert "was revoked" in page
    assert "profile:read" not in page
    assert not PachcaGrant.objects.exists()
    assert not AccessToken.objects.valid().exists()
    assert client.get("/account/pachca/revoke").status_code == 405


def test_deleting_the_account_revokes_the_access(client: Client, vera: Account) -> None:
    sign_in(client, vera)
    person = User.objects.get()

    delete_account(request_deletion(person).pk)

    assert not PachcaGrant.objects.exists()
    assert not PachcaAccount.objects.exists()
    assert not AccessToken.objects.valid().exists()


def test_an_account_is_deleted_also_while_pachca_cannot_be_told(
    client: Client, vera: Account, settings: SettingsWrapper
) -> None:
    sign_in(client, vera)
    settings.SANDBOX_API_URL = "http://127.0.0.1:9"

    delete_account(request_deletion(User.objects.get()).pk)

    assert not PachcaGrant.objects.exists()
    assert User.objects.get().name == "Deleted account"


def test_the_access_stays_while_pachca_cannot_be_told(
    client: Client, vera: Account, settings: SettingsWrapper
) -> None:
    sign_in(client, vera)
    settings.SANDBOX_API_URL = "http://127.0.0.1:1"

    page = client.post("/account/pachca/revoke", follow=True).content.decode()

    assert "could not be reached" in page
    assert PachcaGrant.objects.exists()


def test_the_copy_of_ones_data_names_the_access_without_the_token(
    client: Client, vera: Account
) -> None:
    sign_in(client, vera)

    exported = {name: list(rows) for name, rows in sections(User.objects.get())}

    assert exported["pachca_access"][0]["scopes"] == ["profile:read", "chats:read"]
    assert PachcaGrant.objects.get().token not in str(exported)
