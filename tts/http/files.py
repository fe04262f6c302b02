"""The files, served right from the ASGI layer: their names are hashes that nobody can guess."""

import asyncio
import logging
import re
import time
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DatabaseError

from tts import actions, tracks
from tts.models import Audio
from tts.storage import NAME, BrokenTrack

logger = logging.getLogger(__name__)

Headers = list[tuple[bytes, bytes]]

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
# Bytes hold for ever what their hash says.
KEEP = b"private, max-age=31536000, immutable"
NOT_KEPT = (b"cache-control", b"no-store")
# Seconds between two notes that a track is in use.
NOTE_EVERY = 3600.0
MOST_NOTES = 10_000


class NotSatisfiable(Exception):
    """The range begins after the end of the file."""


class TrackFiles:
    """`GET /…/<hash>.mp3`, with ranges, ETag and HEAD."""

    def __init__(self) -> None:
        self._noted: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        found = NAME.fullmatch(scope["url_route"]["kwargs"]["name"])
        if scope["method"] not in ("GET", "HEAD"):
            await answer(send, 405, [(b"allow", b"GET, HEAD")])
        elif found is None:
            await answer(send, 404, [NOT_KEPT])
        else:
            await self._send(scope, send, found[1])

    async def _send(self, scope: Any, send: Any, track: str) -> None:
        try:
            data = await self._data(track)
        except ConnectionError as error:
            logger.error("Track %s cannot be fetched: %s", track, error)
            await answer(send, 503, [NOT_KEPT, (b"retry-after", b"5")])
            return
        if data is None:
            await answer(send, 404, [NOT_KEPT])
            return
        await serve(scope, send, track, data)
        self._note(track)

    async def _data(self, track: str) -> bytes | None:
        data = tracks.kept.find(track)
        if data is not None:
            return data
        try:
            return await asyncio.to_thread(tracks.kept.read, track)
        except BrokenTrack as broken:
            await sync_to_async(note_broken)(track, str(broken))
            return None

    def _note(self, track: str) -> None:
        """Note, once an hour, that the track is played, and let nobody wait for it."""
        now = time.monotonic()
        if now - self._noted.get(track, -NOTE_EVERY) < NOTE_EVERY:
            return
        if len(self._noted) >= MOST_NOTES:
            self._noted.clear()
        self._noted[track] = now
        task = asyncio.create_task(sync_to_async(note_use)(track))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def serve(scope: Any, send: Any, track: str, data: bytes) -> None:
    asked = dict(scope["headers"])
    etag = f'"{track}"'.encode()
    headers = [
        (b"etag", etag),
        (b"cache-control", KEEP),
        (b"accept-ranges", b"bytes"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if etag in asked.get(b"if-none-match", b""):
        await answer(send, 304, headers)
        return
    try:
        part = range_of(asked, etag, len(data))
    except NotSatisfiable:
        await answer(send, 416, [*headers, (b"content-range", b"bytes */%d" % len(data))])
        return
    status, headers = 200, [*headers, (b"content-type", b"audio/mpeg")]
    if part is not None:
        place = b"bytes %d-%d/%d" % (part.start, part.stop - 1, len(data))
        status, headers = 206, [*headers, (b"content-range", place)]
        data = data[part.start : part.stop]
    await answer(send, status, headers, data, with_body=scope["method"] == "GET")


async def answer(
    send: Any, status: int, headers: Headers, data: bytes = b"", *, with_body: bool = True
) -> None:
    if status != 304:
        headers = [*headers, (b"content-length", b"%d" % len(data))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data if with_body else b""})


def range_of(asked: dict[bytes, bytes], etag: bytes, size: int) -> range | None:
    """Return the bytes that are asked for; None for all of them. Raises NotSatisfiable.

    What is not one range of bytes, or is meant for another file, is no range (RFC 9110, 14.2).
    """
    found = RANGE.fullmatch(asked.get(b"range", b"").decode("latin-1").strip())
    if not found or found.groups() == ("", "") or asked.get(b"if-range", etag) != etag:
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


def note_use(track: str) -> None:
    try:
        actions.note_use(track)
    except DatabaseError as error:
        logger.warning("That %s was played is not noted: %s", track, error)


def note_broken(track: str, reason: str) -> None:
    try:
        for audio in Audio.objects.filter(hash=track):
            actions.break_audio(audio, reason)
    except DatabaseError as error:
        logger.warning("That %s is broken is not noted: %s", track, error)
