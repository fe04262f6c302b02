"""What an identity provider does to accounts: it creates, changes, blocks and ends them."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.test import Client
from pytest_django.fixtures import SettingsWrapper

from accounts.actions import confirm_email
from accounts.audit.models import AuditEvent
from accounts.directory.models import Member
from accounts.directory.roster import Roster
from accounts.directory.sync import sync
from accounts.pachca.models import PachcaGrant
from accounts.pachca.people import Profile, find_or_create
from accounts.scim.models import ScimUser
from accounts.scim.tests.conftest import USER, Directory
from accounts.tests.conftest import PASSWORD
from bots.models import PachcaAccount
from twitter.models import ApiKey, Tweet, User

OLGA = {
    "externalId": "00u1",
    "name": {"givenName": "Ольга", "familyName": "Петрова"},
    "emails": [{"value": "Olga@example.com", "type": "work", "primary": True}],
    "active": True,
}


@pytest.fixture
def olga(directory: Directory, sockets: Any) -> Any:
    """The user that the provider has created, as it was answered."""
    response = directory.add_user("olga@example.com", **OLGA)
    assert response.status_code == 201, response.content
    return response.json()


def account(user: Any) -> User:
    return ScimUser.objects.get(scim_id=user["id"]).person


def test_a_user_is_created_with_an_account(olga: Any) -> None:
    person = account(olga)

    assert (person.username, person.name, person.email) == (
        "olga",
        "Ольга Петрова",
        "olga@example.com",
    )
    assert person.is_active
    assert not person.is_staff
    assert not person.has_usable_password()
    assert EmailAddress.objects.get(user=person).verified
    assert olga["userName"] == "olga@example.com"
    assert olga["meta"]["location"] == f"http://testserver/scim/v2/Users/{olga['id']}"


def test_what_was_created_is_found_by_its_names(directory: Directory, olga: Any) -> None:
    for text in ('userName eq "OLGA@example.com"', 'externalId eq "00u1"', f'id eq "{olga["id"]}"'):
        found = directory.find("/Users", filter=text)
        assert [each["id"] for each in found["Resources"]] == [olga["id"]]
    assert directory.find("/Users", filter='userName eq "other"')["totalResults"] == 0


def test_unknown_attributes_are_ignored_as_providers_send_many(directory: Directory) -> None:
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    more = {"title": "Boss", "nickName": "x", enterprise: {"department": "IT"}, "password": "x"}

    response = directory.add_user("boss", **more)

    assert response.status_code == 201
    assert "title" not in response.json()
    assert not account(response.json()).has_usable_password()


def test_the_same_user_name_in_any_case_is_refused(directory: Directory, olga: Any) -> None:
    response = directory.add_user("OLGA@EXAMPLE.COM")

    assert response.status_code == 409
    assert response.json()["scimType"] == "uniqueness"
    assert User.objects.count() == 1


def test_a_username_that_is_taken_here_gets_a_number(directory: Directory, ann: User) -> None:
    response = directory.add_user("ann")

    assert response.status_code == 201
    assert account(response.json()).username == "ann-2"


def test_nobody_is_linked_by_an_address_by_default(directory: Directory, ann: User) -> None:
    response = directory.add_user("anna", emails=[{"value": "ann@example.com"}])

    assert response.status_code == 409
    assert not ScimUser.objects.exists()


def test_a_confirmed_address_links_an_account_if_the_setting_says_so(
    directory: Directory, ann: User, settings: SettingsWrapper
) -> None:
    settings.SCIM_LINK_BY_EMAIL = True

    response = directory.add_user("anna", emails=[{"value": "Ann@example.com"}])

    assert response.status_code == 201
    assert account(response.json()) == ann
    assert User.objects.get(pk=ann.pk).check_password(PASSWORD)


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser", "unconfirmed", "inactive"])
def test_accounts_with_rights_or_without_a_confirmed_address_are_never_linked(
    directory: Directory, ann: User, settings: SettingsWrapper, flag: str
) -> None:
    settings.SCIM_LINK_BY_EMAIL = True
    if flag == "unconfirmed":
        EmailAddress.objects.update(verified=False)
    else:
        name, value = ("is_active", False) if flag == "inactive" else (flag, True)
        User.objects.filter(pk=ann.pk).update(**{name: value})

    response = directory.add_user("anna", emails=[{"value": "ann@example.com"}])

    assert response.status_code == 409
    assert User.objects.count() == 1


def test_put_replaces_and_patch_changes(directory: Directory, olga: Any) -> None:
    path = f"/Users/{olga['id']}"
    names = {"schemas": [USER], "userName": "olga@example.com", "displayName": "Ольга Смирнова"}

    put = directory.call("PUT", path, names)
    patched = directory.patch(
        path,
        {"op": "Replace", "path": "name.familyName", "value": "Смирнова"},
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "smirnova@example.com"},
    )

    assert put.status_code == 200
    assert "emails" not in put.json()
    assert patched.status_code in (200, 204)
    person = account(olga)
    assert (person.name, person.email) == ("Ольга Смирнова", "smirnova@example.com")
    user = directory.find(path)
    assert user["emails"] == [{"value": "smirnova@example.com", "type": "work"}]
    assert "externalId" not in user


def test_a_patch_without_a_path_and_with_strings_for_booleans_is_understood(
    directory: Directory, olga: Any
) -> None:
    directory.patch(f"/Users/{olga['id']}", {"op": "replace", "value": {"active": "False"}})

    assert not account(olga).is_active


def test_a_name_changed_here_stays_until_the_provider_changes_it(
    directory: Directory, olga: Any
) -> None:
    User.objects.filter(pk=account(olga).pk).update(name="Оля")
    path = f"/Users/{olga['id']}"

    directory.patch(path, {"op": "replace", "path": "externalId", "value": "2"})
    assert account(olga).name == "Оля"

    directory.patch(path, {"op": "replace", "path": "displayName", "value": "Ольга П."})
    assert account(olga).name == "Ольга П."


def test_an_address_of_somebody_else_is_refused(directory: Directory, olga: Any, ann: User) -> None:
    response = directory.patch(
        f"/Users/{olga['id']}",
        {"op": "replace", "path": "emails", "value": [{"value": "ann@example.com"}]},
    )

    assert response.status_code == 409
    assert account(olga).email == "olga@example.com"
    assert len(directory.find(f"/Users/{olga['id']}")["emails"]) == 1


@pytest.mark.parametrize("way", ["active", "delete"])
def test_a_blocked_account_loses_sessions_keys_and_sockets_but_not_tweets(
    directory: Directory,
    olga: Any,
    sockets: Any,
    way: str,
    django_capture_on_commit_callbacks: Any,
) -> None:
    person = account(olga)
    tweet = Tweet.objects.create(author=person, text="hello")
    _key, secret = ApiKey.objects.make(person, "key")
    browser = Client()
    browser.force_login(person)
    browser.get("/account")
    assert UserSession.objects.filter(user=person).exists()

    with django_capture_on_commit_callbacks(execute=True):
        if way == "delete":
            assert directory.call("DELETE", f"/Users/{olga['id']}").status_code == 204
        else:
            directory.patch(f"/Users/{olga['id']}", {"op": "replace", "value": {"active": False}})

    assert not User.objects.get(pk=person.pk).is_active
    assert not UserSession.objects.filter(user=person).exists()
    assert browser.get("/account").status_code == 302
    assert person.api_keys.get().revoked_at
    assert Client(headers={"api-key": secret}).get("/api/users/me").status_code == 401
    assert Tweet.objects.get(pk=tweet.pk).hidden_at is None


def test_the_provider_unblocks_what_it_has_blocked(directory: Directory, olga: Any) -> None:
    path = f"/Users/{olga['id']}"
    directory.patch(path, {"op": "replace", "value": {"active": False}})

    directory.patch(path, {"op": "replace", "value": {"active": True}})

    assert account(olga).is_active


def test_the_provider_does_not_unblock_whom_an_administrator_blocked(
    directory: Directory, olga: Any
) -> None:
    User.objects.filter(pk=account(olga).pk).update(is_active=False)

    response = directory.call("PUT", f"/Users/{olga['id']}", olga | {"active": True})

    assert response.json()["active"] is False
    assert not account(olga).is_active


def test_a_deleted_user_who_is_created_again_gets_the_account_back(
    directory: Directory, olga: Any
) -> None:
    person = account(olga)
    person.set_password(PASSWORD)
    person.save()
    Authenticator.objects.create(user=person, type="totp", data={})
    SocialAccount.objects.create(user=person, provider="oidc", uid="1")
    link = PachcaAccount.objects.create(person_id=person.pk, pachca_user_id=1)
    PachcaGrant.objects.create(account=link, token="secret")
    directory.call("DELETE", f"/Users/{olga['id']}")
    assert directory.call("GET", f"/Users/{olga['id']}").status_code == 404
    assert directory.find("/Users")["totalResults"] == 0

    again = directory.add_user("olga@example.com", **OLGA)

    assert again.status_code == 201
    assert again.json()["id"] != olga["id"]
    back = User.objects.get(pk=person.pk)
    assert account(again.json()) == back
    assert back.is_active
    assert not back.has_usable_password()
    assert not Authenticator.objects.exists()
    assert not SocialAccount.objects.exists()
    assert not PachcaGrant.objects.exists()


def test_a_deleted_user_gets_no_new_account_by_signing_in_with_pachca(
    directory: Directory, olga: Any
) -> None:
    person = account(olga)
    PachcaAccount.objects.create(person_id=person.pk, pachca_user_id=1)

    directory.call("DELETE", f"/Users/{olga['id']}")

    profile = Profile(1, "Olga", "olga", "olga@example.com", role="user")
    found = find_or_create(profile)
    assert (found, found.is_active) == (person, False)


@pytest.mark.parametrize("way", ["patch", "delete"])
def test_whom_the_directory_sync_has_blocked_stays_blocked_until_both_agree(
    directory: Directory, olga: Any, way: str
) -> None:
    person, path = account(olga), f"/Users/{olga['id']}"
    PachcaAccount.objects.create(person_id=person.pk, pachca_user_id=7)

    def sync_with(*, suspended: bool) -> bool:
        roster = Roster(in_sandbox=False, is_complete=True)
        roster.add({"id": 7, "first_name": "Olga", "role": "user", "suspended": suspended})
        sync(roster)
        return User.objects.get(pk=person.pk).is_active

    sync_with(suspended=False)
    assert not sync_with(suspended=True)
    directory.patch(path, {"op": "replace", "value": {"active": True}})
    assert not User.objects.get(pk=person.pk).is_active

    if way == "delete":
        directory.call("DELETE", path)
    else:
        directory.patch(path, {"op": "replace", "value": {"active": False}})
    assert not sync_with(suspended=False)

    if way == "delete":
        assert directory.add_user("olga@example.com", **OLGA).status_code == 201
    else:
        directory.patch(path, {"op": "replace", "value": {"active": True}})
    assert sync_with(suspended=False)


def test_the_provider_does_not_unblock_who_has_left_pachca(directory: Directory, olga: Any) -> None:
    person, path = account(olga), f"/Users/{olga['id']}"
    Member.objects.create(pachca_user_id=7, person=person, is_blocked=True)
    User.objects.filter(pk=person.pk).update(is_active=False)

    for is_active in (False, True):
        directory.patch(path, {"op": "replace", "value": {"active": is_active}})

    assert not account(olga).is_active
    assert not ScimUser.objects.get().is_blocked


def test_the_address_of_a_deleted_user_is_free(directory: Directory, olga: Any) -> None:
    directory.call("DELETE", f"/Users/{olga['id']}")

    response = directory.add_user("olga2", emails=[{"value": "olga@example.com"}])

    assert response.status_code == 201
    assert account(response.json()).email == "olga@example.com"


@pytest.fixture
def chief(root: User, sockets: Any) -> Any:
    """A superuser whom another superuser has linked in the admin."""
    confirm_email(root, "root@example.com")
    return ScimUser.objects.create(person=root, user_name="root")


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_the_last_superuser_is_never_blocked(
    directory: Directory, chief: ScimUser, method: str
) -> None:
    path = f"/Users/{chief.scim_id}"

    if method == "DELETE":
        response = directory.call("DELETE", path)
    else:
        response = directory.patch(path, {"op": "replace", "value": {"active": False}})

    assert response.status_code == 403
    assert "last superuser" in response.json()["detail"]
    assert User.objects.get(pk=chief.person_id).is_active


def test_another_superuser_can_be_blocked_and_not_restored_by_the_provider_alone(
    directory: Directory, chief: ScimUser
) -> None:
    User.objects.create_superuser("other")

    assert directory.call("DELETE", f"/Users/{chief.scim_id}").status_code == 204
    response = directory.add_user("root", emails=[{"value": "evil@example.com"}])

    assert response.status_code == 403
    assert not User.objects.get(pk=chief.person_id).is_active


def test_the_address_of_somebody_with_rights_of_their_own_is_not_changed(
    directory: Directory, chief: ScimUser
) -> None:
    response = directory.patch(
        f"/Users/{chief.scim_id}",
        {"op": "add", "path": "emails", "value": [{"value": "evil@example.com"}]},
    )

    assert response.status_code == 403
    assert User.objects.get(pk=chief.person_id).email == "root@example.com"


def test_everything_is_in_the_audit_log(directory: Directory, olga: Any) -> None:
    directory.patch(f"/Users/{olga['id']}", {"op": "replace", "value": {"active": False}})
    directory.call("DELETE", f"/Users/{olga['id']}")

    events = AuditEvent.objects.order_by("pk")
    assert {event.actor_name for event in events} == {"SCIM"}
    assert {event.address for event in events} == {"127.0.0.1"}
    assert [event.action for event in events] == [
        "provisioned",
        "provision_changed",
        "account_ended",
        "deprovisioned",
    ]


def test_a_list_takes_the_same_queries_for_any_number_of_users(
    directory: Directory, sockets: Any, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        emails = [{"value": f"p{number}@example.com"}]
        user = directory.add_user(f"p{number}", emails=emails).json()
        directory.add_group(f"group {number}", user["id"])

    # Two of them begin and end a transaction.
    with django_assert_num_queries(6):
        found = directory.find("/Users", count=3)
    with django_assert_num_queries(6):
        directory.find("/Users", filter='emails co "example" and groups pr')

    assert (found["totalResults"], found["itemsPerPage"]) == (5, 3)
    assert found["Resources"][0]["groups"][0]["display"] == "group 0"


def test_pages_and_counts_have_limits(directory: Directory, sockets: Any) -> None:
    for number in range(3):
        directory.add_user(f"p{number}")

    page = directory.find("/Users", startIndex=2, count=1, sortBy="userName")
    assert [each["userName"] for each in page["Resources"]] == ["p1"]
    assert directory.find("/Users", startIndex=10**30)["totalResults"] == 3
    assert directory.find("/Users", count=0).get("Resources", []) == []
    assert directory.find("/Users", count=10**30)["itemsPerPage"] == 3
    assert len(directory.find("/Users", attributes="userName")["Resources"][0]) == 3
    assert "meta" not in directory.find("/Users", excludedAttributes="meta")["Resources"][0]
