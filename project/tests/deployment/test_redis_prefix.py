"""Several installations may share one Redis: all that one writes there begins with its prefix."""

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from channels.layers import get_channel_layer
from django.conf import settings
from websockets.sync.client import connect

from core.settings.environment import embedded_broker_url
from project.tests.conftest import Instance, wait_for
from project.tests.test_settings import sources

PREFIX = "acme.test"
# One for each client of Redis that these calls make write.
KINDS = {"orders", "history", "limit"}


def literals(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_name_in_redis_is_written_out_in_the_code() -> None:
    found = [
        (source.name, text)
        for source in sources()
        for text in literals(source)
        if text.startswith("svyaz:")
    ]

    assert found == []


def test_every_setting_that_names_things_in_redis_has_the_prefix() -> None:
    prefix = settings.REDIS_PREFIX

    assert settings.CACHES["default"]["KEY_PREFIX"] == prefix
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] == f"{prefix}:"


def test_there_is_no_channel_layer_which_would_connect_to_redis_in_its_own_way() -> None:
    assert get_channel_layer() is None


@pytest.mark.slow
def test_a_running_site_writes_only_names_with_its_prefix(
    build_house: Callable[..., Instance],
) -> None:
    instance = build_house(REDIS_PREFIX=PREFIX, BOTS_FSM_STORAGE="RedisStorage")
    world = instance.world()
    bot, person = world["bots"][0], world["people"][0]
    message = {"entity_type": "user", "entity_id": bot["id"], "content": "/vote"}
    with (
        redis.Redis.from_url(embedded_broker_url(instance.var / "run")) as broker,
        connect(f"{instance.url.replace('http', 'ws')}/ws") as socket,
    ):
        join = {"eventName": "system.join", "payload": {"room": "feed"}, "headers": {}}
        socket.send(json.dumps(join))
        instance.api("POST", "/messages", person["token"], json={"message": message})
        instance.call(
            "POST", "/api/tweets", json={"tweet_data": "hello"}, headers={"api-key": "test"}
        )

        def names() -> list[str]:
            found = [*broker.keys("*"), *broker.pubsub_channels("*")]
            return [name.decode() for name in found]

        wait_for(lambda: {name.split(":")[1] for name in names() if ":" in name} >= KINDS)
        written = names()

    assert [name for name in written if not name.startswith(f"{PREFIX}:")] == []
