"""Audio responses: a file, a stream of bytes, or server-sent events."""

import base64
import json
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from tts.audio.formats import FORMATS
from tts.errors import SpeechError
from tts.http.openai.errors import ApiError
from tts.http.register import voice_headers
from tts.models import Audio
from tts.synthesis import Piece, SpeechSpec

logger = logging.getLogger(__name__)

# Caches, proxy buffers and compression would delay the stream.
LIVE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Encoding": "identity",
    "X-Accel-Buffering": "no",
}


def send_file(spec: SpeechSpec, audio: Audio, data: bytes, *, is_sse: bool) -> HttpResponseBase:
    """Send stored audio, with Content-Length unless as events."""
    headers = voice_headers(audio.spoken_by)
    if is_sse:
        return stream(spec, only(Piece(data, audio.duration, 1.0)), headers, is_sse=True)
    headers |= LIVE_HEADERS | {"Content-Length": str(len(data))}
    return HttpResponse(data, content_type=FORMATS[spec.format].content_type, headers=headers)


def stream(
    spec: SpeechSpec, pieces: AsyncIterator[Piece], headers: dict[str, str], *, is_sse: bool
) -> HttpResponseBase:
    if is_sse:
        events, kind = as_events(len(spec.text), pieces), "text/event-stream"
    else:
        events, kind = as_bytes(pieces), FORMATS[spec.format].content_type
    return StreamingHttpResponse(events, content_type=kind, headers=headers | LIVE_HEADERS)


async def only(piece: Piece) -> AsyncIterator[Piece]:
    yield piece


async def resumed(first: Piece, rest: Any) -> AsyncIterator[Piece]:
    async with aclosing(rest):
        yield first
        async for _, piece in rest:
            yield piece


async def as_bytes(pieces: Any) -> AsyncIterator[bytes]:
    async with aclosing(pieces):
        async for piece in pieces:
            if piece.data:
                yield piece.data


async def as_events(characters: int, pieces: Any) -> AsyncIterator[bytes]:
    """Yield the events. The status is sent already, so a failure becomes the last event."""
    usage = {"input_tokens": characters, "output_tokens": 0, "total_tokens": characters}
    last: dict[str, Any] = {"type": "speech.audio.done", "usage": usage}
    async with aclosing(pieces):
        try:
            async for piece in pieces:
                if piece.data:
                    audio = base64.b64encode(piece.data).decode()
                    yield event({"type": "speech.audio.delta", "audio": audio})
        except SpeechError as error:
            logger.error("A stream failed: %s", error)
            last = {"type": "error", "error": ApiError(str(error), status=503).error()}
    yield event(last)


def event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()
