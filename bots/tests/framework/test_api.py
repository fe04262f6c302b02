import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any, Protocol
from urllib.parse import parse_qsl

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from pytest_django.fixtures import SettingsWrapper

from bots.framework.api import (
    Api,
    ApiError,
    ApiResponse,
    BadParameters,
    CallCancelled,
    NoAnswer,
    NotSent,
    UnknownMethod,
    pause,
)
from bots.framework.api.connection import describe_error
from bots.tests.conftest import run


def test_parameters_of_the_path_are_taken_by_name_and_the_rest_is_the_body(
    bot: Any, pachca: Any
) -> None:
    pachca.will_answer(200, {"data": {}})

    run(
        Api(bot.token, bot.api_url).call("update_message", {"id": 5, "message": {"content": "new"}})
    )

    (call,) = pachca.calls
    assert (call.verb, call.path, call.body) == (
        "PUT",
        "/messages/5",
        {"message": {"content": "new"}},
    )


def test_transformers_fold_so_that_the_last_installed_is_outermost(bot: Any, pachca: Any) -> None:
    seen = []

    def named(name: Any) -> Any:
        async def transformer(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
            seen.append(f"{name} in")
            response = await prev(method, payload, signal)
            seen.append(f"{name} out")
            return response

        return transformer

    api = Api(bot.token, bot.api_url)
    api.use(named("A"), named("B"))
    api.use(named("C"))
    pachca.will_answer(200, {})
    run(api.call("get_profile"))

    assert seen == ["C in", "B in", "A in", "A out", "B out", "C out"]


def test_a_transformer_may_change_the_call_or_make_the_answer_up(bot: Any, pachca: Any) -> None:
    async def dry(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
        return ApiResponse(200, {"data": {"method": method}})

    api = Api(bot.token, bot.api_url)
    api.use(dry)

    assert run(api.result("get_profile")) == {"method": "get_profile"}
    assert pachca.calls == []


def test_the_callers_payload_is_left_alone(bot: Any, pachca: Any) -> None:
    payload = {"id": 5}
    pachca.will_answer(200, {})

    run(Api(bot.token, bot.api_url).call("get_message", payload))

    assert payload == {"id": 5}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"errors": [{"key": "content", "message": "is blank"}]}, "content: is blank"),
        ({"error": "invalid_token", "error_description": "Access token is missing"}, "is missing"),
        ("<html>", "<html>"),
    ],
)
def test_a_refusal_says_why_whatever_its_shape(bot: Any, pachca: Any, body: Any, said: str) -> None:
    pachca.will_answer(403, body)

    with pytest.raises(ApiError, match=said):
        run(Api(bot.token, bot.api_url).result("get_profile"))


@pytest.mark.parametrize(
    ("given", "read"), [("3", 3.0), ("soon", None), ("nan", None), ("-1", None)]
)
def test_retry_after_is_read_leniently(bot: Any, pachca: Any, given: str, read: Any) -> None:
    pachca.will_answer(429, "", Retry_After=given)

    assert run(Api(bot.token, bot.api_url).call("get_profile")).retry_after == read


def test_an_unknown_method_is_refused_before_anything_is_sent(bot: Any, pachca: Any) -> None:
    with pytest.raises(UnknownMethod):
        run(Api(bot.token, bot.api_url).call("make_coffee"))

    assert pachca.calls == []


async def _nothing(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
    return ApiResponse(200, {"data": method})


def test_a_fork_begins_with_what_was_installed_and_shares_nothing_after(
    bot: Any, pachca: Any
) -> None:
    seen = []

    def named(name: Any) -> Any:
        async def transformer(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
            seen.append(name)
            return await prev(method, payload, signal)

        return transformer

    api = Api(bot.token, bot.api_url)
    api.use(_nothing, named("bot's"))
    one, other = api.fork(), api.fork()
    one.use(named("one's"))
    api.use(named("later"))

    run(one.call("get_profile"))
    run(other.call("get_profile"))

    assert seen == ["one's", "bot's", "bot's"]


class Shouts(Protocol):
    async def shout(self, text: str) -> str: ...


async def shout(api: Api, text: str) -> str:
    return f"{text.upper()} {await api.result('get_profile')}"


def test_an_added_method_is_inherited_and_calls_through_the_fork_it_is_called_on(bot: Any) -> None:
    api = Api(bot.token, bot.api_url)
    api.add(shout=shout)
    fork = api.fork()
    fork.use(_nothing)

    assert run(fork.flavoured(Shouts).shout("hi")) == "HI get_profile"


def test_a_flavour_whose_methods_are_not_there_says_which(bot: Any) -> None:
    with pytest.raises(TypeError, match="needs shout"):
        Api(bot.token, bot.api_url).flavoured(Shouts)


def test_no_added_method_takes_the_place_of_another(bot: Any) -> None:
    with pytest.raises(ValueError, match="get_profile already"):
        Api(bot.token, bot.api_url).add(get_profile=shout)


def test_a_signal_that_is_set_ends_a_call_in_the_middle(bot: Any, pachca: Any) -> None:
    async def cancelled() -> None:
        signal = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, signal.set)
        await Api(bot.token, bot.api_url).call("get_profile", signal=signal)

    pachca.delay = 60

    started = time.monotonic()
    with pytest.raises(CallCancelled):
        run(cancelled())
    assert time.monotonic() - started < 20


def test_a_pause_ends_when_the_signal_is_set() -> None:
    async def waited() -> None:
        signal = asyncio.Event()
        asyncio.get_running_loop().call_later(0.01, signal.set)
        await pause(60, signal)

    with pytest.raises(CallCancelled):
        run(waited())


@pytest.mark.parametrize("value", [None, "", "..", True, {"a": 1}])
def test_a_path_is_made_of_numbers_and_texts_only(bot: Any, pachca: Any, value: Any) -> None:
    with pytest.raises(BadParameters, match="id must be given"):
        run(Api(bot.token, bot.api_url).call("get_message", {"id": value}))


def test_nothing_in_a_parameter_leads_to_another_path(bot: Any, pachca: Any) -> None:
    pachca.will_answer(200, {})

    run(Api(bot.token, bot.api_url).call("get_message", {"id": "1/../../bots?x=#"}))

    assert pachca.calls[0].path == "/messages/1%2F..%2F..%2Fbots%3Fx%3D%23"


def test_what_a_delete_names_is_in_its_query(bot: Any, pachca: Any) -> None:
    pachca.will_answer(204)

    run(Api(bot.token, bot.api_url).remove_reaction(id=5, code="👍🏽", name=":+1::skin-tone-4:"))

    sent = pachca.calls[0]
    assert (sent.verb, sent.path, sent.body) == ("DELETE", "/messages/5/reactions", None)
    assert dict(parse_qsl(sent.query)) == {"code": "👍🏽", "name": ":+1::skin-tone-4:"}


def test_a_call_whose_signal_is_set_already_is_not_begun(bot: Any, pachca: Any) -> None:
    async def late() -> None:
        signal = asyncio.Event()
        signal.set()
        await Api(bot.token, bot.api_url).call("get_profile", signal=signal)

    with pytest.raises(CallCancelled):
        run(late())
    assert pachca.calls == []


def test_every_goes_through_all_the_pages(bot: Any, pachca: Any) -> None:
    pachca.will_answer(200, {"data": [1, 2], "meta": {"paginate": {"next_page": "x"}}})
    pachca.will_answer(200, {"data": [3], "meta": {"paginate": {"next_page": "x"}}})

    async def all_of_them() -> Any:
        return [user async for user in Api(bot.token, bot.api_url).every("list_users")]

    assert run(all_of_them()) == [1, 2, 3]


# --- the wire ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9", "http://no-such-host.invalid", "ftp://127.0.0.1", "http://", "x"]
)
def test_a_call_to_where_nobody_is_was_not_sent(
    bot: Any, settings: SettingsWrapper, url: str
) -> None:
    settings.PACHCA_API_URL = url

    with pytest.raises(NotSent):
        run(Api(bot.token, bot.api_url).call("get_profile"))


@contextmanager
def answering_with(said: bytes) -> Iterator[str]:
    """A server that sends this response to any request and closes the connection."""

    def talk() -> None:
        with suppress(OSError):
            while True:
                caller, _ = server.accept()
                with caller:
                    caller.recv(10_000)
                    caller.sendall(said)

    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=talk, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"hello\r\n\r\n",
        b"HTTP/1.1 201 Created\r\n",
        b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{}",
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n" + bytes(70_000_000),
    ],
    ids=["silent", "garbage", "cut off", "half a body", "bad chunks", "not gzip", "endless"],
)
def test_a_call_that_is_not_answered_properly_may_have_arrived(
    bot: Any, settings: SettingsWrapper, said: Any
) -> None:
    with answering_with(said) as settings.PACHCA_API_URL, pytest.raises(NoAnswer) as raised:
        run(Api(bot.token, bot.api_url).call("create_message", {"message": {}}))

    assert not isinstance(raised.value, NotSent)


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "токен", "a\0b"])
def test_a_token_that_no_header_can_hold_is_no_answer(bot: Any, pachca: Any, token: str) -> None:
    bot.token = token
    pachca.will_answer(401, {})

    with suppress(NoAnswer):
        assert run(Api(bot.token, bot.api_url).call("get_profile")).status == 401
    assert all("evil" not in call.token.lower() for call in pachca.calls)


def test_what_is_told_of_a_proxy_that_refuses_holds_no_password(
    bot: Any, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PACHCA_API_URL = "https://pachca.invalid"  # no other test asks the proxy for it
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"

    with answering_with(refusal) as proxy:
        monkeypatch.setenv("https_proxy", proxy.replace("://", "://me:s3cret@"))
        with pytest.raises(NotSent) as raised:
            run(Api(bot.token, bot.api_url).call("get_profile"))

    assert "407" in str(raised.value)
    assert "s3cret" not in str(raised.value)


def test_lists_yes_and_no_go_into_a_query_as_pachca_reads_them(bot: Any, pachca: Any) -> None:
    pachca.will_answer(200, {"data": []})

    run(
        Api(bot.token, bot.api_url).call(
            "list_users", {"ids": [1, 2], "bot": False, "query": "a b&c", "cursor": None}
        )
    )

    assert parse_qsl(pachca.calls[0].query) == [
        ("ids[]", "1"),
        ("ids[]", "2"),
        ("bot", "false"),
        ("query", "a b&c"),
    ]


def test_an_address_with_a_path_of_its_own_is_called_under_it(bot: Any, pachca: Any) -> None:
    pachca.url += "/api/v1"
    bot_api = Api(bot.token, bot.api_url)
    bot_api.base_url = pachca.url
    pachca.will_answer(200, {"data": {}})

    run(bot_api.call("get_profile"))

    assert pachca.calls[0].path == "/api/v1/profile"


KEY = ConnectionKey("api.example", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(-2, "not known")),
            "The host name api.example cannot be resolved.",
        ),
        (
            aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(111, "refused")),
            "api.example refuses connections on port 443.",
        ),
        (aiohttp.ConnectionTimeoutError("slow"), "The request timed out."),
        (aiohttp.SocketTimeoutError("slow"), "The request timed out."),
        (aiohttp.ServerDisconnectedError(), "The connection was closed before a response arrived."),
    ],
)
def test_what_is_wrong_with_a_connection_is_said_in_words(error: Any, words: str) -> None:
    assert describe_error(error) == words
