"""Calls at the same time: each is one transaction, and the loser gets a 409."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from accounts.scim.models import ScimUser
from accounts.scim.tests.conftest import Directory
from twitter.models import User


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls at the same moment, in threads of their own."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait(10)
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.fixture
def directory(transactional_db: None, sockets: Any) -> Directory:
    return Directory()


def test_one_of_two_users_with_a_name_is_created(directory: Directory) -> None:
    directory.find("/Users")  # the first call of a process is slow

    answers = at_once(*[lambda: directory.add_user("olga@example.com")] * 4)

    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]
    assert ScimUser.objects.count() == User.objects.count() == 1


def test_one_of_two_users_with_an_address_is_created(directory: Directory) -> None:
    emails = [{"value": "olga@example.com"}]

    answers = at_once(
        lambda: directory.add_user("olga", emails=emails),
        lambda: directory.add_user("petrova", emails=emails),
    )

    assert sorted(each.status_code for each in answers) == [201, 409]
    assert User.objects.count() == 1


def test_members_that_are_added_at_the_same_time_are_all_added(directory: Directory) -> None:
    users = [directory.add_user(f"p{number}").json()["id"] for number in range(4)]
    path = f"/Groups/{directory.add_group('Sales').json()['id']}"

    def add(user: str) -> Any:
        return directory.patch(path, {"op": "add", "path": "members", "value": [{"value": user}]})

    answers = at_once(*[lambda user=user: add(user) for user in users])

    assert {each.status_code for each in answers} <= {200, 204}
    assert len(directory.find(path)["members"]) == 4


def test_two_superusers_are_not_blocked_at_the_same_time(directory: Directory) -> None:
    for name in ("ann", "bob"):
        person = User.objects.create_superuser(name)
        ScimUser.objects.create(person=person, user_name=name)
    paths = [f"/Users/{each.scim_id}" for each in ScimUser.objects.all()]

    answers = at_once(*[lambda path=path: directory.call("DELETE", path) for path in paths])

    assert sorted(each.status_code for each in answers) == [204, 403]
    assert User.objects.filter(is_active=True).count() == 1
