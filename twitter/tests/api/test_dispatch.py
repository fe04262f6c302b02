import json
from typing import Any

import pytest
from django.test import Client, RequestFactory

from twitter.api.dispatch import RESOURCES, respond
from twitter.models import ApiKey, Tweet
from twitter.tests.factories import make_tweets

METHODS = {
    "tweets": "GET, POST, HEAD, OPTIONS",
    "tweets/1": "GET, POST, PATCH, DELETE, HEAD, OPTIONS",
    "tweets/1/likes": "POST, DELETE, OPTIONS",
    "medias": "POST, OPTIONS",
    "users/me": "GET, PATCH, HEAD, OPTIONS",
    "nothing": "OPTIONS",
}


@pytest.mark.parametrize("slash", ["", "/"], ids=["no slash", "slash"])
@pytest.mark.parametrize("path", METHODS)
def test_allow_names_the_methods_of_the_path_whatever_the_response(
    api: Any, path: Any, slash: str
) -> None:
    answers = [api.generic(method, f"/api/{path}{slash}") for method in ("OPTIONS", "PUT", "GET")]

    assert [answer.headers["Allow"] for answer in answers] == [METHODS[path]] * 3


def test_options_names_the_media_types_of_the_path(api: Any) -> None:
    assert api.options("/api/users/me/avatar").json() == {
        "name": "Avatar",
        "description": "",
        "renders": ["application/json"],
        "parses": ["multipart/form-data"],
    }


def test_a_path_with_a_parameter_is_not_found_by_its_own_pattern(api: Any) -> None:
    for path in [path for path in RESOURCES if "<int" in path]:
        assert api.get(f"/api/{path}").json()["error_type"] == "not_found"
        assert api.get(f"/api/{path}").headers["Allow"] == "OPTIONS"


@pytest.mark.parametrize("path", ["/api/tweets", "/api/tweets/{pk}"])
def test_a_body_that_comes_in_chunks_without_a_length_is_read(ann: Any, path: str) -> None:
    (tweet,) = make_tweets(ann, 1)
    headers = {"api-key": ApiKey.objects.make(ann, "tests")[1]}
    request = RequestFactory().post(
        path.format(pk=tweet.pk), {"tweet_data": "Привет"}, "application/json", headers=headers
    )
    del request.META["CONTENT_LENGTH"]

    answer = json.loads(respond(request).content)

    assert Tweet.objects.get(pk=answer["tweet_id"]).text == "Привет"


def test_the_csrf_token_of_a_session_may_be_in_the_form(ann: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)
    client.cookies["csrftoken"] = "a" * 32

    def upload(**fields: Any) -> Any:
        return client.post("/api/medias", {"file": "", **fields}).json()["error_type"]

    assert upload() == "permission_denied"
    assert upload(csrfmiddlewaretoken="a" * 32) == "invalid"  # what is sent is no file


def test_too_many_parameters_are_refused_in_shape(api: Any) -> None:
    query = "&".join(f"a{number}=1" for number in range(1001))

    answer = api.get(f"/api/tweets?{query}")

    assert (answer.status_code, answer.json()["error_type"]) == (400, "parse_error")
