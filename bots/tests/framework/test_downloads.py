"""Fetching attachments, with limits, and from nowhere inside the network."""

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.framework.api import Api, FileTooLarge, NotFetched
from bots.framework.api.downloads import is_public
from bots.tests.conftest import run


def fetch(bot: Any, url: Any, **limits: Any) -> Any:
    return run(Api(bot.token, bot.api_url).download(url, **limits))


def test_an_attachment_is_fetched_with_its_name_and_kind(bot: Any, pachca: Any) -> None:
    pachca.will_answer(200, "hello", Content_Type="text/plain; charset=utf-8")

    got = fetch(bot, f"{pachca.url}/files/%D0%B0.txt?token=1")

    assert (got.name, got.content_type, got.content) == ("а.txt", "text/plain", b"hello")
    assert pachca.calls[0].token == ""


def test_what_is_larger_than_allowed_is_cut_off(bot: Any, pachca: Any) -> None:
    pachca.will_answer(200, "x" * 100_000)

    with pytest.raises(FileTooLarge):
        fetch(bot, f"{pachca.url}/a", max_bytes=1000)


def test_what_takes_too_long_is_cut_off(bot: Any, pachca: Any) -> None:
    pachca.delay = 5

    with pytest.raises(NotFetched, match="longer than"):
        fetch(bot, f"{pachca.url}/a", seconds=0.1)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:6379/",
        "http://localhost/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://0x7f000001/",
        "http://0/",
        "file:///etc/passwd",
        "ftp://example.com/a",
        "http://user:secret@example.com/",
        "http://",
        "nonsense",
        "",
    ],
)
def test_no_address_inside_the_network_is_asked(bot: Any, pachca: Any, url: str) -> None:
    with pytest.raises(NotFetched):
        fetch(bot, url)


def test_a_redirect_does_not_lead_inside_either(bot: Any, pachca: Any) -> None:
    pachca.will_answer(302, "", Location="http://127.0.0.1:6379/")

    with pytest.raises(NotFetched, match="not a public address"):
        fetch(bot, f"{pachca.url}/a")


def test_redirects_end_at_some_time(bot: Any, pachca: Any) -> None:
    for _ in range(5):
        pachca.will_answer(302, "", Location="/again")

    with pytest.raises(NotFetched, match="too many redirects"):
        fetch(bot, f"{pachca.url}/a")
    assert len(pachca.calls) == 4


def test_a_refusal_is_not_taken_for_the_file(bot: Any, pachca: Any) -> None:
    pachca.will_answer(404, "gone")

    with pytest.raises(NotFetched, match="404"):
        fetch(bot, f"{pachca.url}/a")


@given(st.ip_addresses(v=4))
def test_what_is_not_public_stays_so_when_it_is_written_as_a_v6_address(address: Any) -> None:
    mapped = ipaddress.ip_address(f"::ffff:{address}")
    tunnelled = ipaddress.ip_address((0x2002 << 112) | (int(address) << 80))

    translated = ipaddress.ip_address((0x64FF9B << 96) | int(address))

    assert is_public(translated) == is_public(address)
    assert is_public(mapped) == is_public(address) == is_public(tunnelled)
