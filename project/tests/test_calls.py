"""The bots' own client against the sandbox: what it says over the wire is what Pachca takes."""

from typing import Any

import pytest

from bots.framework.api import Api, ApiError, run
from sandbox.actions import add_bot, add_chat, add_person, post_message
from sandbox.models import Message, Reaction

pytestmark = pytest.mark.django_db(transaction=True)

THUMB = {"code": "👍🏽", "name": ":+1::skin-tone-4:"}


@pytest.fixture
def api(web: str) -> Api:
    account = add_bot("Demo", "demo", "")
    return Api(account.token, f"{web}/sandbox/api/shared/v1")


@pytest.fixture
def message(web: str) -> Message:
    ann, demo = add_person("Ann", "ann"), add_bot("Demo", "demo", "")
    chat = add_chat("General", [ann, demo])
    return post_message(ann, chat, "hello")


def left(message: Message) -> list[str]:
    return list(Reaction.objects.filter(message=message).values_list("code", flat=True))


def test_a_reaction_is_taken_back_and_the_others_stay(api: Any, message: Any) -> None:
    async def add_two_and_take_one_back() -> None:
        await api.add_reaction(message.pk, **THUMB)
        await api.add_reaction(message.pk, code="🎉")
        await api.remove_reaction(message.pk, **THUMB)

    run(add_two_and_take_one_back())

    assert left(message) == ["🎉"]


def test_a_reaction_that_is_not_there_cannot_be_taken_back(api: Any, message: Any) -> None:
    with pytest.raises(ApiError) as refusal:
        run(api.remove_reaction(message.pk, **THUMB))

    assert refusal.value.response.status == 404
