"""The calls for routes. A route is the caller's own id for a text."""

from typing import Any

from tts.actions import request_speech
from tts.http.bodies import BadBody, find_texts, required_text
from tts.http.register import Answer, request_mapping
from tts.models import Speech
from tts.storage.library import verify_file
from tts.synthesis import SpeechSpec
from tts.text.ssml import is_markup, join


@request_mapping("/heart_beat", methods=("GET", "POST"), is_open=True)
def heart_beat(caller: Any, data: dict[str, Any]) -> Answer:
    return Answer("heart_beat")


@request_mapping("/route_to_audio")
def route_to_audio(caller: Any, data: dict[str, Any]) -> Answer:
    if "route_json" in data:
        return _ask(caller, required_text(data, "route_id"), _text_of(data["route_json"]))
    return string_to_audio(caller, data)


@request_mapping("/string_to_audio")
def string_to_audio(caller: Any, data: dict[str, Any]) -> Answer:
    return _ask(caller, required_text(data, "route_id"), required_text(data, "route_text"))


@request_mapping("/get_track_for_route")
def get_track_for_route(caller: Any, data: dict[str, Any]) -> Answer:
    route = required_text(data, "route_id")
    speech = Speech.objects.on_route(caller, route).select_related("audio").first()
    if speech is None:
        return Answer("NOT_FOUND", 404)
    if speech.is_open:
        return Answer("PROCESSING")
    if speech.is_ready and verify_file(speech.audio):
        return Answer("OK", more={"link": speech.link}, spoken_by=speech.audio.spoken_by)
    return Answer("BROKEN")


def _ask(caller: Any, route: str, text: str) -> Answer:
    request = request_speech(caller, SpeechSpec(text, is_ssml=is_markup(text)), route=route)
    if request.is_new:
        return Answer("OK")
    if request.speech.is_ready:
        return Answer("ALREADY_DONE")
    return Answer("ALREADY_HAVE_TASK", 201)


def _text_of(tree: Any) -> str:
    """Return the texts of a tree, one paragraph each: as SSML if one of them is."""
    if not isinstance(tree, (dict, list)):
        raise BadBody("route_json must be an object.")
    texts = list(find_texts(tree))
    plain = required_text({"route_json": "\n\n".join(texts)}, "route_json")
    return join(texts) if any(map(is_markup, texts)) else plain
