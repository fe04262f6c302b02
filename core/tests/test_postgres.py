"""Pooled connections to PostgreSQL: what the server has closed is never given out."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no pool"),
]


def ask() -> int:
    """Ask on a connection of the pool and give it back; return the server's number for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        number: int = cursor.fetchone()[0]
    connection.close()
    return number


def ask_often() -> set[int]:
    """Ask on every connection of the pool: it gives out first what has been back for longest."""
    return {ask() for _ in range(connection.pool.max_size + 1)}  # type: ignore[attr-defined]  # PostgreSQL's


@pytest.fixture
def server() -> Iterator[Any]:
    """A connection beside the pool."""
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as beside:
        yield beside


def test_what_the_server_has_closed_is_not_given_out(server: Any) -> None:
    closed = ask_often()
    for number in closed:
        server.execute("SELECT pg_terminate_backend(%s, 5000)", [number])

    assert closed.isdisjoint(ask_often())


def test_what_has_something_to_say_is_given_out_all_the_same(server: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("LISTEN something")
    listening = ask()
    server.execute("NOTIFY something")

    assert listening in ask_often()
