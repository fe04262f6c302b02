"""The environment is read strictly, and a refusal is one sentence that tells no secret."""

import stat

import pytest

from project.environment import (
    LONGEST_SOCKET_PATH,
    Environment,
    Misconfigured,
    celery_url,
    embedded_broker_url,
    kept_secret,
    required_in_production,
)


class Given(Environment):
    """Variables made up for a test."""

    def __init__(self, **variables: str) -> None:
        super().__init__()
        self.ENVIRON = variables  # type: ignore[assignment]  # any mapping will do


def test_an_empty_variable_counts_as_unset():
    env = Given(PORT="", DEBUG=" ", REDIS_URL="")

    assert env.int("PORT", default=8000) == 8000
    assert env.bool("DEBUG", default=True) is True
    assert env.broker("REDIS_URL") == ""


def test_well_formed_values_are_read_as_their_type():
    env = Given(PORT="8001", DEBUG="off", LEASE="1.5", HOSTS="a.example, b.example,", KEY="$pure")

    assert env.int("PORT", default=8000) == 8001
    assert env.bool("DEBUG", default=True) is False
    assert env.float("LEASE", default=30.0) == 1.5
    assert env.list("HOSTS", default=[]) == ["a.example", "b.example"]
    assert env.str("KEY", default="") == "$pure"


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (lambda env: env.int("X", default=1), "abc", "X must be a whole number, not “abc”."),
        (lambda env: env.float("X", default=1.0), "1,5", "X must be a number, not “1,5”."),
        (lambda env: env.bool("X", default=True), "maybe", "X must be 1 or 0, not “maybe”."),
        (lambda env: env.choice("X", ("a", "b"), "a"), "c", "X must be one of a, b, not “c”."),
        (lambda env: env.time_zone("X", "UTC"), "Mars", "X must be a time zone, not “Mars”."),
    ],
)
def test_a_malformed_value_is_refused_in_one_sentence(read, value, sentence):
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
    ],
)
def test_a_malformed_address_is_refused_and_not_quoted(url):
    with pytest.raises(Misconfigured) as refused:
        Given(DATABASE_URL=url).db("DATABASE_URL", default="sqlite:///x")

    assert "DATABASE_URL" in str(refused.value)
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize("url", ["redis://h:6379/0", "rediss://:p@h/1", "unix:///run/valkey.sock"])
def test_the_addresses_of_brokers_are_taken_as_they_are(url):
    assert Given(REDIS_URL=url).broker("REDIS_URL") == url


def test_an_address_of_something_else_is_no_broker():
    with pytest.raises(Misconfigured, match="REDIS_URL must be an address"):
        Given(REDIS_URL="amqp://h").broker("REDIS_URL")


def test_production_names_all_that_is_missing_at_once():
    with pytest.raises(Misconfigured, match=r"^A, B and C are not set, and DEBUG is off\."):
        required_in_production(debug=False, A="", B=[], C="", D="there")


def test_debug_needs_nothing():
    required_in_production(debug=True, A="", B=[])


def test_a_kept_secret_stays_and_is_for_its_owner_alone(tmp_path):
    file = tmp_path / "run" / "key"

    first, second = kept_secret(file), kept_secret(file)

    assert first == second
    assert len(first) >= 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_embedded_broker_has_a_socket_where_its_path_is_short_enough(tmp_path):
    long = tmp_path / ("x" * LONGEST_SOCKET_PATH)

    assert embedded_broker_url(tmp_path.parent).startswith("unix://")
    assert embedded_broker_url(long).startswith("redis://127.0.0.1:")
    assert embedded_broker_url(long) == embedded_broker_url(long)


def test_celery_spells_sockets_its_own_way():
    assert celery_url("unix:///run/v.sock?db=0") == "redis+socket:///run/v.sock?virtual_host=0"
    assert celery_url("redis://h/0") == "redis://h/0"
