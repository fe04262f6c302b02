import json
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from pytest_django.fixtures import SettingsWrapper

from realtime.endpoints.websocket import EventConsumer
from twitter.actions import post_tweet
from twitter.tests.factories import make_person

pytestmark = pytest.mark.django_db(transaction=True)


async def watching(user: Any = None) -> Any:
    """Connect, join those who hear of tweets, and return the connection with the first answer."""
    client = WebsocketCommunicator(EventConsumer.as_asgi(), "/ws")
    client.scope["user"] = user
    await client.connect()
    await client.send_json_to({"eventName": "system.join", "payload": {"room": "tweets"}})
    return client, await client.receive_json_from(3)


async def test_a_new_tweet_is_on_every_open_page_in_a_moment(broker: Any) -> None:
    ann = await database_sync_to_async(make_person)("ann", "Анна")
    client, answer = await watching(ann)

    tweet = await database_sync_to_async(post_tweet)(ann, "привет")
    heard = json.loads(await client.receive_from(3))

    assert answer["eventName"] == "system.joined"
    assert heard["eventName"] == "tweet.posted"
    assert heard["payload"]["id"] == tweet.pk
    await client.disconnect()


@pytest.mark.parametrize(("debug", "answer"), [(True, "system.joined"), (False, "error")])
async def test_strangers_may_watch_only_while_developing(
    broker: Any, settings: SettingsWrapper, debug: bool, answer: str
) -> None:
    settings.DEBUG = debug

    client, heard = await watching()

    assert heard["eventName"] == answer
    await client.disconnect()
