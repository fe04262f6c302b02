"""Superusers link accounts to users of the identity provider in the admin."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.scim.models import ScimUser
from accounts.scim.tests.conftest import Directory
from accounts.signals import account_deleted
from twitter.models import User


@pytest.fixture
def browser(root: User, sockets: Any) -> Client:
    client = Client()
    client.force_login(root)
    return client


def test_a_linked_account_is_found_by_the_provider(
    browser: Client, ann: User, directory: Directory
) -> None:
    data = {"person": ann.pk, "user_name": "Ann@example.com", "external_id": ""}

    assert browser.post(reverse("admin:scim_scimuser_add"), data).status_code == 302

    found = directory.find("/Users", filter='userName eq "ann@example.com"')
    assert found["totalResults"] == 1
    page = browser.get(reverse("admin:scim_scimuser_changelist"), {"q": "ann"})
    assert "Ann@example.com" in page.content.decode()


def test_a_user_name_is_linked_once(browser: Client, ann: User, root: User) -> None:
    ScimUser.objects.create(person=root, user_name="ann")
    data = {"person": ann.pk, "user_name": "ANN", "external_id": ""}

    page = browser.post(reverse("admin:scim_scimuser_add"), data)

    assert page.status_code == 200
    assert ScimUser.objects.count() == 1


def test_an_account_outlives_its_link(browser: Client, ann: User) -> None:
    row = ScimUser.objects.create(person=ann, user_name="ann")

    browser.post(reverse("admin:scim_scimuser_delete", args=[row.pk]), {"post": "yes"})

    assert not ScimUser.objects.exists()
    assert User.objects.get(pk=ann.pk).is_active


def test_an_account_that_was_deleted_by_its_owner_is_forgotten(ann: User) -> None:
    ScimUser.objects.create(person=ann, user_name="ann")

    account_deleted.send(sender=User, person=ann)

    assert not ScimUser.objects.exists()
