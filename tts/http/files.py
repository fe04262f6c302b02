"""Audio files, served directly by the ASGI layer. Their unguessable names are the authorisation."""

import asyncio
import logging
import re
import time
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DatabaseError

from core.asgi.responses import respond
from tts.models import Audio
from tts.storage import NAME, BrokenFile, cache, library

logger = logging.getLogger(__name__)

Headers = list[tuple[bytes, bytes]]

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
# A file never changes: its name is the hash of its bytes.
CACHE_FOREVER = b"private, max-age=31536000, immutable"
NO_STORE = (b"cache-control", b"no-store")
# Seconds between two records that a file is in use.
RECORD_INTERVAL = 3600.0
MAX_RECORDED = 10_000


class NotSatisfiable(Exception):
    """The range begins beyond the end of the file."""


class TrackFiles:
    """The ASGI application for `/tts/files/<hash>.mp3`: GET and HEAD with ranges and ETags."""

    def __init__(self) -> None:
        self._recorded_at: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        found = NAME.fullmatch(scope["url_route"]["kwargs"]["name"])
        if scope["method"] not in ("GET", "HEAD"):
            await respond(send, 405, headers=[(b"allow", b"GET, HEAD")])
        elif found is None:
            await respond(send, 404, headers=[NO_STORE])
        else:
            await self._send(scope, send, found[1])

    async def _send(self, scope: Any, send: Any, hash: str) -> None:
        try:
            data = await self._data(hash)
        except ConnectionError as error:
            logger.error("File %s cannot be fetched: %s", hash, error)
            await respond(send, 503, headers=[NO_STORE, (b"retry-after", b"5")])
            return
        if data is None:
            await respond(send, 404, headers=[NO_STORE])
            return
        await serve(scope, send, hash, data)
        self._record_use(hash)

    async def _data(self, hash: str) -> bytes | None:
        data = cache.files.find(hash)
        if data is not None:
            return data
        try:
            return await asyncio.to_thread(cache.files.read, hash)
        except BrokenFile as broken:
            await sync_to_async(mark_broken)(hash, str(broken))
            return None

    def _record_use(self, hash: str) -> None:
        """Record in the background, at most once an hour, that the file is in use."""
        now = time.monotonic()
        if now - self._recorded_at.get(hash, -RECORD_INTERVAL) < RECORD_INTERVAL:
            return
        if len(self._recorded_at) >= MAX_RECORDED:
            self._recorded_at.clear()
        self._recorded_at[hash] = now
        task = asyncio.create_task(sync_to_async(record_use)(hash))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def serve(scope: Any, send: Any, hash: str, data: bytes) -> None:
    """Respond with the bytes, the requested range of them, or 304."""
    request_headers = dict(scope["headers"])
    etag = f'"{hash}"'.encode()
    headers = [
        (b"etag", etag),
        (b"cache-control", CACHE_FOREVER),
        (b"accept-ranges", b"bytes"),
        (b"x-content-type-options", b"nosniff"),
    ]
    unless = request_headers.get(b"if-none-match", b"").strip()
    if unless == b"*" or etag in unless:
        await respond(send, 304, headers=headers)
        return
    try:
        part = range_of(request_headers, etag, len(data))
    except NotSatisfiable:
        await respond(send, 416, headers=[*headers, (b"content-range", b"bytes */%d" % len(data))])
        return
    status, headers = 200, [*headers, (b"content-type", b"audio/mpeg")]
    if part is not None:
        place = b"bytes %d-%d/%d" % (part.start, part.stop - 1, len(data))
        status, headers = 206, [*headers, (b"content-range", place)]
        data = data[part.start : part.stop]
    await respond(send, status, data, headers, with_body=scope["method"] == "GET")


def range_of(request_headers: dict[bytes, bytes], etag: bytes, size: int) -> range | None:
    """Return the requested bytes; None for all of them. Raises NotSatisfiable.

    Headers that don't name exactly one range of bytes, and ranges for another version of the file,
    are ignored (RFC 9110, 14.2).
    """
    found = RANGE.fullmatch(request_headers.get(b"range", b"").decode("latin-1").strip())
    if not found or found.groups() == ("", "") or request_headers.get(b"if-range", etag) != etag:
        return None
    first, last = (int(number[:18]) if number else None for number in found.groups())
    if first is None:
        start, stop = max(0, size - (last or 0)), size
    else:
        start, stop = first, size if last is None else min(last + 1, size)
        if last is not None and last < first:
            return None
    if start >= size:
        raise NotSatisfiable
    return range(start, stop)


def record_use(hash: str) -> None:
    try:
        library.record_use(hash)
    except DatabaseError as error:
        logger.warning("The use of file %s was not recorded: %s", hash, error)


def mark_broken(hash: str, reason: str) -> None:
    try:
        for audio in Audio.objects.filter(hash=hash):
            library.mark_broken(audio, reason)
    except DatabaseError as error:
        logger.warning("The broken file %s was not recorded: %s", hash, error)
