"""Whose account a person of Pachca has here."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from pytest_django.fixtures import SettingsWrapper

from accounts.pachca.avatars import AvatarRunner, refresh_avatar
from accounts.pachca.models import AvatarDownload
from accounts.pachca.people import (
    AddressInUse,
    ForeignAddress,
    NoAccount,
    NotAnEmployee,
    Profile,
    find_or_create,
)
from accounts.pachca.tasks import fetch_avatar, sweep
from accounts.privacy.deletion import request_deletion
from bots.models import PachcaAccount
from jobs.rows import LostClaim, State
from twitter.models import User
from twitter.tests.factories import picture

pytestmark = pytest.mark.django_db

PICTURE = picture().read()

VERA = {
    "id": 12,
    "first_name": "Вера",
    "last_name": "Орлова",
    "nickname": "vera",
    "email": "Vera@example.com",
    "role": "user",
    "suspended": False,
    "invite_status": "confirmed",
    "bot": False,
    "image_url": None,
}


@pytest.fixture
def vera() -> Profile:
    return Profile.parse(VERA)


def test_the_first_time_an_account_is_created_and_linked(vera: Profile) -> None:
    person = find_or_create(vera)

    assert (person.username, person.name, person.email) == ("vera", "Вера Орлова", "")
    assert not person.has_usable_password()
    link = PachcaAccount.objects.get(person=person)
    assert (link.pachca_user_id, link.in_sandbox) == (12, False)


def test_the_second_time_it_is_found(vera: Profile) -> None:
    person = find_or_create(vera)

    assert find_or_create(replace(vera, name="New", nickname="new")) == person
    assert User.objects.count() == 1


def test_an_account_linked_by_code_is_found(ann: User, vera: Profile) -> None:
    PachcaAccount.objects.link(ann, 12, in_sandbox=False)

    assert find_or_create(vera) == ann
    assert find_or_create(replace(vera, in_sandbox=True)) != ann


def test_a_linked_account_that_is_blocked_gets_no_second_one(ann: User, vera: Profile) -> None:
    PachcaAccount.objects.link(ann, 12, in_sandbox=False)
    User.objects.update(is_active=False)

    assert find_or_create(vera) == ann


def test_a_username_alone_links_nothing(ann: User, vera: Profile) -> None:
    person = find_or_create(replace(vera, nickname="ann"))

    assert (person != ann, person.username) == (True, "ann-2")


def test_an_address_in_use_is_refused_unless_it_counts_as_confirmed(
    ann: User, vera: Profile, settings: SettingsWrapper
) -> None:
    profile = replace(vera, email="ann@example.com")

    with pytest.raises(AddressInUse):
        find_or_create(profile)
    settings.PACHCA_TRUST_EMAIL = True
    assert find_or_create(profile) == ann
    assert find_or_create(profile) == ann
    with pytest.raises(AddressInUse):  # the address now belongs to somebody else in Pachca
        find_or_create(replace(profile, id=13))


def test_an_address_that_is_unconfirmed_here_links_nothing(
    ann: User, vera: Profile, settings: SettingsWrapper
) -> None:
    settings.PACHCA_TRUST_EMAIL = True
    ann.emailaddress_set.update(verified=False)

    with pytest.raises(AddressInUse):
        find_or_create(replace(vera, email="ann@example.com"))


def test_a_trusted_address_is_taken_over(vera: Profile, settings: SettingsWrapper) -> None:
    settings.PACHCA_TRUST_EMAIL = True

    person = find_or_create(vera)

    assert person.email == "vera@example.com"
    assert person.emailaddress_set.get().verified


@pytest.mark.parametrize(
    "change",
    [
        {"role": "guest"},
        {"role": "multi_guest"},
        {"role": ""},
        {"is_bot": True},
        {"is_suspended": True},
        {"is_confirmed": False},
    ],
)
def test_only_employees_get_in(vera: Profile, change: dict[str, Any]) -> None:
    with pytest.raises(NotAnEmployee):
        find_or_create(replace(vera, **change))
    assert not User.objects.exists()


def test_only_the_companys_domains_get_in(vera: Profile, settings: SettingsWrapper) -> None:
    settings.PACHCA_EMAIL_DOMAINS = ["Example.com"]

    find_or_create(vera)
    for email in ("", "eve@example.com.evil.example"):
        with pytest.raises(ForeignAddress):
            find_or_create(replace(vera, id=13, email=email))


def test_creating_can_be_ruled_out(vera: Profile) -> None:
    with pytest.raises(NoAccount):
        find_or_create(vera, create=False)
    assert find_or_create(vera) == find_or_create(vera, create=False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_trusted", [False, True])
def test_concurrent_first_sign_ins_create_one_account(
    vera: Profile, settings: SettingsWrapper, is_trusted: bool
) -> None:
    settings.PACHCA_TRUST_EMAIL = is_trusted
    barrier = Barrier(4)

    def sign_in(_: int) -> int:
        try:
            barrier.wait()
            return find_or_create(vera).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        found = set(threads.map(sign_in, range(4)))

    assert found == {User.objects.get().pk}


@pytest.mark.parametrize("pk", [None, "12", 0, -1, 2**63, True])
def test_a_profile_needs_a_number(pk: Any) -> None:
    with pytest.raises(ValueError, match="number"):
        Profile.parse({**VERA, "id": pk})


def test_odd_profiles_make_accounts_too() -> None:
    odd = {"id": 5, "role": "user", "first_name": "\0\ud800\u202e", "email": "x" * 300}

    person = find_or_create(Profile.parse(odd))

    assert person.username
    assert person.name


def test_a_worker_fetches_the_avatar(
    vera: Profile, pictures: str, settings: SettingsWrapper, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, settings.SANDBOX_API_URL = tmp_path, pictures
    url = f"{pictures}/face.png"

    person = find_or_create(replace(vera, image_url=url, in_sandbox=True))
    sweep()
    fetch_avatar(AvatarDownload.objects.get().pk)

    person.refresh_from_db()
    assert default_storage.exists(str(person.avatar.name))
    assert AvatarDownload.objects.get().state == State.DONE


def test_an_avatar_of_ones_own_stays(
    vera: Profile, pictures: str, settings: SettingsWrapper, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, settings.SANDBOX_API_URL = tmp_path, pictures
    url = f"{pictures}/face.png"
    person = find_or_create(replace(vera, image_url=url, in_sandbox=True))
    User.objects.update(avatar="avatars/own.webp")

    fetch_avatar(AvatarDownload.objects.get().pk)

    person.refresh_from_db()
    assert person.avatar.name == "avatars/own.webp"


def test_a_picture_that_changes_while_it_is_fetched_is_fetched_again(
    vera: Profile, settings: SettingsWrapper, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    person = find_or_create(replace(vera, image_url="https://example.com/old.png"))
    pk = AvatarDownload.objects.get().pk
    old = AvatarDownload.objects.claim(pk)
    assert old is not None

    refresh_avatar(person, "https://example.com/new.png")
    new = AvatarDownload.objects.claim(pk)

    assert new is not None
    with pytest.raises(LostClaim):
        AvatarRunner().complete(old, PICTURE)
    assert not default_storage.exists("avatars")
    AvatarRunner().complete(new, PICTURE)
    assert User.objects.get(pk=person.pk).avatar_url


def test_a_deleted_account_gets_no_picture(
    vera: Profile, settings: SettingsWrapper, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    person = find_or_create(replace(vera, image_url="https://example.com/face.png"))
    job = AvatarDownload.objects.claim(AvatarDownload.objects.get().pk)
    assert job is not None
    request_deletion(person)

    AvatarRunner().complete(job, PICTURE)

    assert User.objects.get(pk=person.pk).avatar_url == ""
    assert AvatarDownload.objects.get().state == State.DONE


def test_internal_addresses_are_not_fetched(vera: Profile, pictures: str) -> None:
    find_or_create(replace(vera, image_url=f"{pictures}/face.png"))

    fetch_avatar(AvatarDownload.objects.get().pk)

    job = AvatarDownload.objects.get()
    assert "not a public address" in job.error
    assert job.state == State.WAITING


def test_what_is_no_picture_is_given_up(
    vera: Profile, pictures: str, settings: SettingsWrapper
) -> None:
    settings.SANDBOX_API_URL = pictures
    person = find_or_create(replace(vera, image_url=f"{pictures}/text", in_sandbox=True))

    fetch_avatar(AvatarDownload.objects.get().pk)

    assert AvatarDownload.objects.get().state == State.FAILED
    assert User.objects.get(pk=person.pk).avatar_url == ""
