"""No secret reaches a line, wherever it hides; what is no secret stays readable."""

import json
import string
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.masking import MASK, mask, mask_text

SECRET = "Kx3-9vQ_pL7wZr2Tn8Yb"
secrets = st.text(string.ascii_letters + string.digits + "-_.~+/", min_size=8, max_size=60).filter(
    lambda text: text not in MASK
)
telling_keys = st.sampled_from(
    [
        *("token", "access_token", "Signing-Secret", "PASSWORD", "api_key", "X-Api-Key", "apikey"),
        *("Authorization", "pachca-signature", "Set-Cookie"),
    ]
)
surroundings = st.text("абвгд .,", max_size=20)
carriers = st.sampled_from(
    [
        "Authorization: Bearer {}",
        "bearer {}",
        "token={}",
        "password: {}",
        "https://site.example/?api_key={}&page=2",
        "redis://:{}@cache.example:6379/0",
        "postgres://user:{}@db.example/svyaz",
        "{{'token': '{}'}}",
        '{{"signing_secret": "{}"}}',
        '{{\\"token\\": \\"{}\\"}}',
        "[(b'authorization', b'Bearer {}')]",
        "Bot(name='demo', token='{}')",
    ]
)
containers = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children),
    max_leaves=6,
)


@given(before=surroundings, carrier=carriers, secret=secrets, after=surroundings)
def test_a_secret_in_text_is_masked(before: Any, carrier: Any, secret: Any, after: Any) -> None:
    carried = carrier.format(secret.replace("/", "-"))

    text = mask_text(f"{before} {carried} {after}")

    assert secret not in text
    assert MASK in text


@given(key=telling_keys, value=st.text(min_size=4) | st.integers(10**6), beside=containers)
def test_the_whole_value_of_a_secret_key_is_masked(key: Any, value: Any, beside: Any) -> None:
    nested = {"beside": beside, "payload": [{"headers": {key: value}}, (key, value)]}

    result = mask(nested)

    assert result["payload"] == [{"headers": {key: MASK}}, [key, MASK]]


@given(containers)
def test_whatever_comes_becomes_plain_data(value: Any) -> None:
    plain = mask(value)

    assert json.loads(json.dumps(plain)) == plain


def test_a_key_of_a_service_is_masked_with_no_word_around_it() -> None:
    text = mask_text("calling with uZ3nT0xQ5vB8mK1cR7yL4pW9sD2fG6hJ_aE-qXwVtNo now")

    assert text == f"calling with {MASK} now"


def test_a_token_named_by_the_word_before_it_is_masked() -> None:
    assert mask_text(f"Refused token {SECRET}") == f"Refused token {MASK}"


@pytest.mark.parametrize(
    "text",
    [
        "The token is missing",
        "GET http://127.0.0.1:8000/api/tweets",
        f"update {uuid.UUID(int=7)} is done",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "write to ann@company.example",
        "Сообщение доставлено за 12 мс",
    ],
)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert mask_text(text) == text


def test_a_flag_under_a_telling_key_stays() -> None:
    assert mask({"has_token": True, "token": None}) == {"has_token": True, "token": None}


def test_an_object_is_shown_as_its_mask_text() -> None:
    shown = mask({"error": ValueError(f"token={SECRET}"), "bytes": f"token={SECRET}".encode()})

    assert SECRET not in str(shown)
    assert shown["error"].startswith("ValueError(")


def test_a_dict_that_holds_itself_ends() -> None:
    endless: dict[str, object] = {"password": SECRET}
    endless["self"] = endless

    assert SECRET not in str(mask(endless))
