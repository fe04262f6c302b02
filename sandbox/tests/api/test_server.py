"""The sandbox under a real web server: the official SDK, the dispatcher, an open page."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application
from pachca.client import PachcaClient
from pachca.models import (
    BotWebhookSelfUpdateRequest,
    BotWebhookSelfUpdateRequestWebhook,
    ChatCreateRequest,
    ChatCreateRequestChat,
    FileType,
    FileUploadRequest,
    ListChatMessagesParams,
    MessageCreateRequest,
    MessageCreateRequestFile,
    MessageCreateRequestMessage,
    MessageEntityType,
    MessageUpdateRequest,
    MessageUpdateRequestMessage,
    ReactionRequest,
    RemoveReactionParams,
)
from pytest_django.fixtures import SettingsWrapper
from websockets.asyncio.client import connect

from realtime.endpoints.websocket import EventConsumer
from realtime.rooms.bus import bus
from realtime.testing import broker as broker
from sandbox.webhooks.dispatcher import DispatcherLifespan

application = DispatcherLifespan(
    ProtocolTypeRouter(
        {
            "http": get_asgi_application(),
            "websocket": AuthMiddlewareStack(EventConsumer.as_asgi()),
        }
    )
)
pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def serving(settings: Any) -> Iterator[Any]:
    config = uvicorn.Config(application, port=0, log_config=None, ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    settings.SITE_URL = f"http://127.0.0.1:{port}"
    settings.SANDBOX_API_URL = f"{settings.SITE_URL}/sandbox/api/shared/v1"
    try:
        yield settings.SITE_URL
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def site(settings: SettingsWrapper, broker: Any) -> Iterator[Any]:
    settings.REALTIME_BUS = "realtime.rooms.bus.RedisBus"
    bus.cache_clear()
    with serving(settings) as url:
        yield url


@pytest.fixture
async def sdk(site: Any, bot: Any, settings: SettingsWrapper) -> AsyncIterator[Any]:
    client = PachcaClient(bot.token, settings.SANDBOX_API_URL)
    yield client
    await client.close()
    # The SDK's own transport does not close the one that it wraps.
    wrapper: Any = client._client._transport
    await wrapper._transport.aclose()


def message_to(entity_id: Any, content: Any, **more: Any) -> Any:
    return MessageCreateRequest(
        message=MessageCreateRequestMessage(entity_id=entity_id, content=content, **more)
    )


async def test_the_sdk_sends_reads_edits_and_deletes_messages(
    sdk: Any, bot: Any, chat: Any
) -> None:
    made = await sdk.messages.create_message(message_to(chat.pk, "hello"))
    read = await sdk.messages.get_message(made.id)
    edit = MessageUpdateRequest(message=MessageUpdateRequestMessage(content="bye"))
    edited = await sdk.messages.update_message(made.id, edit)
    listed = await sdk.messages.list_chat_messages_all(ListChatMessagesParams(chat_id=chat.pk))
    await sdk.messages.delete_message(made.id)

    assert (made.content, read.user_id, edited.content) == ("hello", bot.pk, "bye")
    assert [each.id for each in listed] == [made.id]


async def test_the_sdk_comments_reacts_and_pins(sdk: Any, bot: Any, ann: Any, chat: Any) -> None:
    made = await sdk.messages.create_message(
        message_to(ann.pk, "hi", entity_type=MessageEntityType.USER)
    )
    thread = await sdk.threads.create_thread(made.id)
    comment = await sdk.messages.create_message(
        message_to(thread.id, "also", entity_type=MessageEntityType.THREAD)
    )
    reaction = await sdk.reactions.add_reaction(made.id, ReactionRequest(code="👍"))
    await sdk.reactions.remove_reaction(made.id, RemoveReactionParams(code="👍"))
    await sdk.messages.pin_message(made.id)

    assert comment.chat_id == thread.chat_id
    assert (reaction.code, reaction.user_id) == ("👍", bot.pk)
    assert (await sdk.threads.get_thread(thread.id)).message_id == made.id


async def test_the_sdk_uploads_a_file(sdk: Any, chat: Any) -> None:
    params = await sdk.common.get_upload_params()
    fields = {name: value for name, value in vars(params).items() if name != "direct_url"}
    await sdk.common.upload_file(params.direct_url, FileUploadRequest(**fields, file=b"bytes"))

    key = params.key.replace("${filename}", "upload")
    file = MessageCreateRequestFile(key=key, name="upload", file_type=FileType.FILE, size=5)
    made = await sdk.messages.create_message(message_to(chat.pk, "", files=[file]))

    assert made.files[0].key == key


async def test_the_sdk_sees_people_chats_itself_and_its_history(
    sdk: Any, ann: Any, bot: Any, chat: Any
) -> None:
    profile = await sdk.profile.get_profile()
    users = await sdk.users.list_users_all()
    body = ChatCreateRequest(chat=ChatCreateRequestChat(name="New", member_ids=[ann.pk]))
    made = (await sdk.chats.create_chat(body)).data
    chats = await sdk.chats.list_chats_all()
    hook = BotWebhookSelfUpdateRequestWebhook(outgoing_url="https://example.com/hook")
    changed = await sdk.bots.self_update_bot_webhook(BotWebhookSelfUpdateRequest(webhook=hook))
    settings = await sdk.bots.get_bot(bot.pk)
    events = await sdk.bots.get_webhook_events()
    await sdk.bots.delete_webhook_event(events.data[0].id)
    token = await sdk.oauth.get_token_info()

    assert (profile.id, profile.bot) == (bot.pk, True)
    assert ann.pk in [user.id for user in users]
    assert {each.id for each in chats} == {made.id, chat.pk}
    assert changed.webhook.outgoing_url == settings.webhook.outgoing_url == hook.outgoing_url
    assert events.data[0].event_type == "chat_member_add"
    assert token.user_id == bot.pk


async def test_a_message_is_at_the_bot_and_on_the_page_at_once(
    site: Any, sdk: Any, ann: Any, bot: Any, chat: Any, fake_bot: Any
) -> None:
    bot.webhook_url = fake_bot.url
    await bot.asave()

    async with connect(f"ws{site[4:]}/ws", origin=site) as page:
        watch = {"eventName": "sandbox.watch", "payload": {"token": ann.token}, "headers": {}}
        await page.send(json.dumps(watch))
        await _receive(page, "sandbox.watching")
        made = await sdk.messages.create_message(message_to(chat.pk, "hello"))
        on_page = await _receive(page, "sandbox.message")
        traced = await _receive(page, "sandbox.trace")

    assert await asyncio.to_thread(fake_bot.called.wait, 2)
    assert fake_bot.received[-1].payload["id"] == made.id
    assert on_page["message"]["id"] == traced["message_id"] == made.id


async def _receive(page: Any, name: Any) -> Any:
    """Return the payload of the next event of this name."""
    async with asyncio.timeout(5):
        while True:
            event = json.loads(await page.recv())
            if event["eventName"] == name:
                return event["payload"]


def test_every_schema_file_is_shipped_with_its_licence() -> None:
    assert "MIT License" in (Path(__file__).parents[2] / "spec" / "LICENSE").read_text()
