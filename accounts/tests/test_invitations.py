"""Invitations: made by staff, used once, and of no use to anybody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from accounts import actions
from accounts.models import Invitation
from accounts.tests.conftest import PASSWORD, link_in, path_to
from twitter.models import User

JOINED = {
    "name": "Вера Орлова",
    "username": "vera",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


@pytest.fixture
def host(db: Any) -> User:
    """Somebody who may invite, and nothing else."""
    person = User.objects.create_user("host", name="Host", password=PASSWORD)
    person.user_permissions.add(Permission.objects.get(codename="add_invitation"))
    return person


def test_an_invited_person_joins_and_is_signed_in(client: Any, root: Any) -> None:
    _made, token = actions.invite(root, name="Вера", is_staff=True)

    page = client.get(path_to(token))
    response = client.post(path_to(token), JOINED)

    assert 'value="Вера"' in page.content.decode()
    assert response.url == "/"
    person = User.objects.get(username="vera")
    assert client.session["_auth_user_id"] == str(person.pk)
    assert (person.is_staff, person.is_superuser) == (True, False)
    assert person.check_password(PASSWORD)


def test_a_link_works_once(client: Any, root: Any) -> None:
    _made, token = actions.invite(root)
    client.post(path_to(token), JOINED)

    again = Client().post(path_to(token), JOINED | {"username": "eve"})

    assert again.status_code == 410
    assert not User.objects.filter(username="eve").exists()


def test_a_link_expires(client: Any, root: Any) -> None:
    invitation, token = actions.invite(root)
    Invitation.objects.filter(pk=invitation.pk).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )

    assert client.get(path_to(token)).status_code == 410
    assert client.post(path_to(token), JOINED).status_code == 410


def test_a_link_is_not_in_the_database(root: Any) -> None:
    invitation, token = actions.invite(root)

    assert token not in str(Invitation.objects.filter(pk=invitation.pk).values().get())


@pytest.mark.parametrize("token", ["x", "1", "%00", "я" * 100])
def test_a_made_up_link_leads_nowhere(client: Any, db: Any, token: Any) -> None:
    assert client.get(f"/invitations/{token}").status_code == 410


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"username": "ROOT"}, "already exists"),
        ({"username": "a b"}, "Enter a valid username"),
        ({"password2": "other"}, "didn’t match"),
        ({"password1": "12345678", "password2": "12345678"}, "too common"),
        ({"name": ""}, "required"),
    ],
)
def test_what_cannot_be_is_refused_and_the_link_stays_good(
    client: Any, root: Any, changed: Any, complaint: str
) -> None:
    _made, token = actions.invite(root)

    refused = client.post(path_to(token), JOINED | changed)

    assert refused.status_code == 400
    assert complaint in refused.content.decode()
    assert client.post(path_to(token), JOINED).status_code == 302


def test_a_mailed_invitation_confirms_the_address(client: Any, root: Any) -> None:
    client.force_login(root)

    client.post("/invitations", {"email": "Vera@example.com", "name": "Вера"})

    (message,) = mail.outbox
    assert message.to == ["vera@example.com"]
    link = link_in(message.body)
    browser = Client()
    browser.post(link, JOINED)
    person = User.objects.get(username="vera")
    assert person.email == "vera@example.com"
    assert person.emailaddress_set.get().verified
    assert link not in client.get("/invitations").content.decode()


def test_an_invitation_that_cannot_be_mailed_is_withdrawn(
    client: Any, root: Any, settings: SettingsWrapper
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.force_login(root)

    page = client.post("/invitations", {"email": "vera@example.com"}, follow=True)

    assert "did not take the invitation" in page.content.decode()
    assert not Invitation.objects.open().exists()


def test_a_link_without_an_address_is_shown_once(client: Any, host: Any) -> None:
    client.force_login(host)

    page = client.post("/invitations", {"name": "Вера"}, follow=True).content.decode()

    link = link_in(page.partition('id="new-link"')[2])
    assert Client().get(link).status_code == 200
    assert link not in client.get("/invitations").content.decode()


def test_only_those_who_may_invite_do(client: Any, root: Any, host: Any) -> None:
    plain = User.objects.create_user("plain")
    client.force_login(plain)

    assert client.get("/invitations").status_code == 403
    assert client.post("/invitations", {"name": "x"}).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.invite(plain)


def test_only_administrators_give_rights(client: Any, host: Any) -> None:
    client.force_login(host)
    group = Group.objects.create(name="Chiefs")

    client.post("/invitations", {"name": "x", "is_staff": "on", "groups": [group.pk]})

    invitation = Invitation.objects.get()
    assert (invitation.is_staff, list(invitation.groups.all())) == (False, [])
    with pytest.raises(PermissionDenied):
        actions.invite(host, is_superuser=True)
    with pytest.raises(PermissionDenied):
        actions.invite(host, groups=[group])


def test_an_invitation_brings_its_groups(client: Any, root: Any) -> None:
    group = Group.objects.create(name="Chiefs")
    _made, token = actions.invite(root, groups=[group])

    client.post(path_to(token), JOINED)

    assert list(User.objects.get(username="vera").groups.all()) == [group]


def test_revoking_ends_a_link(client: Any, root: Any) -> None:
    invitation, token = actions.invite(root)
    client.force_login(root)

    client.post(f"/invitations/{invitation.pk}/revoke")

    assert Client().get(path_to(token)).status_code == 410


def test_an_existing_person_chooses_a_password(client: Any, root: Any, ann: Any) -> None:
    other = Client()
    other.force_login(ann)
    _made, token = actions.invite(root, person=ann)
    new = "a completely new phrase"

    response = client.post(path_to(token), {"password1": new, "password2": new})

    assert response.url == "/"
    assert User.objects.get(pk=ann.pk).check_password(new)
    assert other.get("/account").status_code == 302


def test_a_second_invitation_replaces_the_first(root: Any, ann: Any) -> None:
    first, _token = actions.invite(root, person=ann)
    actions.invite(root, person=ann)

    first.refresh_from_db()
    assert first.state == "revoked"


def test_nobody_takes_over_an_administrator(root: Any, ann: Any) -> None:
    ann.user_permissions.add(Permission.objects.get(codename="change_user"))

    with pytest.raises(PermissionDenied):
        actions.invite(User.objects.get(pk=ann.pk), person=root)


def test_a_blocked_person_does_not_get_in_by_a_link(client: Any, root: Any, ann: Any) -> None:
    _made, token = actions.invite(root, person=ann)
    ann.is_active = False
    ann.save()

    client.post(path_to(token), {"password1": PASSWORD, "password2": PASSWORD})

    assert "_auth_user_id" not in client.session


def test_who_is_signed_in_is_asked_to_sign_out_first(client: Any, root: Any) -> None:
    _made, token = actions.invite(root)
    client.force_login(root)

    page = client.get(path_to(token)).content.decode()

    assert "You are signed in" in page
    assert Invitation.objects.open().exists()


def test_the_admin_makes_links_for_people(client: Any, root: Any, ann: Any) -> None:
    client.force_login(root)
    sent = {"action": "invite_to_choose_a_password", "_selected_action": [ann.pk]}

    page = client.post("/admin/twitter/user/", sent, follow=True).content.decode()

    link = link_in(page.partition("<code>")[2])
    assert "You sign in as ann" in Client().get(link).content.decode()


def test_the_first_administrator_comes_by_the_command_line(
    client: Any, db: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("invite", "--superuser", "--name", "Ольга")

    client.post(link_in(capsys.readouterr().out), JOINED)
    assert User.objects.get(username="vera").is_superuser


def test_the_command_line_knows_who_is_there(ann: Any, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("invite", "--username", "ANN")

    assert "/invitations/" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no account"):
        call_command("invite", "--username", "eve")
    with pytest.raises(CommandError, match="no rights"):
        call_command("invite", "--username", "ann", "--superuser")


def test_whoever_got_an_account_meanwhile_is_led_to_sign_in(client: Any, root: Any) -> None:
    _made, token = actions.invite(root, email="vera@example.com")
    other = User.objects.create_user("other")
    actions.confirm_email(other, "vera@example.com")

    response = client.post(path_to(token), JOINED)

    assert response.status_code == 410
    assert "already have an account" in response.content.decode()
    assert not User.objects.filter(username="vera").exists()
