import pytest

from bots.api import Api, ApiError, ApiResponse, UnknownMethod
from bots.tests.conftest import run


def test_parameters_of_the_path_are_taken_by_name_and_the_rest_is_the_body(bot, pachca):
    pachca.will_answer(200, {"data": {}})

    run(Api(bot).call("update_message", {"id": 5, "message": {"content": "new"}}))

    (call,) = pachca.calls
    assert (call.verb, call.path, call.body) == (
        "PUT",
        "/messages/5",
        {"message": {"content": "new"}},
    )


def test_transformers_fold_so_that_the_last_installed_is_outermost(bot, pachca):
    seen = []

    def named(name):
        async def transformer(prev, method, payload, signal):
            seen.append(f"{name} in")
            response = await prev(method, payload, signal)
            seen.append(f"{name} out")
            return response

        return transformer

    api = Api(bot)
    api.use(named("A"), named("B"))
    api.use(named("C"))
    pachca.will_answer(200, {})
    run(api.call("get_profile"))

    assert seen == ["C in", "B in", "A in", "A out", "B out", "C out"]


def test_a_transformer_may_change_the_call_or_make_the_answer_up(bot, pachca):
    async def dry(prev, method, payload, signal):
        return ApiResponse(200, {"data": {"method": method}})

    api = Api(bot)
    api.use(dry)

    assert run(api.result("get_profile")) == {"method": "get_profile"}
    assert pachca.calls == []


def test_the_callers_payload_is_left_alone(bot, pachca):
    payload = {"id": 5}
    pachca.will_answer(200, {})

    run(Api(bot).call("get_message", payload))

    assert payload == {"id": 5}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"errors": [{"key": "content", "message": "is blank"}]}, "content: is blank"),
        ({"error": "invalid_token", "error_description": "Access token is missing"}, "is missing"),
        ("<html>", "<html>"),
    ],
)
def test_a_refusal_says_why_whatever_its_shape(bot, pachca, body, said):
    pachca.will_answer(403, body)

    with pytest.raises(ApiError, match=said):
        run(Api(bot).result("get_profile"))


@pytest.mark.parametrize(
    ("given", "read"), [("3", 3.0), ("soon", None), ("nan", None), ("-1", None)]
)
def test_retry_after_is_read_leniently(bot, pachca, given, read):
    pachca.will_answer(429, "", Retry_After=given)

    assert run(Api(bot).call("get_profile")).retry_after == read


def test_an_unknown_method_is_refused_before_anything_is_sent(bot, pachca):
    with pytest.raises(UnknownMethod):
        run(Api(bot).call("make_coffee"))

    assert pachca.calls == []
