"""Single sign-on against a real OpenID provider: whose account it is, and what it may do."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from pytest_django.fixtures import SettingsWrapper

from accounts import actions
from accounts.tests.conftest import PASSWORD, link_in
from twitter.models import User

# The provider runs in this process and uses parts of authlib that its next version will drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
oidc_provider_mock = pytest.importorskip("oidc_provider_mock")


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of an OpenID provider where everybody may sign in as anybody."""
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(autouse=True)
def _uses_the_provider(settings: Any, provider: str, db: None) -> None:
    settings.OIDC_ISSUER = provider
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = "svyaz", "secret"


@pytest.fixture
def sign_in(provider: str) -> Any:
    """Sign in as a person of the provider, with these claims; return the last response."""

    def sign_in_as(browser: Client, sub: str, next: str = "", **claims: Any) -> Any:
        httpx.put(f"{provider}/users/{sub}", json=claims).raise_for_status()
        start: Any = browser.get("/login/sso", {"next": next} if next else {})
        back = httpx.post(start.url, data={"sub": sub})
        assert "code_challenge=" in start.url
        return browser.get(back.headers["location"].replace("http://testserver", ""))

    return sign_in_as


def person_in(browser: Client) -> User | None:
    return User.objects.filter(pk=browser.session.get("_auth_user_id", 0)).first()


VERA = {"name": "Вера Орлова", "preferred_username": "vera", "email": "Vera@example.com"}
CONFIRMED = {**VERA, "email_verified": True}


def test_the_first_sign_in_creates_the_account(client: Any, sign_in: Any) -> None:
    response = sign_in(client, "1", next="/account", **CONFIRMED)

    person = person_in(client)
    assert response.url == "/account"
    assert (person.username, person.name, person.email) == (
        "vera",
        "Вера Орлова",
        "vera@example.com",
    )
    assert not person.has_usable_password()
    assert person.emailaddress_set.get().verified


def test_the_second_sign_in_finds_it(client: Any, sign_in: Any) -> None:
    sign_in(client, "2", **CONFIRMED)
    other = Client()

    sign_in(other, "2", **{**CONFIRMED, "email": "moved@example.com", "name": "New"})

    assert person_in(other) == person_in(client)
    assert User.objects.count() == 1


def test_a_confirmed_address_links_the_account(client: Any, ann: Any, sign_in: Any) -> None:
    sign_in(client, "3", email="ann@example.com", email_verified=True)

    assert person_in(client) == ann
    assert User.objects.get(pk=ann.pk).check_password(PASSWORD)
    again = Client()
    sign_in(again, "3")
    assert person_in(again) == ann


def test_an_unconfirmed_address_links_nothing(client: Any, ann: Any, sign_in: Any) -> None:
    response = sign_in(client, "4", email="ann@example.com", email_verified=False)

    assert response.status_code == 403
    assert person_in(client) is None
    assert User.objects.count() == 1


def test_an_address_that_is_unconfirmed_here_is_not_linked_either(
    client: Any, ann: Any, sign_in: Any
) -> None:
    ann.emailaddress_set.update(verified=False)

    assert sign_in(client, "5", email="ann@example.com", email_verified=True).status_code == 403


def test_linking_can_be_turned_off(
    client: Any, ann: Any, sign_in: Any, settings: SettingsWrapper
) -> None:
    settings.OIDC_LINK_BY_EMAIL = False

    assert sign_in(client, "6", email="ann@example.com", email_verified=True).status_code == 403


def test_an_unconfirmed_address_is_not_taken_over(client: Any, sign_in: Any) -> None:
    sign_in(client, "7", **VERA)

    assert person_in(client).email == ""
    assert not person_in(client).emailaddress_set.exists()


def test_only_the_companys_domains_get_accounts(
    client: Any, sign_in: Any, settings: SettingsWrapper
) -> None:
    settings.OIDC_EMAIL_DOMAINS = ["example.com"]

    stranger = sign_in(client, "8", email="eve@evil.example", email_verified=True)
    unconfirmed = sign_in(Client(), "9", **VERA)
    colleague = sign_in(Client(), "10", **CONFIRMED)

    assert "By invitation" in stranger.content.decode()
    assert "By invitation" in unconfirmed.content.decode()
    assert colleague.status_code == 302


def test_accounts_may_have_to_exist_before(
    client: Any, ann: Any, sign_in: Any, settings: SettingsWrapper
) -> None:
    settings.OIDC_CREATE_ACCOUNTS = False

    sign_in(client, "11", **CONFIRMED)
    known = Client()
    sign_in(known, "12", email="ann@example.com", email_verified=True)

    assert person_in(client) is None
    assert person_in(known) == ann


def test_a_username_that_is_taken_gets_a_number(client: Any, sign_in: Any) -> None:
    User.objects.create_user("VERA")

    sign_in(client, "13", **CONFIRMED)

    assert person_in(client).username == "vera-2"


def test_a_blocked_person_stays_out(client: Any, sign_in: Any) -> None:
    sign_in(client, "14", **CONFIRMED)
    User.objects.update(is_active=False)
    browser = Client()

    sign_in(browser, "14", **CONFIRMED)

    assert person_in(browser) is None


def test_groups_of_the_provider_become_groups_and_rights_here(
    client: Any, sign_in: Any, settings: SettingsWrapper
) -> None:
    settings.OIDC_GROUPS = {"idp-mods": "Chiefs", "idp-authors": "Writers"}
    settings.OIDC_STAFF_GROUPS, settings.OIDC_ADMIN_GROUPS = ["idp-mods"], ["idp-admins"]

    sign_in(client, "15", groups=["idp-mods", "elsewhere"], **CONFIRMED)
    first = person_in(client)
    own = Group.objects.create(name="Own")
    first.groups.add(own)
    before = (sorted(first.groups.values_list("name", flat=True)), first.is_staff)
    sign_in(Client(), "15", groups=["idp-authors", "idp-admins"], **CONFIRMED)
    after = User.objects.get(pk=first.pk)

    assert before == (["Chiefs", "Own"], True)
    assert sorted(after.groups.values_list("name", flat=True)) == ["Own", "Writers"]
    assert (after.is_staff, after.is_superuser) == (True, True)
    sign_in(Client(), "15", **CONFIRMED)
    last = User.objects.get(pk=first.pk)
    assert (last.is_staff, last.is_superuser) == (False, False)


def test_without_a_mapping_rights_stay(client: Any, root: Any, sign_in: Any) -> None:
    actions.confirm_email(root, "root@example.com")

    sign_in(client, "16", email="root@example.com", email_verified=True, groups=["x"])

    assert User.objects.get(pk=root.pk).is_superuser


def test_whom_the_provider_vouches_for_needs_no_second_factor_here(
    client: Any, root: Any, sign_in: Any, settings: SettingsWrapper
) -> None:
    settings.STAFF_SECOND_FACTOR = True
    actions.confirm_email(root, "root@example.com")

    sign_in(client, "17", email="root@example.com", email_verified=True)

    assert client.get("/admin/").status_code == 200


def test_without_passwords_only_the_provider_lets_in(
    client: Any, ann: Any, root: Any, sign_in: Any, settings: SettingsWrapper
) -> None:
    settings.PASSWORD_SIGN_IN = False

    page = client.get("/login").content.decode()
    client.post("/login", {"username": "ann", "password": PASSWORD})

    assert person_in(client) is None
    assert "Sign in with SSO" in page
    assert 'type="password"' not in page
    assert client.get("/password").status_code == 404
    assert client.get("/login/passkey").status_code == 404
    sign_in(client, "18", **CONFIRMED)
    assert person_in(client).username == "vera"
    client.force_login(root)
    assert client.post("/invitations", {"name": "x"}).status_code == 403


def test_the_command_line_opens_a_door_in_an_emergency(
    client: Any, root: Any, settings: SettingsWrapper, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PASSWORD_SIGN_IN = False

    call_command("invite", "--username", "root")
    new = "a completely new phrase"
    client.post(link_in(capsys.readouterr().out), {"password1": new, "password2": new})

    assert person_in(client) == root


def test_a_provider_that_is_down_is_explained(client: Any, settings: SettingsWrapper) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:1"

    response = client.get("/login/sso")

    assert response.status_code == 502
    assert "could not be reached" in response.content.decode()


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?code=x&state=y", "?error=access_denied&state=y"]
)
def test_a_made_up_return_signs_nobody_in(client: Any, query: str) -> None:
    response = client.get(f"/login/sso/callback{query}")

    assert person_in(client) is None
    assert "did not work" in response.content.decode()


def test_who_changes_their_mind_is_back_at_the_sign_in_page(client: Any) -> None:
    start: Any = client.get("/login/sso")
    state = parse_qs(urlsplit(start.url).query)["state"][0]

    back = client.get(f"/login/sso/callback?error=access_denied&state={state}", follow=True)

    assert back.redirect_chain[-1][0] == "/login"


def test_accounts_are_not_connected_by_hand(client: Any, ann: Any) -> None:
    client.force_login(ann)

    assert client.get("/login/sso?process=connect").status_code == 404
    assert client.post("/login/sso", {"process": "connect"}).status_code == 404


def test_without_a_provider_there_is_no_button(client: Any, settings: SettingsWrapper) -> None:
    settings.OIDC_ISSUER = ""

    assert "/login/sso" not in client.get("/login").content.decode()
    assert client.get("/login/sso").status_code == 404
