from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from twitter.models import ApiKey


def test_a_key_tells_its_owner_and_is_not_kept(ann):
    made, key = ApiKey.objects.make(ann, "laptop")

    assert ApiKey.objects.owner_of(key) == ann
    assert key not in str(ApiKey.objects.filter(pk=made.pk).values())
    assert key.startswith(made.prefix)


def test_a_wrong_key_is_nobodys(ann):
    _, key = ApiKey.objects.make(ann, "laptop")

    assert ApiKey.objects.owner_of(key[:-1] + "~") is None
    assert ApiKey.objects.owner_of("") is None


def test_a_revoked_key_is_nobodys(ann):
    made, key = ApiKey.objects.make(ann, "laptop")

    made.revoke()

    assert ApiKey.objects.owner_of(key) is None


def test_the_key_of_a_blocked_person_is_nobodys(ann):
    _, key = ApiKey.objects.make(ann, "laptop")

    ann.is_active = False
    ann.save()

    assert ApiKey.objects.owner_of(key) is None


def test_keys_outlive_a_change_of_the_secret_key(ann, settings):
    _, key = ApiKey.objects.make(ann, "laptop")

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"

    assert ApiKey.objects.owner_of(key) == ann


@pytest.mark.parametrize("key", ["", "test", "x" * 9, "x" * 201])
def test_a_key_of_the_wrong_length_is_refused(ann, key):
    with pytest.raises(ValidationError):
        ApiKey.objects.adopt(ann, "laptop", key)


@pytest.mark.parametrize("debug", [True, False])
def test_a_demo_key_opens_nothing_where_debug_is_off(ann, settings, debug):
    ApiKey.objects.adopt_for_demo(ann, "demo", "test")

    settings.DEBUG = debug

    assert ApiKey.objects.owner_of("test") == (ann if debug else None)


def test_the_use_of_a_key_is_noted_once_a_minute(ann, django_assert_num_queries):
    made, key = ApiKey.objects.make(ann, "laptop")

    with django_assert_num_queries(2):
        ApiKey.objects.owner_of(key)
    with django_assert_num_queries(1):
        ApiKey.objects.owner_of(key)

    made.refresh_from_db()
    assert made.last_used_at is not None
    assert timezone.now() - made.last_used_at < timedelta(minutes=1)
