"""The description of the API is sound, and what it says of every call is true."""

from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from twitter import actions
from twitter.api.schema import schema_in
from twitter.models import ApiKey

PROMISES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
WAYS = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
BOUNDED = settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def operations() -> list[Any]:
    described = schemathesis.openapi.from_dict(schema_in("en"))
    return [each.ok() for each in described.get_all_operations()]


OPERATIONS = operations()


def test_the_schema_is_valid_and_made_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True)

    assert capsys.readouterr().out.startswith("openapi: 3.1")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
def test_a_call_answers_what_its_description_says(
    operation: Any, web: Any, ann: Any, root: Any, sockets: Any
) -> None:
    tweet = actions.post_tweet(root, "Привет, #команда!")
    known = {"tweet_id": tweet.pk, "user_id": ann.pk}
    headers = {"api-key": ApiKey.objects.make(root, "tests")[1]}

    @BOUNDED
    @given(st.data())
    def every(data: st.DataObject) -> None:
        case: Case[Any] = data.draw(operation.as_strategy(generation_mode=data.draw(WAYS)))
        if data.draw(st.booleans()):
            case.path_parameters = {**case.path_parameters, **mine(case, known)}
        case.call_and_validate(web, headers=headers, checks=PROMISES)

    every()


def mine(case: Case[Any], known: dict[str, int]) -> dict[str, int]:
    """Return numbers of what exists, for the parameters of a call's address."""
    return {name: known[name] for name in case.path_parameters if name in known}
