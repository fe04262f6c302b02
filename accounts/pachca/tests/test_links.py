"""Who may link Pachca accounts, since the owner of one signs in with it."""

import pytest
from django.test import Client

from accounts.pachca.models import PachcaGrant
from accounts.roles.definitions import ADMINISTRATOR
from bots.models import PachcaAccount
from twitter.models import User

ADD = "/admin/bots/pachcaaccount/add/"


@pytest.fixture
def admin(client: Client, ann: User) -> User:
    """An administrator who is no superuser, signed in."""
    ann.groups.add(ADMINISTRATOR.group)
    User.objects.filter(pk=ann.pk).update(is_staff=True)
    client.force_login(ann)
    return ann


@pytest.fixture
def link_of_root(root: User) -> PachcaAccount:
    return PachcaAccount.objects.link(root, 7, in_sandbox=True)


def path_of(link: PachcaAccount, page: str = "change") -> str:
    return f"/admin/bots/pachcaaccount/{link.pk}/{page}/"


def fields(person: User, number: int) -> dict[str, object]:
    return {"person": person.pk, "pachca_user_id": number, "in_sandbox": "on"}


def test_administrators_link_people_but_no_superusers(
    client: Client, admin: User, root: User
) -> None:
    client.post(ADD, fields(root, 8))
    assert not PachcaAccount.objects.exists()

    client.post(ADD, fields(admin, 9))
    link = PachcaAccount.objects.get(person=admin)
    client.post(path_of(link), fields(root, 9))
    link.refresh_from_db()
    assert link.person == admin


def test_administrators_change_no_link_of_a_superuser(
    client: Client, admin: User, link_of_root: PachcaAccount
) -> None:
    changed = client.post(path_of(link_of_root), fields(admin, 7))
    deleted = client.post(path_of(link_of_root, "delete"), {"post": "yes"})
    client.post(
        "/admin/bots/pachcaaccount/",
        {"action": "delete_selected", "_selected_action": [link_of_root.pk], "post": "yes"},
    )

    assert (changed.status_code, deleted.status_code) == (403, 403)
    link_of_root.refresh_from_db()
    assert (link_of_root.person.username, link_of_root.pachca_user_id) == ("root", 7)


def test_a_page_of_a_superuser_does_not_offer_links_to_change(
    client: Client, admin: User, root: User, link_of_root: PachcaAccount
) -> None:
    page = client.get(f"/admin/twitter/user/{root.pk}/change/").content.decode()
    own = client.get(f"/admin/twitter/user/{admin.pk}/change/").content.decode()

    assert 'name="pachca_accounts-0-pachca_user_id"' not in page
    assert 'name="pachca_accounts-__prefix__-pachca_user_id"' in own


def test_superusers_link_superusers(client: Client, root: User) -> None:
    client.force_login(root)

    client.post(ADD, fields(root, 8))
    link = PachcaAccount.objects.get(person=root)
    client.post(path_of(link), fields(root, 9))

    link.refresh_from_db()
    assert link.pachca_user_id == 9


def test_a_token_does_not_move_to_another_person(ann: User, root: User) -> None:
    link = PachcaAccount.objects.link(root, 7, in_sandbox=True)
    PachcaGrant.objects.create(account=link, token="secret")

    PachcaAccount.objects.link(root, 7, in_sandbox=True)
    assert PachcaGrant.objects.exists()
    PachcaAccount.objects.link(ann, 7, in_sandbox=True)
    assert not PachcaGrant.objects.exists()


def test_a_token_goes_when_the_pachca_account_changes(root: User) -> None:
    link = PachcaAccount.objects.link(root, 7, in_sandbox=True)
    PachcaGrant.objects.create(account=link, token="secret")

    link.pachca_user_id = 8
    link.save()

    assert not PachcaGrant.objects.exists()
