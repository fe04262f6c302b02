"""What the chat page asks for."""

from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries, SettingsWrapper

from sandbox.actions import add_chat, post_message, start_thread


@pytest.fixture(autouse=True)
def _page_is_open(settings: SettingsWrapper) -> None:
    settings.DEBUG = True


def test_the_state_is_the_whole_list_as_one_person_sees_it(
    as_ann: Any, ann: Any, bob: Any, bot: Any, chat: Any
) -> None:
    post_message(bob, chat, "one")
    post_message(ann, chat, "two")
    private = as_ann.page("POST", f"/direct/{bob.pk}").json()["chat"]

    state = as_ann.page("GET", "/state").json()

    assert state["me"]["id"] == ann.pk
    assert [user["id"] for user in state["users"]] == [ann.pk, bob.pk, bot.pk]
    assert [each["id"] for each in state["chats"]] == [private["id"], chat.pk]
    assert state["chats"][0]["title"] == "Bob"
    assert state["chats"][0]["last_message"] is None
    assert state["chats"][1]["last_message"]["content"] == "two"
    assert state["chats"][1]["unread"] == 1


def test_reading_a_chat_leaves_nothing_unread(as_ann: Any, bob: Any, chat: Any) -> None:
    post_message(bob, chat, "one")

    assert as_ann.page("POST", f"/chats/{chat.pk}/read").json()["chat"]["unread"] == 0
    post_message(bob, chat, "two")
    assert as_ann.page("GET", "/state").json()["chats"][0]["unread"] == 1


def test_messages_come_oldest_first_with_their_company(
    as_ann: Any, as_bob: Any, ann: Any, bob: Any, chat: Any
) -> None:
    first = post_message(ann, chat, "one")
    thread = start_thread(bob, first)
    post_message(bob, thread.chat, "comment")
    as_bob.post(f"/messages/{first.pk}/reactions", {"code": "👍"})
    as_bob.post(f"/messages/{first.pk}/pin")
    post_message(ann, chat, "two")

    page = as_ann.page("GET", f"/chats/{chat.pk}/messages").json()

    one, two = page["messages"]
    assert (page["has_more"], one["content"], two["content"]) == (False, "one", "two")
    assert one["author"] == {"id": ann.pk, "name": "Ann Lee", "bot": False, "image_url": None}
    assert one["reactions"][0]["code"] == "👍"
    assert (one["pinned"], two["pinned"]) == (True, False)
    assert one["thread"] == {"id": thread.pk, "chat_id": thread.chat_id, "messages_count": 1}
    assert two["thread"] is None
    comments = as_bob.page("GET", f"/chats/{thread.chat_id}/messages").json()["messages"]
    assert [each["content"] for each in comments] == ["comment"]


def test_earlier_messages_are_paged(as_ann: Any, ann: Any, chat: Any) -> None:
    ids = [post_message(ann, chat, str(number)).pk for number in range(5)]

    def page(**query: Any) -> Any:
        answer = as_ann.page("GET", f"/chats/{chat.pk}/messages", **query).json()
        return [each["id"] for each in answer["messages"]], answer["has_more"]

    assert page(limit=2) == (ids[3:], True)
    assert page(limit=2, before=ids[3]) == (ids[1:3], True)
    assert page(limit=2, before=ids[1]) == (ids[:1], False)
    for wrong in ("x", "-1", "0", "9" * 40):
        response = as_ann.page("GET", f"/chats/{chat.pk}/messages", before=wrong)
        assert response.status_code == 400


def test_queries_do_not_grow_with_messages_and_chats(
    as_ann: Any, ann: Any, bob: Any, chat: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        message = post_message(bob, chat, f"{number}")
        start_thread(bob, message)
        add_chat(f"Chat {number}", [ann, bob])

    with django_assert_num_queries(6):
        assert len(as_ann.page("GET", f"/chats/{chat.pk}/messages").json()["messages"]) == 20
    with django_assert_num_queries(10):
        assert len(as_ann.page("GET", "/state").json()["chats"]) == 21


def test_a_stranger_is_told_nothing(as_stranger: Any, as_nobody: Any, ann: Any, chat: Any) -> None:
    message = post_message(ann, chat, "hi")

    assert as_nobody.page("GET", "/state").status_code == 401
    assert as_stranger.page("GET", f"/chats/{chat.pk}/messages").status_code == 404
    assert as_stranger.page("GET", f"/messages/{message.pk}/trace").status_code == 404
    assert as_stranger.page("GET", f"/chats/{10**30}/messages").status_code == 404
    assert as_stranger.page("POST", "/direct/999").status_code == 404


def test_outside_debug_the_page_s_calls_are_for_staff(
    as_ann: Any, admin_user: Any, settings: SettingsWrapper
) -> None:
    settings.DEBUG = False

    assert as_ann.page("GET", "/state").status_code == 403
    as_ann.client.force_login(admin_user)
    assert as_ann.page("GET", "/state").status_code == 200
    assert as_ann.page("GET", "/world").status_code == 404


def test_the_world_is_everything_a_program_needs_to_play(
    as_nobody: Any, ann: Any, bob: Any, bot: Any, chat: Any, settings: SettingsWrapper
) -> None:
    settings.SITE_URL = "http://127.0.0.1:8123"

    world = as_nobody.page("GET", "/world").json()

    assert world["people"][0] == {"id": ann.pk, "name": "Ann Lee", "token": ann.token}
    assert world["bots"] == [
        {
            "id": bot.pk,
            "name": "Echo",
            "token": bot.token,
            "slug": "echo",
            "signing_secret": bot.signing_secret,
            "webhook_url": "http://127.0.0.1:8123/bots/echo/webhook",
        }
    ]
    assert world["chats"] == [{"id": chat.pk, "name": "General"}]


FAULTS = {
    "webhook": {"delay_ms": 0, "drop": 0.0, "duplicate": 0.0, "reorder": 0.0},
    "api": {"rate_429": 0.0, "rate_500": 0.0, "timeout": 0.0, "delay_ms": 0},
}


def test_switches_are_turned_and_reset(as_nobody: Any, db: Any) -> None:
    assert as_nobody.page("GET", "/faults").json() == FAULTS

    turned = as_nobody.page("PUT", "/faults", {"api": {"rate_429": 0.5}}).json()
    assert turned == {**FAULTS, "api": {**FAULTS["api"], "rate_429": 0.5}}
    again = as_nobody.page("PUT", "/faults", {"webhook": {"delay_ms": 100}}).json()
    assert (again["api"]["rate_429"], again["webhook"]["delay_ms"]) == (0.5, 100)
    assert as_nobody.page("DELETE", "/faults").json() == FAULTS


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        {"api": 1},
        {"api": {"rate_429": 2}},
        {"api": {"rate_429": -0.1}},
        {"api": {"rate_429": "1"}},
        {"api": {"rate_429": True}},
        {"webhook": {"delay_ms": 10**9}},
    ],
)
def test_a_switch_has_its_range(as_nobody: Any, db: Any, wrong: Any) -> None:
    assert as_nobody.page("PUT", "/faults", wrong).status_code == 400
    assert as_nobody.page("GET", "/faults").json() == FAULTS


def test_outside_debug_switches_are_for_staff(
    as_ann: Any, admin_user: Any, settings: SettingsWrapper
) -> None:
    settings.DEBUG = False

    assert as_ann.page("PUT", "/faults", FAULTS).status_code == 403
    as_ann.client.force_login(admin_user)
    assert as_ann.page("PUT", "/faults", FAULTS).status_code == 200
