"""The parameters of a speech request, with OpenAI's names for voices and models."""

import re
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest

from tts import engines
from tts.audio.formats import FORMATS
from tts.errors import (
    BadSpeed,
    InvalidSpeech,
    UnknownEngine,
    UnknownFormat,
    UnknownVoice,
)
from tts.http.bodies import BadBody, read_json, required_text
from tts.http.openai.errors import ApiError
from tts.synthesis import SpeechSpec, resolve
from tts.text.script import FASTEST, SLOWEST
from tts.text.ssml import is_markup

MAX_INPUT_LENGTH = 4096
# The names that OpenAI's clients use by default.
OPENAI_MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")
# Also matches dated snapshots of a model.
OPENAI_MODEL = re.compile(rf"(?:{'|'.join(OPENAI_MODELS)})(?:-\d{{4}}-\d\d-\d\d)?")
OPENAI_VOICES = {
    **dict.fromkeys(("alloy", "coral", "marin", "nova", "sage", "shimmer"), "female"),
    **dict.fromkeys(("ash", "ballad", "cedar", "echo", "fable", "onyx", "verse"), "male"),
}
# The parameter that an error is about; the input for all others.
PARAMS: dict[type[InvalidSpeech], str] = {
    UnknownVoice: "voice",
    UnknownEngine: "model",
    UnknownFormat: "response_format",
    BadSpeed: "speed",
}


@dataclass(frozen=True)
class Parameters:
    """The validated parameters of a speech request."""

    spec: SpeechSpec
    is_sse: bool


def read_parameters(request: HttpRequest) -> Parameters:
    """Read the parameters from the body; raises ApiError."""
    try:
        data = read_json(request)
        text = required_text(data, "input")
    except BadBody as error:
        raise ApiError(str(error), "input") from error
    if len(text) > MAX_INPUT_LENGTH:
        raise ApiError(f"input must have at most {MAX_INPUT_LENGTH} characters.", "input")
    return Parameters(
        SpeechSpec(
            text,
            is_ssml=is_markup(text),
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
        raise ApiError("voice must be the name of a voice.", "voice")
    return voice


def engine_of(data: dict[str, Any]) -> str:
    model = data.get("model")
    if not isinstance(model, str) or not model:
        raise ApiError("model must be the name of a model.", "model")
    if OPENAI_MODEL.fullmatch(model):
        return ""
    if model not in engines.engines():
        raise ApiError(f"There is no model {model[:50]!r}.", "model", status=404)
    return model


def speed_of(data: dict[str, Any]) -> float:
    speed = data.get("speed")
    if speed is None:
        return 1.0
    if isinstance(speed, bool) or not isinstance(speed, (int, float)):
        raise ApiError("speed must be a number.", "speed")
    if not SLOWEST <= speed <= FASTEST:
        raise ApiError(f"speed must be between {SLOWEST} and {FASTEST}.", "speed")
    return float(speed)


def one_of(data: dict[str, Any], name: str, words: tuple[str, ...]) -> str:
    """Return the parameter, which must be one of `words`; the first of them if it is missing."""
    word = data.get(name)
    if word is None:
        return words[0]
    if not isinstance(word, str) or word not in words:
        raise ApiError(f"{name} must be one of {', '.join(words)}.", name)
    return word


def resolve_voice(spec: SpeechSpec) -> SpeechSpec:
    """Return the resolved spec. OpenAI's voice names stand for voices of the same gender."""
    try:
        if gender := OPENAI_VOICES.get(spec.voice.lower()):
            plain = resolve(replace(spec, voice=""))
            spec = replace(plain, voice=voice_like(plain, gender))
        return resolve(spec)
    except InvalidSpeech as error:
        raise ApiError(str(error), PARAMS.get(type(error), "input")) from error


def voice_like(plain: SpeechSpec, gender: str) -> str:
    """Return a voice of that gender with the engine and language of the default voice."""
    of_engine = engines.find(plain.engine).voices()
    chosen = next(voice for voice in of_engine if voice.name == plain.voice)
    alike = [v for v in of_engine if (v.language, v.gender) == (chosen.language, gender)]
    return (alike or [chosen])[0].name


def model_names() -> list[str]:
    return [*(name for name, it in engines.engines().items() if it.voices()), *OPENAI_MODELS]
