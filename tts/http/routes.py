"""The calls for routes: a route is a caller's own id for a piece of text."""

from typing import Any

from tts.actions import look_at_file, request_speech
from tts.http.bodies import BadBody, text_at, texts_in
from tts.http.register import Answer, request_mapping
from tts.models import Speech
from tts.synthesis import Wish


@request_mapping("/heart_beat", methods=("GET", "POST"), is_open=True)
def heart_beat(caller: Any, data: dict[str, Any]) -> Answer:
    return Answer("heart_beat")


@request_mapping("/route_to_audio")
def route_to_audio(caller: Any, data: dict[str, Any]) -> Answer:
    if "route_json" in data:
        return _ask(caller, text_at(data, "route_id"), _joined(data["route_json"]))
    return string_to_audio(caller, data)


@request_mapping("/string_to_audio")
def string_to_audio(caller: Any, data: dict[str, Any]) -> Answer:
    return _ask(caller, text_at(data, "route_id"), text_at(data, "route_text"))


@request_mapping("/get_track_for_route")
def get_track_for_route(caller: Any, data: dict[str, Any]) -> Answer:
    route = text_at(data, "route_id")
    speech = Speech.objects.on_route(caller, route).select_related("audio").first()
    if speech is None:
        return Answer("NOT_FOUND", 404)
    if speech.is_open:
        return Answer("PROCESSING")
    if speech.is_ready and look_at_file(speech.audio):
        return Answer("OK", more={"link": speech.link})
    return Answer("BROKEN")


def _ask(caller: Any, route: str, text: str) -> Answer:
    request = request_speech(caller, Wish(text), route=route)
    if request.is_new:
        return Answer("OK")
    if request.speech.is_ready:
        return Answer("ALREADY_DONE")
    return Answer("ALREADY_HAVE_TASK", 201)


def _joined(tree: Any) -> str:
    """Return the texts of a tree, one paragraph each."""
    if not isinstance(tree, (dict, list)):
        raise BadBody("route_json must be an object.")
    return text_at({"route_json": "\n\n".join(texts_in(tree))}, "route_json")
