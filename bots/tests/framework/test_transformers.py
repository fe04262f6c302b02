"""The transformers that come with the project, each beside a Pachca that records."""

import asyncio
import json
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, SettingsWrapper

from bots.framework.api import Api, ApiResponse, CallCancelled, InputFile, NoAnswer, NotSent
from bots.framework.transformers import Recorder, auto_retry, dry_run, throttle
from bots.framework.transformers.throttle import windows_of
from bots.models import ApiCall
from bots.runtime import outgoing
from bots.runtime.journal import MAX_LENGTH, journal, render
from bots.tests.conftest import run
from core.redis import client
from core.redis.rate_limit import RateLimiter

MESSAGE = {"message": {"entity_type": "user", "entity_id": 12, "content": "hello"}}
AWAY = "redis://127.0.0.1:9"


def api_with(bot: Any, *transformers: Any) -> Api:
    api = Api(bot.token, bot.api_url)
    api.use(*transformers)
    return api


def answering(*answers: Any) -> Recorder:
    recorder = Recorder()
    for method in ("create_message", "get_profile"):
        recorder.will_answer(method, *answers)
    return recorder


# --- auto_retry ----------------------------------------------------------------------------------


def test_429_is_waited_out_and_tried_again_with_a_fresh_payload(bot: Any) -> None:
    async def spoils(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
        answer = await prev(method, payload, signal)
        payload["message"]["content"] = "spoilt"
        return answer

    recorder = answering(ApiResponse(429, "slow down", 0.0), ApiResponse(201, {"data": {}}))

    response = run(api_with(bot, recorder, spoils, auto_retry()).call("create_message", MESSAGE))

    assert (response.status, recorder.said) == (201, ["hello", "hello"])


def test_what_asks_to_wait_too_long_is_given_back(bot: Any) -> None:
    recorder = answering(ApiResponse(429, "slow down", 3600.0))

    response = run(api_with(bot, recorder, auto_retry()).call("create_message", MESSAGE))

    assert (response.status, len(recorder.calls)) == (429, 1)


@pytest.mark.parametrize(
    ("method", "failure", "options", "calls"),
    [
        ("create_message", ApiResponse(502, "<html>"), {}, 1),
        ("create_message", ApiResponse(502, "<html>"), {"repeat_sends": True}, 2),
        ("create_message", NoAnswer("silence"), {}, 1),
        ("create_message", NotSent("nobody"), {}, 2),
        ("get_profile", ApiResponse(502, "<html>"), {}, 2),
        ("get_profile", NoAnswer("silence"), {}, 2),
        ("get_profile", ApiResponse(403, {}), {}, 1),
    ],
)
def test_only_what_cannot_have_been_done_is_repeated(
    bot: Any, method: str, failure: Any, options: Any, calls: int
) -> None:
    recorder = answering(failure)

    retry = auto_retry(attempts=2, first_pause=0.001, **options)
    with suppress(NoAnswer):
        run(api_with(bot, recorder, retry).call(method, dict(MESSAGE)))

    assert len(recorder.calls) == calls


def test_a_signal_ends_the_pause_before_the_next_attempt(bot: Any) -> None:
    async def cancelled() -> None:
        signal = asyncio.Event()
        asyncio.get_running_loop().call_later(0.02, signal.set)
        recorder = answering(ApiResponse(429, "", 30.0))
        await api_with(bot, recorder, auto_retry()).call("get_profile", signal=signal)

    with pytest.raises(CallCancelled):
        run(cancelled())


# --- throttle ------------------------------------------------------------------------------------


def test_a_chat_is_sent_four_messages_a_second(bot: Any, settings: SettingsWrapper) -> None:
    bot.token = f"chat of {time.time()}"
    api = api_with(bot, recorder := Recorder(), throttle(bot.token))

    async def five() -> None:
        await asyncio.gather(*(api.call("create_message", MESSAGE) for _ in range(5)))

    started = time.monotonic()
    run(five())

    assert len(recorder.calls) == 5
    assert time.monotonic() - started >= 1


def test_a_wait_that_is_too_long_is_answered_with_429_and_its_length(bot: Any) -> None:
    class Full(RateLimiter):
        async def take(self, subject: Any, windows: Any) -> float:
            return 5000.0

    api = api_with(bot, recorder := Recorder(), throttle(bot.token, limiter=Full(client(AWAY))))

    response = run(api.call("create_message", MESSAGE))

    assert (response.status, response.retry_after, recorder.calls) == (429, 5000.0, [])
    assert response.body["errors"][0]["code"] == "rate_limit"


@pytest.mark.parametrize(
    ("method", "payload", "limits"),
    [
        ("create_message", MESSAGE, {"send": 30, "chat.user:12": 4, "day.user:12": 7500}),
        ("update_message", {"id": 1, "message": {"content": "b"}}, {"send": 30}),
        ("get_message", {"id": 1}, {"read": 10}),
        ("get_webhook_events", {}, {"events": 5}),
        ("list_users", {}, {"other": 50}),
        ("upload_file", {}, {}),
    ],
)
def test_each_call_is_counted_by_the_limits_of_its_class(
    method: str, payload: Any, limits: Any
) -> None:
    assert {it.name: it.calls for it in windows_of(method, payload)} == limits


@pytest.mark.parametrize("method", ["update_message", "delete_message"])
def test_an_edit_counts_with_the_messages_of_its_chat_where_that_is_known(method: str) -> None:
    sent = windows_of("create_message", MESSAGE)

    changed = windows_of(method, {"id": 1}, chat="user:12")

    assert set(changed) == {it for it in sent if not it.name.startswith("day.")}


# --- journal -------------------------------------------------------------------------------------


def test_every_attempt_is_written_down_with_its_time_and_answer(bot: Any, pachca: Any) -> None:
    pachca.will_answer(429, "slow down", Retry_After="0")

    run(api_with(bot, journal(bot), auto_retry()).call("create_message", MESSAGE))

    later, first = ApiCall.objects.all()
    assert (first.status, first.answer) == (429, '"slow down"')
    assert (later.method, later.status) == ("create_message", 201)
    assert json.loads(later.payload) == MESSAGE


@pytest.mark.django_db(transaction=True)
def test_a_call_costs_the_journal_one_query(
    bot: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    api = api_with(bot, Recorder(), journal(bot))

    with django_assert_num_queries(1):
        run(api.call("get_profile"))


def test_a_call_without_an_answer_is_written_down_with_its_reason(
    bot: Any, settings: SettingsWrapper
) -> None:
    settings.PACHCA_API_URL = "http://127.0.0.1:9"

    with pytest.raises(NotSent):
        run(api_with(bot, journal(bot)).call("get_profile"))

    assert "NotSent" in ApiCall.objects.get().error


def test_secrets_do_not_get_into_the_journal(bot: Any) -> None:
    body = {"data": {"token": "s3cret", "webhook": {"challenge_key": "s3cret"}, "name": "x"}}
    recorder = Recorder({"create_bot_token": [ApiResponse(201, body)]})

    run(
        api_with(bot, recorder, journal(bot)).call("create_bot_token", {"signing_secret": "s3cret"})
    )

    row = ApiCall.objects.get()
    assert "s3cret" not in row.payload + row.answer
    assert '"name": "x"' in row.answer


def test_what_is_long_deep_or_odd_is_told_in_short() -> None:
    deep: list[Any] = []
    for _ in range(500):
        deep = [deep]

    assert len(render("x" * 100_000)) <= MAX_LENGTH + 1
    assert "…" in render(deep)
    assert render({"file": InputFile.of_bytes(b"", "a.txt"), "half": "\ud83d\0"}).isprintable()


def test_the_journal_keeps_the_latest_and_forgets_the_old(
    bot: Any, settings: SettingsWrapper
) -> None:
    old = timezone.now() - timedelta(days=8)
    ApiCall.objects.create(bot=bot, method="old", payload="", at=old)
    for number in range(4):
        ApiCall.objects.create(bot=bot, method=str(number), payload="")
    settings.BOTS_JOURNAL_ROWS = 3

    assert ApiCall.objects.prune() == 2

    assert {row.method for row in ApiCall.objects.all()} == {"1", "2", "3"}


# --- dry_run, recorder, and the chain of a bot ---------------------------------------------------


def test_a_dry_run_reads_and_makes_no_change(bot: Any, pachca: Any) -> None:
    pachca.will_answer(200, {"data": {"id": 5}})
    api = api_with(bot, dry_run())

    assert run(api.result("get_message", {"id": 5})) == {"id": 5}
    made = run(api.result("create_message", MESSAGE))
    assert (made["content"], made["id"]) == ("hello", -1)
    assert run(api.call("delete_message", {"id": 5})).ok
    assert run(api.upload(b"hello", "a.txt"))["size"] == 5
    assert [call.verb for call in pachca.calls] == ["GET"]


def test_a_recorder_answers_as_told_and_remembers(bot: Any) -> None:
    recorder = Recorder()
    recorder.will_answer("get_profile", ApiResponse(500), lambda payload: ApiResponse(200, payload))
    api = api_with(bot, recorder)

    statuses = [run(api.call("get_profile", {"n": n})).status for n in range(3)]

    assert statuses == [500, 200, 200]
    assert recorder.calls[2] == ("get_profile", {"n": 2})


@pytest.fixture
def _nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "_installed", [])
    monkeypatch.setattr(outgoing, "_added", [])


@pytest.mark.usefixtures("_nothing_installed")
def test_what_an_app_installs_for_a_bot_goes_around_its_default_chain(bot: Any) -> None:
    outgoing.use(own := Recorder(), bot="demo")
    outgoing.use(others := Recorder(), bot="another")

    run(outgoing.api_of(bot).call("get_profile"))

    assert (len(own.calls), len(others.calls)) == (1, 0)


@pytest.mark.usefixtures("_nothing_installed")
def test_a_plugin_adds_methods_to_the_apis_of_all_handlers_or_of_one_bot(bot: Any) -> None:
    async def say(api: Any, text: Any) -> str:
        return f"{bot.slug} says {text}"

    outgoing.add(say=say)
    outgoing.add(bot="another", whisper=say)

    for make in (outgoing.api_of, outgoing.delivery_api_of, outgoing.checking_api_of):
        assert run(make(bot).fork().say("hi")) == "demo says hi"
        assert not hasattr(make(bot), "whisper")
    with pytest.raises(ValueError, match="Another plugin has added say"):
        outgoing.add(bot="demo", say=say)
    with pytest.raises(ValueError, match="get_profile already"):
        outgoing.add(get_profile=say)
