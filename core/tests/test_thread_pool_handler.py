from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from core.asgi.thread_pool_handler import ThreadPoolHandler


@csrf_exempt
def with_cookies(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(f"{request.COOKIES['one']}, {request.body.decode()}")
    answer.set_cookie("first", "1", httponly=True)
    answer.set_cookie("second", "2")
    return answer


def in_parts(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter([b"one ", b"two ", b"three"]))


urlpatterns = [path("cookies", with_cookies), path("parts", in_parts)]


async def ask(path: str, *bodies: bytes, view: Any = None, **headers: str) -> Any:
    """Return the status, the headers and the body of an answer."""
    sent: list[Any] = []
    coming = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    coming.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Any:
        return coming.pop(0)

    async def send(event: Any) -> None:
        sent.append(event)

    given = {"host": "localhost"} | {name.replace("_", "-"): headers[name] for name in headers}
    pairs = [(name.encode(), value.encode()) for name, value in given.items()]
    method = "POST" if bodies else "GET"
    await ThreadPoolHandler(1, view=view)(
        {"type": "http", "method": method, "path": path, "headers": pairs}, receive, send
    )
    start, body = sent
    return start["status"], start["headers"], body["body"]


async def test_who_leaves_while_sending_is_not_answered() -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(event: Any) -> None:
        sent.append(event)

    await ThreadPoolHandler(1)({"type": "http"}, receive, send)

    assert sent == []


async def test_an_answer_is_sent_with_its_status_headers_and_body() -> None:
    status, headers, body = await ask("/api/nothing")

    assert status == 404
    assert (b"content-type", b"application/json") in headers
    assert b'"not_found"' in body


@pytest.mark.django_db(transaction=True)
async def test_who_comes_by_a_socket_without_an_address_is_answered() -> None:
    status, _headers, body = await ask("/api/users/me", api_key="unknown-key")

    assert (status, b'"authentication_failed"' in body) == (401, True)


@pytest.mark.urls(__name__)
async def test_cookies_and_bodies_that_come_in_parts_arrive_and_each_cookie_is_set() -> None:
    _status, headers, body = await ask("/cookies", b"in ", b"parts", cookie="one=1")

    cookies = [value for name, value in headers if name == b"set-cookie"]
    assert body == b"1, in parts"
    assert cookies == [b"first=1; HttpOnly; Path=/", b"second=2; Path=/"]


@pytest.mark.urls(__name__)
async def test_an_answer_in_parts_is_sent_whole() -> None:
    assert (await ask("/parts"))[2] == b"one two three"


async def test_with_a_view_the_urlconf_is_not_searched() -> None:
    status, _headers, body = await ask("/nowhere", view=lambda request: HttpResponse(request.path))

    assert (status, body) == (200, b"/nowhere")
