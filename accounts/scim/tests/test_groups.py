"""Groups of an identity provider: they give only what an administrator has allowed by a setting."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from pytest_django.fixtures import SettingsWrapper

from accounts.audit.models import AuditEvent
from accounts.roles.assignment import roles_of
from accounts.roles.definitions import ADMINISTRATOR, MODERATOR
from accounts.scim.models import ScimGroup, ScimUser
from accounts.scim.tests.conftest import GROUP, Directory
from twitter.models import User


@pytest.fixture
def olga(directory: Directory, sockets: Any) -> str:
    user: str = directory.add_user("olga").json()["id"]
    return user


def person() -> User:
    return ScimUser.objects.get(user_name="olga").person


def test_a_group_is_created_with_its_members_and_gives_nothing(
    directory: Directory, olga: str
) -> None:
    response = directory.add_group("Sales", olga)

    assert response.status_code == 201
    assert [each["value"] for each in response.json()["members"]] == [olga]
    assert list(person().groups.values_list("name", flat=True)) == ["Sales"]
    assert not person().is_staff
    assert not Group.objects.get(name="Sales").permissions.exists()
    groups = directory.find(f"/Users/{olga}")["groups"]
    assert groups == [
        {
            "value": response.json()["id"],
            "$ref": response.json()["meta"]["location"],
            "display": "Sales",
        }
    ]


@pytest.mark.parametrize("name", [ADMINISTRATOR.group_name, "Own", "own"])
def test_an_existing_group_cannot_be_taken_by_its_name(
    directory: Directory, olga: str, name: str
) -> None:
    own = Group.objects.create(name="Own")
    own.permissions.set(Permission.objects.all()[:3])

    response = directory.add_group(name, olga)

    assert response.status_code == (201 if name == "own" else 409)
    assert person().get_all_permissions() <= {"twitter.post_tweet"}


def test_a_group_cannot_be_renamed_to_an_existing_one(directory: Directory, olga: str) -> None:
    group = directory.add_group("Sales", olga).json()["id"]

    response = directory.patch(
        f"/Groups/{group}",
        {"op": "replace", "path": "displayName", "value": ADMINISTRATOR.group_name},
    )

    assert response.status_code == 409
    assert not roles_of(person())


def test_a_mapped_group_gives_its_role_and_takes_it(
    directory: Directory, olga: str, settings: SettingsWrapper
) -> None:
    settings.SCIM_GROUPS = {"idp-moderators": "moderator"}

    group = directory.add_group("idp-moderators", olga).json()["id"]
    assert roles_of(person()) == {"moderator"}
    assert person().is_staff

    directory.patch(f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{olga}"]'})
    assert roles_of(person()) == set()
    assert not person().is_staff
    directory.call("DELETE", f"/Groups/{group}")
    assert Group.objects.filter(name=MODERATOR.group_name).exists()


def test_members_that_were_not_given_by_the_provider_stay(
    directory: Directory, olga: str, ann: User, settings: SettingsWrapper
) -> None:
    settings.SCIM_GROUPS = {"idp-moderators": MODERATOR.group_name}
    MODERATOR.group.user_set.add(ann)

    group = directory.add_group("idp-moderators", olga)
    body = {"schemas": [GROUP], "displayName": "idp-moderators", "members": []}
    directory.call("PUT", f"/Groups/{group.json()['id']}", body)

    assert len(group.json()["members"]) == 1
    assert list(MODERATOR.group.user_set.all()) == [ann]


def test_only_groups_of_the_settings_make_staff_and_superusers(
    directory: Directory, olga: str, settings: SettingsWrapper, root: User
) -> None:
    settings.SCIM_STAFF_GROUPS, settings.SCIM_ADMIN_GROUPS = ["idp-staff"], ["idp-admins"]
    found = []

    staff = directory.add_group("idp-staff", olga).json()["id"]
    found.append((person().is_staff, person().is_superuser))
    admins = directory.add_group("idp-admins", olga).json()["id"]
    found.append((person().is_staff, person().is_superuser))
    directory.call("DELETE", f"/Groups/{admins}")
    found.append((person().is_staff, person().is_superuser))
    directory.patch(f"/Groups/{staff}", {"op": "remove", "path": "members"})
    found.append((person().is_staff, person().is_superuser))

    assert found == [(True, False), (True, True), (True, False), (False, False)]
    assert User.objects.get(pk=root.pk).is_superuser


def test_a_group_is_not_renamed_to_one_of_the_settings(
    directory: Directory, olga: str, settings: SettingsWrapper
) -> None:
    settings.SCIM_ADMIN_GROUPS = ["idp-admins"]
    group = directory.add_group("Sales", olga).json()["id"]

    response = directory.patch(
        f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": "idp-admins"}
    )

    assert (response.status_code, response.json()["scimType"]) == (400, "mutability")
    assert not person().is_superuser


def test_the_last_superuser_is_not_demoted(
    directory: Directory, olga: str, settings: SettingsWrapper
) -> None:
    settings.SCIM_ADMIN_GROUPS = ["idp-admins"]
    group = directory.add_group("idp-admins", olga).json()["id"]

    response = directory.patch(f"/Groups/{group}", {"op": "remove", "path": "members"})

    assert response.status_code == 403
    assert person().is_superuser
    assert person().groups.exists()


def test_members_must_be_users_of_scim(directory: Directory, olga: str, ann: User) -> None:
    for value in ("nobody", str(ann.pk), "8b1a9953-c461-4a6b-9f0e-9d1c2a5c1d2e"):
        response = directory.add_group("Sales", value)
        assert (response.status_code, response.json()["scimType"]) == (400, "invalidValue")

    assert not ScimGroup.objects.exists()
    assert not Group.objects.filter(name="Sales").exists()


def test_changes_of_members_are_in_the_audit_log(directory: Directory, olga: str) -> None:
    directory.add_group("Sales", olga)

    event = AuditEvent.objects.get(action="permissions")
    assert (event.actor_name, event.object_name) == ("SCIM", "Sales")


def test_members_are_not_looked_up_unless_they_are_wanted(
    directory: Directory, olga: str, django_assert_num_queries: Any
) -> None:
    for number in range(4):
        directory.add_group(f"group {number}", olga)

    with django_assert_num_queries(5):
        found = directory.find("/Groups")
    with django_assert_num_queries(4):
        short = directory.find("/Groups", excludedAttributes="members")

    assert all(each["members"] for each in found["Resources"])
    assert not any("members" in each for each in short["Resources"])
    path = f"/Groups/{found['Resources'][0]['id']}"
    assert "members" not in directory.find(path, attributes="displayName")
    assert "members" in directory.find(path, attributes=f"{GROUP}:members")


def test_groups_are_found_by_members_and_names(directory: Directory, olga: str) -> None:
    directory.add_group("Sales", olga)
    directory.add_group("Others")

    found = directory.find("/Groups", filter=f'members.value eq "{olga}" or displayName ew "x"')

    assert [each["displayName"] for each in found["Resources"]] == ["Sales"]
    by_name = directory.find("/Groups", filter='displayName eq "OTHERS"')
    assert by_name["totalResults"] == 1
