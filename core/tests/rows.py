"""Restoring the rows of the database after a test whose transactions were committed."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

Rows = list[tuple[Any, ...]]


def make_restore() -> Callable[..., None]:
    """Return a function that restores the rows that the tables have now.

    Django truncates every table and creates permissions again, which loses what migrations inserted
    and takes PostgreSQL half a second: each table becomes a new file. Few tables have any rows.
    """
    tables = _tables()
    original = {table: rows for table in tables if (rows := _read(table))}
    empty = [table for table in tables if table not in original]

    def restore(*_: object) -> None:
        with transaction.atomic():
            _clear(_used(empty))
            changed = [table for table, rows in original.items() if _read(table) != rows]
            _clear(changed)
            for table in changed:
                _insert(table, original[table])

    return restore


def _tables() -> list[str]:
    """Return the tables of models and, on SQLite, of search indexes, which are no models."""
    models = connection.introspection.django_table_names(only_existing=True, include_views=False)
    if connection.vendor != "sqlite":
        return models
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%%'")
        return [*models, *(name for (name,) in cursor.fetchall())]


def _used(tables: list[str]) -> list[str]:
    """Return those of the tables that have rows."""
    each = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {_quote(table)})" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return [table for (table,) in cursor.fetchall()]


def _read(table: str) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {_quote(table)} ORDER BY 1")
        rows: Rows = cursor.fetchall()
        return rows


def _clear(tables: list[str]) -> None:
    """Delete all rows, in any order: foreign keys are checked at the commit."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {_quote(table)}")


def _insert(table: str, rows: Rows) -> None:
    values = ", ".join(["%s"] * len(rows[0]))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {_quote(table)} VALUES ({values})", rows)


def _quote(table: str) -> str:
    return connection.ops.quote_name(table)
