import pytest
from django.test import Client

from twitter.actions import hide_tweet, leave, post_tweet
from twitter.api.gate import Gate, gate
from twitter.models import ApiKey, Tweet, User
from twitter.tests.conftest import caller
from twitter.tests.factories import make_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_redis(broker):
    """A Redis of the test's own, so that nobody else's calls are counted."""
    gate.cache_clear()


def me(key):
    return Client(headers={"api-key": key}).get("/api/users/me").status_code


def test_a_known_key_costs_no_query(django_assert_num_queries):
    _, key = ApiKey.objects.make(make_person("ann"), "laptop")
    gate().owner_of(key, "here")

    with django_assert_num_queries(0):
        assert gate().owner_of(key, "here").username == "ann"


def test_a_revoked_key_is_refused_at_once_by_every_process(broker):
    made, key = ApiKey.objects.make(make_person("ann"), "laptop")
    another = Gate(gate()._redis)
    for process in (gate(), another):
        process.owner_of(key, "here")

    made.revoke()

    assert me(key) == 401
    with pytest.raises(Exception, match="not valid"):
        another.owner_of(key, "here")


def test_who_left_is_refused_at_once(sockets):
    ann = make_person("ann")
    _, key = ApiKey.objects.make(ann, "laptop")
    assert me(key) == 200

    leave(User.objects.create_superuser("root"), ann, keeps_tweets=True)

    assert me(key) == 401


def test_a_new_name_is_told_at_once(sockets):
    client = caller(make_person("ann", "Анна"))

    client.patch("/api/users/me", {"name": "Аня"}, "application/json")
    client.post("/api/tweets", {"tweet_data": "x"}, "application/json")

    assert sockets.heard[-1][1]["author"]["name"] == "Аня"


def test_too_many_calls_with_one_key_are_refused(settings):
    client = caller(make_person("ann"))
    settings.API_CALLS_PER_KEY = 3

    answers = [client.get("/api/users/me") for _ in range(5)]

    assert answers[-1].status_code == 429
    assert answers[-1].json()["error_type"] == "throttled"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert caller(make_person("bob")).get("/api/users/me").status_code == 200


def test_nobody_tries_out_keys(settings):
    _, key = ApiKey.objects.make(make_person("ann"), "laptop")
    settings.API_CALLS_PER_STRANGER = 3

    answers = [me(f"guess-number-{n}") for n in range(6)]

    assert answers[0] == 401
    assert answers[-1] == 429
    assert me(key) == 429  # not even the right one counts any more


def test_the_calls_of_who_signed_in_are_counted_too(settings, client):
    client.force_login(make_person("ann"))
    settings.API_CALLS_PER_KEY = 2

    assert [client.get("/api/users/me").status_code for _ in range(4)][-1] == 429


def test_without_redis_keys_are_looked_up_and_nothing_is_counted(broker, settings):
    settings.API_CALLS_PER_KEY = 1
    _, key = ApiKey.objects.make(make_person("ann"), "laptop")
    broker.stop()

    assert [me(key) for _ in range(3)] == [200, 200, 200]


def test_rights_are_asked_for_anew_on_each_call(sockets):
    ann = make_person("ann")
    client = caller(ann)
    tweet = post_tweet(make_person("bob"), "привет")
    hide_tweet(User.objects.create_superuser("root"), post_tweet(ann, "x"), "")

    assert client.delete(f"/api/tweets/{tweet.pk}").status_code == 403
    ann.user_permissions.add(*ann.user_permissions.model.objects.filter(codename="moderate"))
    assert client.delete(f"/api/tweets/{tweet.pk}").status_code == 200
    assert not Tweet.objects.feed()
