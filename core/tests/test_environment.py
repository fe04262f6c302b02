"""The environment is read strictly, and a refusal is one sentence that tells no secret."""

import stat
from pathlib import Path
from typing import Any

import pytest

from core.settings.environment import (
    MAX_SOCKET_PATH,
    Environment,
    Misconfigured,
    celery_url,
    check_pachca_client,
    check_single_sign_on,
    derive_secret,
    embedded_broker_url,
    make_directory,
    require_in_production,
    stored_secret,
)


class Given(Environment):
    """Variables made up for a test."""

    def __init__(self, **variables: str) -> None:
        super().__init__()
        self.ENVIRON = variables  # type: ignore[assignment]  # any mapping will do


def test_an_empty_variable_counts_as_unset() -> None:
    env = Given(PORT="", DEBUG=" ", REDIS_URL="")

    assert env.integer("PORT", 8000) == 8000
    assert env.bool("DEBUG", default=True) is True
    assert env.broker("REDIS_URL") == ""


def test_well_formed_values_are_read_as_their_type() -> None:
    env = Given(PORT="8001", DEBUG="off", LEASE="1.5", HOSTS="a.example, b.example,", KEY="$pure")

    assert env.integer("PORT", 8000) == 8001
    assert env.bool("DEBUG", default=True) is False
    assert env.number("LEASE", 30.0, low=1) == 1.5
    assert env.list("HOSTS", default=[]) == ["a.example", "b.example"]
    assert env.str("KEY", default="") == "$pure"


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (lambda env: env.integer("X", 1), "abc", "X must be a whole number, not “abc”."),
        (
            lambda env: env.integer("X", 1, high=9),
            "-1",
            "X must be a whole number from 1 to 9, not “-1”.",
        ),
        (
            lambda env: env.integer("X", 1, high=9),
            "10",
            "X must be a whole number from 1 to 9, not “10”.",
        ),
        (lambda env: env.number("X", 1.0, low=0), "1,5", "X must be a number, not “1,5”."),
        (
            lambda env: env.number("X", 1.0, low=0, high=9),
            "nan",
            "X must be a number from 0 to 9, not “nan”.",
        ),
        (
            lambda env: env.number("X", 1.0, low=0, high=9),
            "1e400",
            "X must be a number from 0 to 9, not “inf”.",
        ),
        (
            lambda env: env.apps("X"),
            "no_such_package.apps",
            "X contains “no_such_package.apps”, but there is no such package.",
        ),
        (
            lambda env: env.str("X", default=""),
            "a\x07",
            "X must be text in UTF-8 without control characters.",
        ),
        (
            lambda env: env.str("X", default=""),
            "a\udcff",
            "X must be text in UTF-8 without control characters.",
        ),
        (lambda env: env.bool("X", default=True), "maybe", "X must be 1 or 0, not “maybe”."),
        (lambda env: env.choice("X", ("a", "b"), "a"), "c", "X must be one of a, b, not “c”."),
        (
            lambda env: env.word("X", "svyaz"),
            "a:b",
            "X must consist of letters, digits, “-”, “_” and “.”, not “a:b”.",
        ),
        (lambda env: env.time_zone("X", "UTC"), "Mars", "X must be a time zone, not “Mars”."),
    ],
)
def test_a_malformed_value_is_refused_in_one_sentence(read: Any, value: str, sentence: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read(Given(X=value))

    assert str(refused.value) == f"{sentence} See .env.example."


@pytest.mark.parametrize(
    "url",
    [
        "foo",
        "mysql://u:hidden@host/db",
        "postgres://u:hidden@host:port/db",
        "postgres://u:hidden@h",
        "POSTGRES://u:hidden@h/db",
        "sqlite:///relative",
        "sqlite://",
    ],
)
def test_a_malformed_address_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        Given(DATABASE_URL=url).db("DATABASE_URL", default="sqlite:////x")

    assert "DATABASE_URL" in str(refused.value)
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize("port", ["", ":5433"])
def test_a_database_may_be_reached_by_the_directory_of_its_socket(port: str) -> None:
    url = f"postgres://svyaz@%2Frun%2Fpostgresql{port}/svyaz"

    config = Given(DATABASE_URL=url).db("DATABASE_URL", default="")

    assert config["HOST"] == "/run/postgresql"


@pytest.mark.parametrize(
    "url",
    [
        "REDIS://:hidden@h/0",
        "redis://:hidden@h/first",
        "redis://:hidden@h/0?socket_timeout=long",
        "unix://",
    ],
)
def test_a_malformed_address_of_a_broker_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        Given(REDIS_URL=url).broker("REDIS_URL")

    assert "REDIS_URL" in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_the_address_of_a_site_has_no_slash_at_its_end() -> None:
    assert Given(X="https://svyaz.example/").site("X", "") == "https://svyaz.example"


@pytest.mark.parametrize("url", ["svyaz.example", "ftp://h", "https://", "https://h/?a=b"])
def test_what_is_no_address_of_a_site_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured, match="X must be an address such as http"):
        Given(X=url).site("X", "")


def test_a_directory_that_cannot_be_created_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Misconfigured, match=r"VAR_DIR: cannot create .*file/var"):
        make_directory("VAR_DIR", tmp_path / "file/var")


@pytest.mark.parametrize("url", ["redis://h:6379/0", "rediss://:p@h/1", "unix:///run/valkey.sock"])
def test_the_addresses_of_brokers_are_taken_as_they_are(url: str) -> None:
    assert Given(REDIS_URL=url).broker("REDIS_URL") == url


def test_an_address_of_something_else_is_no_broker() -> None:
    with pytest.raises(Misconfigured, match="REDIS_URL must be an address"):
        Given(REDIS_URL="amqp://h").broker("REDIS_URL")


def test_production_names_all_that_is_missing_at_once() -> None:
    with pytest.raises(Misconfigured, match=r"^A, B and C are not set, and DEBUG is off\."):
        require_in_production(debug=False, A="", B=[], C="", D="there")


def test_only_production_needs_them() -> None:
    missing = {"A": "", "B": []}

    with pytest.raises(Misconfigured, match="A and B are not set"):
        require_in_production(debug=False, **missing)
    assert require_in_production(debug=True, **missing) is None  # type: ignore[func-returns-value]  # it returns


@pytest.mark.parametrize("values", [("id", ""), ("", "secret")])
def test_half_a_client_of_pachca_is_refused(values: tuple[str, str]) -> None:
    check_pachca_client("", "")
    check_pachca_client("id", "secret")

    with pytest.raises(Misconfigured, match="Set both"):
        check_pachca_client(*values)


def test_there_is_always_a_way_to_sign_in() -> None:
    check_single_sign_on("", has_passwords=False, client_id="", pachca_client_id="id")

    with pytest.raises(Misconfigured, match="neither"):
        check_single_sign_on("", has_passwords=False, client_id="")


def test_a_derived_secret_is_for_one_purpose() -> None:
    assert derive_secret("key", "a") == derive_secret("key", "a")
    assert len({derive_secret("key", "a"), derive_secret("key", "b"), derive_secret("k", "a")}) == 3


def test_a_kept_secret_stays_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "run" / "key"

    first, second = stored_secret(file), stored_secret(file)

    assert first == second
    assert len(first) >= 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_embedded_broker_has_a_socket_where_its_path_is_short_enough(tmp_path: Path) -> None:
    long = tmp_path / ("x" * MAX_SOCKET_PATH)

    assert embedded_broker_url(tmp_path.parent).startswith("unix://")
    assert embedded_broker_url(long).startswith("redis://127.0.0.1:")
    assert embedded_broker_url(long) == embedded_broker_url(long)


def test_celery_spells_sockets_its_own_way() -> None:
    assert celery_url("unix:///run/v.sock?db=0") == "redis+socket:///run/v.sock?virtual_host=0"
    assert celery_url("redis://h/0") == "redis://h/0"
