"""Failures of the API in the language that the client asks for."""

import re
from typing import Any

import pytest
from django.test import Client

RUSSIAN = {"accept-language": "ru"}


@pytest.mark.parametrize(
    ("verb", "path", "request_", "status"),
    [
        ("GET", "/api/nothing", {}, 404),
        ("PUT", "/api/tweets", {"data": "{}", "content_type": "application/json"}, 405),
        ("POST", "/api/", {}, 404),
        ("POST", "/api/tweets", {"data": "a=1", "content_type": "text/csv"}, 415),
        ("POST", "/api/tweets", {"data": "{", "content_type": "application/json"}, 400),
        ("POST", "/api/tweets", {"data": "[]", "content_type": "application/json"}, 400),
        ("POST", "/api/medias", {"data": "x", "content_type": "multipart/form-data"}, 400),
        ("POST", "/api/medias", {"data": "{}", "content_type": "application/json"}, 415),
        ("GET", "/api/tweets?limit=x", {}, 400),
        ("GET", "/api/tweets?cursor=x", {}, 400),
    ],
)
def test_what_is_refused_is_explained_in_russian(
    api: Any, verb: str, path: str, request_: Any, status: int
) -> None:
    answer = api.generic(verb, path, headers=RUSSIAN, **request_)

    assert answer.status_code == status
    assert re.search("[а-яё]{3}", answer.json()["error_message"])


@pytest.mark.parametrize("key", [{}, {"api-key": "wrong"}])
def test_who_shows_no_good_key_is_told_so_in_russian(db: Any, client: Any, key: Any) -> None:
    answer = client.get("/api/tweets", headers={**RUSSIAN, **key})

    assert answer.status_code == 401
    assert re.search("[а-яё]{3}", answer.json()["error_message"])


def test_a_page_without_a_csrf_token_is_told_what_to_do_in_russian(ann: Any) -> None:
    page = Client(enforce_csrf_checks=True)
    page.force_login(ann)

    answer = page.post("/api/tweets", {}, content_type="application/json", headers=RUSSIAN)

    assert answer.status_code == 403
    assert "Обновите страницу" in answer.json()["error_message"]


def test_the_beginning_of_the_api_leads_to_its_description(db: Any, client: Any) -> None:
    answer = client.get("/api")

    assert (answer.status_code, answer["Location"]) == (302, "/docs")
