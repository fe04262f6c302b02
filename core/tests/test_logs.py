"""Every line says what happened, for which request or task, and holds no secret."""

import io
import json
import logging
import logging.config
import string
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from celery import current_app as celery_app
from celery.beat import Scheduler
from celery.schedules import schedule
from hypothesis import given
from hypothesis import strategies as st
from kombu import Connection

from core.logs import Message, RequestLog, logging_config, request_id
from core.logs import tasks as task_log

SECRET = "Kx3-9vQ_pL7wZr2Tn8Yb"


class Lines:
    """What a logger configured as in production, or for people, has written."""

    def __init__(self, as_json: bool = True) -> None:
        config = logging_config(as_json=as_json, level="DEBUG")
        config["handlers"]["console"]["stream"] = self.stream = io.StringIO()
        logging.config.dictConfig(config)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def parsed(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.text.splitlines()]
        return [
            line for line in lines if line["logger"] not in ("asyncio", "celery.utils.functional")
        ]


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def lines() -> Any:
    return Lines()


async def answers(scope: Any, receive: Any, send: Any) -> None:
    logging.getLogger("bots").info("Inside")
    status = int(scope["path"].removeprefix("/"))
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def receive() -> Message:
    return {"type": "http.disconnect"}


async def send(message: Message) -> None:
    raise AssertionError("There is no reader.")


def client(application: Any = answers, **options: Any) -> Any:
    transport = httpx.ASGITransport(RequestLog(application, **options), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://testserver")


def test_a_line_for_machines_has_time_level_logger_and_event(lines: Any) -> None:
    logging.getLogger("bots.api").warning("Sent %s times", 3)

    (line,) = lines.parsed
    assert line.pop("timestamp").endswith("Z")
    assert line == {"level": "warning", "logger": "bots.api", "event": "Sent 3 times"}


def test_a_line_for_people_is_short_text() -> None:
    lines = Lines(as_json=False)

    logging.getLogger("bots.api").warning("Sent")

    assert "[warning" in lines.text
    assert "Sent" in lines.text
    assert "{" not in lines.text


async def test_a_request_gets_one_line_and_an_id_that_its_other_lines_share(lines: Any) -> None:
    async with client() as http:
        response = await http.get("/200?api_key=never")

    inside, line = lines.parsed
    assert line["event"] == "request"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/200", 200)
    assert line["ms"] >= 0
    assert response.headers["X-Request-ID"] == line["request_id"] == inside["request_id"]
    assert "never" not in lines.text


async def test_the_request_id_of_the_client_is_used(lines: Any) -> None:
    async with client() as http:
        response = await http.get("/200", headers={"X-Request-ID": "edge-7f.3_a1"})

    assert response.headers["X-Request-ID"] == "edge-7f.3_a1"


@given(st.binary(max_size=80))
def test_no_caller_writes_what_it_likes_into_the_log(given_id: Any) -> None:
    taken = request_id([(b"x-request-id", given_id)])

    assert set(taken) <= set(string.ascii_letters + string.digits + "-._")
    assert 8 <= len(taken) <= 64


@pytest.mark.parametrize(
    ("status", "level"), [(200, "info"), (302, "info"), (404, "warning"), (503, "error")]
)
async def test_the_level_follows_the_status(lines: Any, status: int, level: str) -> None:
    async with client() as http:
        await http.get(f"/{status}")

    assert lines.parsed[-1]["level"] == level


async def test_quiet_addresses_are_told_at_debug_only(lines: Any) -> None:
    async with client(quiet=["/2"]) as http:
        await http.get("/200")

    assert lines.parsed[-1]["level"] == "debug"


async def test_an_application_that_breaks_is_a_500(lines: Any) -> None:
    async def breaks(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError

    async with client(breaks) as http:
        await http.get("/")

    assert lines.parsed[-1]["status"] == 500


async def test_a_client_that_left_is_a_499(lines: Any) -> None:
    async def says_nothing(scope: Any, receive: Any, send: Any) -> None:
        return

    await RequestLog(says_nothing)(
        {"type": "http", "path": "/", "method": "GET", "headers": []}, receive, send
    )

    assert lines.parsed[-1]["status"] == 499


async def test_a_websocket_has_an_id_and_a_line_too(lines: Any) -> None:
    async def socket(scope: Any, receive: Any, send: Any) -> None:
        logging.getLogger("realtime").info("Inside")

    await RequestLog(socket)({"type": "websocket", "path": "/ws", "headers": []}, receive, send)

    inside, line = lines.parsed
    assert (line["event"], line["path"]) == ("websocket", "/ws")
    assert line["request_id"] == inside["request_id"]


def test_a_task_tells_its_end_and_the_request_that_caused_it(lines: Any) -> None:
    headers: dict[str, object] = {}
    task = celery_app.tasks["celery.backend_cleanup"]
    structlog.contextvars.bind_contextvars(request_id="edge-7f.3_a1")

    task_log.pass_request_id(headers=headers)
    structlog.contextvars.clear_contextvars()
    task.push_request(**headers)
    task_log.bind_task(task_id="a-task", task=task)
    logging.getLogger("bots").info("Inside")
    task_log.log_task(task=task, state="SUCCESS")
    task.pop_request()

    inside, line = lines.parsed
    assert line["event"] == "task"
    assert (line["task"], line["state"], line["level"]) == (
        "celery.backend_cleanup",
        "SUCCESS",
        "info",
    )
    for one in (inside, line):
        assert (one["task_id"], one["request_id"]) == ("a-task", "edge-7f.3_a1")


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(
    ("message", "args"),
    [
        ("Calling with token %s", (SECRET,)),
        ("Headers are %s", ({"Authorization": f"Bearer {SECRET}"},)),
        ("Payload is %s", ([{"password": f"'{SECRET} and more'"}],)),
        ("%(token)s for %(bot)s", ({"token": SECRET, "bot": "demo"},)),
        ("Connected to %s", (f"redis://:{SECRET}@cache.example/0",)),
    ],
)
def test_a_secret_among_the_arguments_never_reaches_a_line(
    as_json: bool, message: str, args: Any
) -> None:
    lines = Lines(as_json)

    logging.getLogger("bots").info(message, *args)

    assert "***" in lines.text
    assert SECRET not in lines.text


@pytest.mark.parametrize("as_json", [True, False])
def test_a_secret_in_an_exception_never_reaches_a_line(as_json: bool) -> None:
    lines = Lines(as_json)

    try:
        token = SECRET
        try:
            raise ValueError(f"cannot use token={token}")
        except ValueError as error:
            raise RuntimeError("https://user:" + token + "@site.example") from error
    except RuntimeError:
        logging.getLogger("bots").exception("Failed")
        structlog.stdlib.get_logger("bots").exception("Failed", token=token)

    assert lines.text.count("RuntimeError") >= 2
    assert SECRET not in lines.text


def test_a_line_that_cannot_be_formatted_does_not_tell_its_arguments(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = Lines()

    logging.getLogger("bots").info("%d done", SECRET)

    assert "cannot be formatted" in lines.parsed[0]["event"]
    assert SECRET not in lines.text + capsys.readouterr().err


@pytest.mark.parametrize("name", ["uvicorn", "uvicorn.error", "django.server", "celery", "daphne"])
def test_every_library_writes_through_the_one_handler(name: str) -> None:
    lines = Lines()
    logging.getLogger(name).error("password=%s", SECRET)

    assert [line["event"] for line in lines.parsed] == ["password=***"]


@pytest.mark.parametrize("name", ["uvicorn.access", "httpx", "django.channels.server"])
def test_the_lines_that_carry_whole_addresses_are_off(lines: Any, name: str) -> None:
    logging.getLogger(name).info("GET /?api_key=%s", SECRET)

    assert lines.text == ""


def test_a_task_that_beat_cannot_publish_is_logged_in_one_line(lines: Any) -> None:
    scheduler = Scheduler(celery_app, lazy=True)
    entry = scheduler.Entry(name="sweep", task="bots.sweep", schedule=schedule(1.0), app=celery_app)
    producer = celery_app.amqp.Producer(Connection("redis://127.0.0.1:1/0", connect_timeout=1))

    scheduler.apply_entry(entry, producer=producer)

    (line,) = [line for line in lines.parsed if line["logger"] == "celery.beat"]
    assert line["event"].startswith("Beat could not publish a task: ")
    assert "Traceback" not in lines.text
