from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, SettingsWrapper

from core.scopes import Scope
from twitter.models import ApiKey


def test_a_key_tells_its_owner_and_is_not_kept(ann: Any) -> None:
    made, key = ApiKey.objects.make(ann, "laptop")

    assert ApiKey.objects.find_owner(key) == ann
    assert key not in str(ApiKey.objects.filter(pk=made.pk).values())
    assert key.startswith(made.prefix)


def test_a_wrong_key_is_nobodys(ann: Any) -> None:
    _, key = ApiKey.objects.make(ann, "laptop")

    assert ApiKey.objects.find_owner(key[:-1] + "~") is None
    assert ApiKey.objects.find_owner("") is None


def test_a_revoked_key_is_nobodys(ann: Any) -> None:
    made, key = ApiKey.objects.make(ann, "laptop")

    made.revoke()

    assert ApiKey.objects.find_owner(key) is None


def test_the_key_of_a_blocked_person_is_nobodys(ann: Any) -> None:
    _, key = ApiKey.objects.make(ann, "laptop")

    ann.is_active = False
    ann.save()

    assert ApiKey.objects.find_owner(key) is None


def test_keys_outlive_a_change_of_the_secret_key(ann: Any, settings: SettingsWrapper) -> None:
    _, key = ApiKey.objects.make(ann, "laptop")

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"

    assert ApiKey.objects.find_owner(key) == ann


@pytest.mark.parametrize("key", ["", "test", "x" * 9, "x" * 201])
def test_a_key_of_the_wrong_length_is_refused(ann: Any, key: Any) -> None:
    with pytest.raises(ValidationError):
        ApiKey.objects.adopt(ann, "laptop", key)


@pytest.mark.parametrize("debug", [True, False])
def test_a_demo_key_opens_nothing_where_debug_is_off(
    ann: Any, settings: SettingsWrapper, debug: bool
) -> None:
    ApiKey.objects.adopt_for_demo(ann, "demo", "test")

    settings.DEBUG = debug

    assert ApiKey.objects.find_owner("test") == (ann if debug else None)


def test_the_use_of_a_key_is_noted_once_a_minute(
    ann: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made, key = ApiKey.objects.make(ann, "laptop")

    with django_assert_num_queries(2):
        ApiKey.objects.find_owner(key)
    with django_assert_num_queries(1):
        ApiKey.objects.find_owner(key)

    made.refresh_from_db()
    assert made.last_used_at is not None
    assert timezone.now() - made.last_used_at < timedelta(minutes=1)


def test_using_a_key_moves_it_to_the_new_secret_key(ann: Any, settings: SettingsWrapper) -> None:
    former = settings.SECRET_KEY
    _, used = ApiKey.objects.make(ann, "laptop")
    unused, _ = ApiKey.objects.make(ann, "phone")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [former], "another"

    ApiKey.objects.find_owner(used)

    assert list(ApiKey.objects.hashed_with_former_secret()) == [unused]
    settings.SECRET_KEY_FALLBACKS = []
    assert ApiKey.objects.find_owner(used) == ann


def test_a_key_survives_two_changes_of_the_secret_key(ann: Any, settings: SettingsWrapper) -> None:
    _, key = ApiKey.objects.make(ann, "laptop")

    for secret in ("second", "third"):
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], secret
        assert ApiKey.objects.find_owner(key) == ann


def test_a_revoked_key_is_not_moved(ann: Any, settings: SettingsWrapper) -> None:
    made, key = ApiKey.objects.make(ann, "laptop")
    made.revoke()
    stored = made.hash
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"

    assert ApiKey.objects.find_owner(key) is None

    made.refresh_from_db()
    assert made.hash == stored


def test_an_expired_key_is_nobodys(ann: Any) -> None:
    soon = timezone.now() + timedelta(seconds=60)
    made, key = ApiKey.objects.make(ann, "laptop", expires_at=soon)
    assert ApiKey.objects.find_owner(key) == ann

    ApiKey.objects.filter(pk=made.pk).update(expires_at=timezone.now())

    assert ApiKey.objects.find_owner(key) is None
    assert ApiKey.objects.get(pk=made.pk).is_expired


def test_a_key_carries_its_scopes_at_no_further_query(
    ann: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _, key = ApiKey.objects.make(ann, "laptop", scopes="read speech")
    ApiKey.objects.find_owner(key)  # notes the use

    with django_assert_num_queries(1):
        owner = ApiKey.objects.find_owner(key)

    assert owner.key_scopes == {"read", "speech"}
    assert ann.key_scopes is None


def test_a_key_of_before_may_be_used_for_everything(ann: Any) -> None:
    made, key = ApiKey.objects.make(ann, "laptop")

    assert ApiKey.objects.find_owner(key).key_scopes == set(Scope)
    assert made.scope_labels() == "everything"


def test_a_key_with_some_scopes_says_so(ann: Any) -> None:
    made, _ = ApiKey.objects.make(ann, "laptop", scopes="read speech")

    assert made.scope_labels() == "read the microblog and its events, synthesise speech"
