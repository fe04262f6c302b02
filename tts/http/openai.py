"""OpenAI's speech call, as its clients speak it."""

import base64
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import wraps
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from tts import engines, live
from tts.audio.formats import FORMATS
from tts.engines.engine import Voice
from tts.errors import BadWish, SpeechError
from tts.http.bodies import BadBody, json_of, text_at
from tts.http.callers import caller_of
from tts.synthesis import Piece, Wish, check
from tts.text.script import FASTEST, SLOWEST

logger = logging.getLogger(__name__)

LONGEST_INPUT = 4096
# The models and voices that OpenAI's clients name when they know of no others.
THEIR_MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")
THEIR_VOICES = {
    **dict.fromkeys(("alloy", "coral", "marin", "nova", "sage", "shimmer"), "female"),
    **dict.fromkeys(("ash", "ballad", "cedar", "echo", "fable", "onyx", "verse"), "male"),
}
SAMPLES = {
    "ru": "Здравствуйте! Так звучит мой голос.",
    "en": "Hello! This is how my voice sounds.",
}
# Neither a cache nor a proxy's buffer nor a compressor may hold up what is being spoken.
LIVE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Encoding": "identity",
    "X-Accel-Buffering": "no",
}


class Refusal(Exception):
    """What the caller is told instead of audio."""

    def __init__(self, message: str, param: str | None = None, *, status: int = 400) -> None:
        super().__init__(message)
        self.status, self.param = status, param

    def response(self) -> JsonResponse:
        kinds = {
            401: ("authentication_error", "invalid_api_key"),
            404: ("invalid_request_error", "model_not_found"),
            405: ("invalid_request_error", "method_not_supported"),
            429: ("rate_limit_error", "rate_limit_exceeded"),
            503: ("server_error", "service_unavailable"),
        }
        kind, code = kinds.get(self.status, ("invalid_request_error", None))
        error = {"message": str(self), "type": kind, "param": self.param, "code": code}
        headers = {"Retry-After": "2"} if self.status in (429, 503) else {}
        return JsonResponse({"error": error}, status=self.status, headers=headers)


View = Callable[..., Awaitable[HttpResponseBase]]
METHODS = {"GET": ("GET", "HEAD"), "POST": ("POST",)}


def call(method: str) -> Callable[[View], Callable[..., Any]]:
    """Let in who shows a key, by one method, and tell refusals as OpenAI does."""

    def decorate(view: View) -> Callable[..., Any]:
        @csrf_exempt  # a key is shown, never a cookie
        @wraps(view)
        async def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                if request.method not in METHODS[method]:
                    raise Refusal(f"Only {method}.", status=405)
                caller = await sync_to_async(caller_of)(request)
                if caller is None:
                    raise Refusal("Show a valid API key as a bearer.", status=401)
                return await view(request, caller, *args, **kwargs)
            except Refusal as refusal:
                return refusal.response()

        return wrapped

    return decorate


@dataclass(frozen=True)
class Order:
    """A request for speech, read and found good."""

    wish: Wish
    is_sse: bool


@call("POST")
async def speech(request: HttpRequest, caller: Any) -> HttpResponseBase:
    """Speak, and send the audio while it is made."""
    order = read_order(request)
    wish = await sync_to_async(settled)(order.wish)
    return await spoken(wish, caller, is_sse=order.is_sse)


async def spoken(wish: Wish, caller: Any, *, is_sse: bool = False) -> HttpResponseBase:
    """Return the audio, from its file if it was made before; raises Refusal."""
    if data := await sync_to_async(live.kept)(wish):
        return respond(wish, only(Piece(data, 0.0, 1.0)), is_sse=is_sse)
    await sync_to_async(give_connections_back)()
    pieces = live.studio().listen(wish, caller.pk)
    try:
        first = await anext(pieces)
    except live.TooManyListeners as error:
        raise Refusal(str(error), status=429) from error
    except SpeechError as error:
        logger.error("Speech could not be made: %s", error)
        raise Refusal(str(error), status=503) from error
    return respond(wish, resumed(first, pieces), is_sse=is_sse)


def give_connections_back() -> None:
    """Leave the database to others: a stream goes on long after its last query."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


@call("GET")
async def models(request: HttpRequest, caller: Any) -> HttpResponse:
    """List the engines of this machine, and OpenAI's names, under which the best one answers."""
    names = await sync_to_async(model_names)()
    listed = [{"id": name, "object": "model", "created": 0, "owned_by": "svyaz"} for name in names]
    return JsonResponse({"object": "list", "data": listed})


@call("GET")
async def voices(request: HttpRequest, caller: Any) -> HttpResponse:
    """List the voices, each with the address of a sample."""
    found = await sync_to_async(engines.voices)()
    return JsonResponse({"voices": [voice_shape(voice) for voice in found]})


@call("GET")
async def sample(request: HttpRequest, caller: Any, name: str) -> HttpResponseBase:
    """Let a voice introduce itself."""
    found = await sync_to_async(engines.voices)()
    voice = next((voice for voice in found if voice.name == name), None)
    if voice is None:
        raise Refusal(f"There is no voice {name[:50]!r}.", "voice", status=404)
    wish = Wish(SAMPLES.get(voice.language, SAMPLES["en"]), voice=voice.name)
    return await spoken(await sync_to_async(settled)(wish), caller)


def read_order(request: HttpRequest) -> Order:
    """Read the body; raises Refusal."""
    try:
        data = json_of(request)
        text = text_at(data, "input")
    except BadBody as error:
        raise Refusal(str(error), "input") from error
    if len(text) > LONGEST_INPUT:
        raise Refusal(f"input must have at most {LONGEST_INPUT} characters.", "input")
    return Order(
        Wish(
            text,
            voice=voice_of(data),
            engine=engine_of(data),
            speed=speed_of(data),
            format=one_of(data, "response_format", tuple(FORMATS)),
        ),
        one_of(data, "stream_format", ("audio", "sse")) == "sse",
    )


def voice_of(data: dict[str, Any]) -> str:
    voice = data.get("voice")
    if isinstance(voice, dict):
        voice = voice.get("id")
    if not isinstance(voice, str) or not voice:
        raise Refusal("voice must be the name of a voice.", "voice")
    return voice


def engine_of(data: dict[str, Any]) -> str:
    model = data.get("model")
    if not isinstance(model, str) or not model:
        raise Refusal("model must be the name of a model.", "model")
    if model in THEIR_MODELS:
        return ""
    if model not in engines.engines():
        raise Refusal(f"There is no model {model[:50]!r}.", "model", status=404)
    return model


def speed_of(data: dict[str, Any]) -> float:
    speed = data.get("speed")
    if speed is None:
        return 1.0
    if isinstance(speed, bool) or not isinstance(speed, (int, float)):
        raise Refusal("speed must be a number.", "speed")
    if not SLOWEST <= speed <= FASTEST:
        raise Refusal(f"speed must be between {SLOWEST} and {FASTEST}.", "speed")
    return float(speed)


def one_of(data: dict[str, Any], name: str, words: tuple[str, ...]) -> str:
    """Return one of `words`, the first of them where none is given."""
    word = data.get(name) or words[0]
    if not isinstance(word, str) or word not in words:
        raise Refusal(f"{name} must be one of {', '.join(words)}.", name)
    return word


def settled(wish: Wish) -> Wish:
    """Return the wish with its voice settled; OpenAI's own names stand for voices of that kind."""
    try:
        if gender := THEIR_VOICES.get(wish.voice):
            plain = check(Wish(wish.text, engine=wish.engine, speed=wish.speed))
            wish = Wish(**vars(wish) | {"voice": voice_like(plain, gender), "engine": plain.engine})
        return check(wish)
    except BadWish as error:
        raise Refusal(str(error)) from error


def voice_like(plain: Wish, gender: str) -> str:
    """Return a voice of that gender from the engine and for the language that are chosen anyway."""
    of_engine = engines.find(plain.engine).voices()
    chosen = next(voice for voice in of_engine if voice.name == plain.voice)
    alike = [v for v in of_engine if (v.language, v.gender) == (chosen.language, gender)]
    return (alike or [chosen])[0].name


def model_names() -> list[str]:
    return [*(name for name, it in engines.engines().items() if it.voices()), *THEIR_MODELS]


def voice_shape(voice: Voice) -> dict[str, str]:
    return {
        "id": voice.name,
        "name": voice.label,
        "language": voice.language,
        "gender": voice.gender,
        "engine": voice.engine,
        "licence": voice.licence,
        "sample": f"/v1/audio/voices/{voice.name}/sample",
    }


def respond(wish: Wish, pieces: AsyncIterator[Piece], *, is_sse: bool) -> HttpResponseBase:
    if is_sse:
        events, kind = as_events(len(wish.text), pieces), "text/event-stream"
    else:
        events, kind = as_bytes(pieces), FORMATS[wish.format].content_type
    return StreamingHttpResponse(events, content_type=kind, headers=LIVE_HEADERS)


async def only(piece: Piece) -> AsyncIterator[Piece]:
    yield piece


async def resumed(first: Piece, rest: Any) -> AsyncIterator[Piece]:
    async with aclosing(rest):
        yield first
        async for piece in rest:
            yield piece


async def as_bytes(pieces: Any) -> AsyncIterator[bytes]:
    async with aclosing(pieces):
        async for piece in pieces:
            if piece.data:
                yield piece.data


async def as_events(characters: int, pieces: Any) -> AsyncIterator[bytes]:
    async with aclosing(pieces):
        async for piece in pieces:
            if piece.data:
                audio = base64.b64encode(piece.data).decode()
                yield event({"type": "speech.audio.delta", "audio": audio})
    usage = {"input_tokens": characters, "output_tokens": 0, "total_tokens": characters}
    yield event({"type": "speech.audio.done", "usage": usage})


def event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()
