"""The supported calls of OpenAI's API."""

import logging
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from tts import engines
from tts.engines.engine import Voice
from tts.errors import SpeechError
from tts.http.openai.errors import ApiError, call
from tts.http.openai.parameters import OPENAI_MODEL, model_names, read_parameters, resolve_voice
from tts.http.openai.responses import resumed, send_file, stream
from tts.http.register import voice_headers
from tts.storage.library import speaker_of
from tts.synthesis import SpeechSpec, streams

logger = logging.getLogger(__name__)

SAMPLES = {
    "ru": "Здравствуйте! Так звучит мой голос.",
    "en": "Hello! This is how my voice sounds.",
}


@call("POST")
async def speech(request: HttpRequest, caller: Any) -> HttpResponseBase:
    """Speak a text, and send the audio while it is synthesised."""
    parameters = read_parameters(request)
    spec = await sync_to_async(resolve_voice)(parameters.spec)
    return await spoken(spec, caller, is_sse=parameters.is_sse)


async def spoken(spec: SpeechSpec, caller: Any, *, is_sse: bool = False) -> HttpResponseBase:
    """Return the audio, from its file if there is one; raises ApiError."""
    if stored := await sync_to_async(streams.find_stored)(spec):
        return send_file(spec, *stored, is_sse=is_sse)
    await sync_to_async(release_connections)()
    pieces = streams.streams().listen(spec, caller.pk)
    try:
        synthesis, first = await anext(pieces)
    except streams.TooManyStreams as error:
        raise ApiError(str(error), status=429) from error
    except SpeechError as error:
        logger.error("Speech failed: %s", error)
        raise ApiError(str(error), status=503) from error
    headers = voice_headers(speaker_of(synthesis), synthesis.fell_back)
    return stream(spec, resumed(first, pieces), headers, is_sse=is_sse)


def release_connections() -> None:
    """Return the database connections: a stream lasts long after its last query."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


@call("GET")
async def models(request: HttpRequest, caller: Any) -> HttpResponse:
    """List the available engines, and OpenAI's names, which stand for the best engine."""
    names = await sync_to_async(model_names)()
    return JsonResponse({"object": "list", "data": [model_shape(name) for name in names]})


@call("GET")
async def model(request: HttpRequest, caller: Any, name: str) -> HttpResponse:
    """Describe one model."""
    if name not in await sync_to_async(model_names)() and not OPENAI_MODEL.fullmatch(name):
        raise ApiError(f"There is no model {name[:50]!r}.", "model", status=404)
    return JsonResponse(model_shape(name))


@csrf_exempt
async def unknown(request: HttpRequest) -> HttpResponse:
    """Respond to unsupported calls in the format of OpenAI's API."""
    message = f"There is no call {request.method} {request.path}."
    return ApiError(message, status=404, code="unknown_url").response()


@call("GET")
async def voices(request: HttpRequest, caller: Any) -> HttpResponse:
    """List the voices, each with the URL of a sample."""
    found = await sync_to_async(engines.voices)()
    return JsonResponse({"voices": [voice_shape(voice) for voice in found]})


@call("GET")
async def sample(request: HttpRequest, caller: Any, name: str) -> HttpResponseBase:
    """Speak a sample sentence with the voice."""
    found = await sync_to_async(engines.voices)()
    voice = next((voice for voice in found if voice.name == name), None)
    if voice is None:
        raise ApiError(f"There is no voice {name[:50]!r}.", "voice", status=404)
    spec = SpeechSpec(SAMPLES.get(voice.language, SAMPLES["en"]), voice=voice.name)
    return await spoken(await sync_to_async(resolve_voice)(spec), caller)


def model_shape(name: str) -> dict[str, str | int]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "svyaz"}


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
