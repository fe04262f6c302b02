"""The typed methods: complete, current, and strict about their parameters."""

import inspect
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.framework.api import Api, BadParameters, InputFile
from bots.framework.api.methods import Methods
from bots.framework.api.table import METHODS, check
from bots.tests.conftest import run
from tools.pachca.generate import files

ADDRESS = {"entity_type": "user", "entity_id": 12}


def is_accepted(method: str, parameters: dict[str, Any]) -> bool:
    try:
        check(method, parameters)
    except BadParameters:
        return False
    return True


def test_all_hundred_methods_are_there_with_a_docstring_of_their_own() -> None:
    assert len(METHODS) == 100
    for name, (verb, path) in METHODS.items():
        method = getattr(Methods, name)
        assert inspect.iscoroutinefunction(method)
        assert f"{verb} {path}" in (method.__doc__ or "")


def test_what_is_generated_is_current() -> None:
    stale = [path.name for path, text in files().items() if path.read_text() != text]

    assert stale == [], "run python -m tools.pachca.generate"


def test_a_method_makes_its_call_and_returns_its_data(bot: Any, pachca: Any) -> None:
    said = run(
        Api(bot.token, bot.api_url).create_message(message={"entity_id": 12, "content": "hello"})
    )

    assert (said["content"], said["id"]) == ("hello", 5000)
    assert pachca.calls[0].body == {"message": {"entity_id": 12, "content": "hello"}}


def test_what_is_not_given_is_not_sent(bot: Any, pachca: Any) -> None:
    pachca.will_answer(200, {"data": []})

    run(Api(bot.token, bot.api_url).list_users(limit=5))

    assert pachca.calls[0].query == "limit=5"


def test_lists_in_a_query_are_repeated_as_the_official_client_does(bot: Any, pachca: Any) -> None:
    pachca.will_answer(200, {"data": []})

    run(Api(bot.token, bot.api_url).list_tags(names=["Design", "Sales"]))

    assert pachca.calls[0].query == "names%5B%5D=Design&names%5B%5D=Sales"


def test_a_picture_of_a_person_goes_as_a_form(bot: Any, pachca: Any) -> None:
    pachca.will_answer(200, {"data": {"image_url": "x"}})

    run(
        Api(bot.token, bot.api_url).update_user_avatar(
            5, image=InputFile.of_bytes(b"png", "me.png")
        )
    )

    assert b'name="image"; filename="me.png"' in pachca.calls[0].body


@pytest.mark.parametrize(
    ("method", "given", "message"),
    [
        ("create_message", {}, "'message' is a required property"),
        ("create_message", {"message": {"content": "x"}}, "message: 'entity_id' is a required"),
        ("create_message", {"message": {**ADDRESS, "content": 5}}, "message.content: 5 is not"),
        ("list_users", {"limit": 51}, "limit: 51 is greater than the maximum of 50"),
        ("add_members", {"member_ids": ["a"]}, "member_ids.0: 'a' is not of type 'integer'"),
        ("update_member_role", {"role": "king"}, "role: 'king' is not one of"),
    ],
)
def test_a_wrong_parameter_is_told_by_its_place_and_nothing_is_sent(
    bot: Any, pachca: Any, method: str, given: Any, message: str
) -> None:
    with pytest.raises(BadParameters, match=message):
        run(Api(bot.token, bot.api_url).call_checked(method, {"id": 1, "user_id": 1, **given}))

    assert pachca.calls == []


def test_what_the_description_does_not_know_yet_is_let_through() -> None:
    assert is_accepted("create_message", {"message": {**ADDRESS, "content": "x", "brand_new": 1}})
    assert is_accepted("create_draft", {"anything": 1})
    assert not is_accepted("create_message", {"message": {**ADDRESS, "content": ""}})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(METHODS)), st.dictionaries(st.text(), JSON, max_size=4), JSON)
def test_no_parameters_break_the_check(method: Any, given: Any, message: Any) -> None:
    assert is_accepted(method, {**given, "message": message}) in (True, False)
