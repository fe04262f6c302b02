from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries, SettingsWrapper

from realtime.connections.identity import identify
from realtime.errors import Offence
from twitter.actions import hide_tweet, leave, post_tweet
from twitter.api.gate import Gate, gate
from twitter.models import ApiKey, Tweet, User
from twitter.tests.conftest import caller
from twitter.tests.factories import make_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_redis(broker: Any, start_of_window: Any) -> None:
    """A Redis of the test's own, so that no other calls are counted."""
    gate.cache_clear()


def me(key: Any) -> Any:
    return Client(headers={"api-key": key}).get("/api/users/me").status_code


def test_a_known_key_costs_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    _, key = ApiKey.objects.make(make_person("ann"), "laptop")
    gate().authenticate(key, "here")

    with django_assert_num_queries(0):
        assert gate().authenticate(key, "here").username == "ann"


def test_a_revoked_key_is_refused_at_once_by_every_process(settings: SettingsWrapper) -> None:
    made, key = ApiKey.objects.make(make_person("ann"), "laptop")
    another = Gate(settings.REDIS_URL)
    for process in (gate(), another):
        process.authenticate(key, "here")

    made.revoke()

    assert me(key) == 401
    with pytest.raises(Exception, match="not valid"):
        another.authenticate(key, "here")


def test_who_left_is_refused_at_once(sockets: Any) -> None:
    ann = make_person("ann")
    _, key = ApiKey.objects.make(ann, "laptop")
    assert me(key) == 200

    leave(User.objects.create_superuser("root"), ann, keeps_tweets=True)

    assert me(key) == 401


def test_a_new_name_is_told_at_once(sockets: Any) -> None:
    client = caller(make_person("ann", "Анна"))

    client.patch("/api/users/me", {"name": "Аня"}, "application/json")
    client.post("/api/tweets", {"tweet_data": "x"}, "application/json")

    assert sockets.received[-1][1]["author"]["name"] == "Аня"


def test_too_many_calls_with_one_key_are_refused(settings: SettingsWrapper) -> None:
    client = caller(make_person("ann"))
    settings.API_CALLS_PER_KEY = 3

    answers = [client.get("/api/users/me") for _ in range(5)]

    assert answers[-1].status_code == 429
    assert answers[-1].json()["error_type"] == "throttled"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert caller(make_person("bob")).get("/api/users/me").status_code == 200


def test_unknown_keys_are_throttled_per_address_and_valid_ones_pass(
    settings: SettingsWrapper,
) -> None:
    _, used = ApiKey.objects.make(make_person("ann"), "laptop")
    assert me(used) == 200
    settings.API_CALLS_PER_STRANGER = 3

    answers = [me(f"guess-number-{n}") for n in range(6)]

    assert answers == [401] * 3 + [429] * 3
    _, never_used = ApiKey.objects.make(make_person("bob"), "laptop")
    assert (me(used), me(never_used)) == (200, 200)
    elsewhere = Client(headers={"api-key": "a-guess"}, REMOTE_ADDR="10.9.8.7")
    assert elsewhere.get("/api/users/me").status_code == 401


def test_calls_with_valid_keys_do_not_count_as_guesses(settings: SettingsWrapper) -> None:
    settings.API_CALLS_PER_STRANGER = 2
    client = caller(make_person("ann"))

    for _ in range(5):
        client.get("/api/users/me")

    assert me("a-guess") == 401


@pytest.mark.parametrize("redis", ["here", "away"])
def test_a_guess_costs_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
    settings: SettingsWrapper,
    broker: Any,
    redis: str,
) -> None:
    settings.API_CALLS_PER_STRANGER = 1
    if redis == "away":
        broker.stop()

    for _ in range(3):
        with django_assert_num_queries(1):
            assert me("a-guess-of-a-key") in (401, 429)


@pytest.mark.parametrize(
    ("method", "path", "header"),
    [
        ("get", "/api/users/me", "api-key"),
        ("get", "/api/tweets", "api-key"),
        ("post", "/tts/get_track_for_route", "api-key"),
        ("get", "/v1/models", "authorization"),
    ],
)
def test_every_http_entry_throttles_unknown_keys_together(
    settings: SettingsWrapper, method: str, path: str, header: str
) -> None:
    settings.API_CALLS_PER_STRANGER = 1
    _, key = ApiKey.objects.make(make_person("ann"), "laptop")
    me("a-guess")

    def call(key: Any) -> Any:
        shown = f"Bearer {key}" if header == "authorization" else key
        return getattr(Client(headers={header: shown}), method)(path)

    refusal, accepted = call("another-guess"), call(key)

    assert refusal.status_code == 429
    assert 0 < int(refusal.headers["Retry-After"]) <= 60
    assert accepted.status_code not in (401, 429)


async def test_websockets_and_event_streams_throttle_unknown_keys(
    settings: SettingsWrapper,
) -> None:
    settings.API_CALLS_PER_STRANGER = 1
    ann = await database_sync_to_async(make_person)("ann")
    _, key = await database_sync_to_async(ApiKey.objects.make)(ann, "laptop")

    refusals = [await refusal_of(f"guess-{n}") for n in range(3)]

    assert refusals == [("invalid_key", 4401)] + [("too_many_keys", 4429)] * 2
    assert (await identify(scope_with(key))).user == ann


async def refusal_of(key: Any) -> Any:
    with pytest.raises(Offence) as caught:
        await identify(scope_with(key))
    return caught.value.code, caught.value.close_code


def scope_with(key: Any) -> Any:
    return {"headers": [(b"api-key", key.encode())], "client": ("10.1.1.1", 5000)}


async def test_a_connection_whose_key_was_revoked_does_not_count_as_a_guess(
    settings: SettingsWrapper,
) -> None:
    settings.API_CALLS_PER_STRANGER = 0
    ann = await database_sync_to_async(make_person)("ann")
    made, key = await database_sync_to_async(ApiKey.objects.make)(ann, "laptop")
    identity = await identify(scope_with(key))
    await database_sync_to_async(made.revoke)()

    assert await identity.credential.find_user() is None


def test_the_calls_of_who_signed_in_are_counted_too(settings: SettingsWrapper, client: Any) -> None:
    client.force_login(make_person("ann"))
    settings.API_CALLS_PER_KEY = 2

    assert [client.get("/api/users/me").status_code for _ in range(4)][-1] == 429


def test_without_redis_keys_are_looked_up_and_nothing_is_counted(
    broker: Any, settings: SettingsWrapper
) -> None:
    settings.API_CALLS_PER_KEY = 1
    _, key = ApiKey.objects.make(make_person("ann"), "laptop")
    broker.stop()

    assert [me(key) for _ in range(3)] == [200, 200, 200]


def test_rights_are_asked_for_anew_on_each_call(sockets: Any) -> None:
    ann = make_person("ann")
    client = caller(ann)
    tweet = post_tweet(make_person("bob"), "привет")
    hide_tweet(User.objects.create_superuser("root"), post_tweet(ann, "x"), "")

    assert client.delete(f"/api/tweets/{tweet.pk}").status_code == 403
    ann.user_permissions.add(*ann.user_permissions.model.objects.filter(codename="moderate"))
    assert client.delete(f"/api/tweets/{tweet.pk}").status_code == 200
    assert not Tweet.objects.feed()
