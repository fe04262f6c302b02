import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.test import TransactionTestCase
from django.utils import timezone

from core.tests.rows import make_restore

pytestmark = pytest.mark.django_db(transaction=True)


def rows_of(*kinds: type[models.Model]) -> list[list[tuple[object, ...]]]:
    return [list(kind._default_manager.order_by("pk").values_list()) for kind in kinds]


def test_what_was_inserted_changed_and_deleted_is_undone() -> None:
    watchers = Group.objects.create(name="Watchers")
    watchers.permissions.set(Permission.objects.all()[:3])
    restore, before = make_restore(), rows_of(Group, Group.permissions.through, Session, Permission)

    Session.objects.create(session_key="k", session_data="", expire_date=timezone.now())
    Group.objects.create(name="Guests").permissions.set(Permission.objects.all()[:2])
    watchers.permissions.clear()
    Permission.objects.update(name="changed")
    Group.objects.filter(name="Watchers").delete()
    restore()

    assert rows_of(Group, Group.permissions.through, Session, Permission) == before


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL indexes columns of tables")
def test_a_search_index_is_emptied() -> None:
    restore = make_restore()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO twitter_tweet_terms (rowid, terms) VALUES (1, 'word')")

        restore()

        cursor.execute("SELECT count(*) FROM twitter_tweet_terms")
        assert cursor.fetchone() == (0,)


def test_django_restores_by_this_after_a_test_that_commits() -> None:
    """If this fails, Django calls something else: see django_db_setup in conftest.py."""
    kinds = rows_of(ContentType)
    Group.objects.create(name="Guests")

    TransactionTestCase()._post_teardown()  # type: ignore[attr-defined]  # private

    assert not Group.objects.filter(name="Guests").exists()
    assert rows_of(ContentType) == kinds
