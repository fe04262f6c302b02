"""One line per task, which carries the request that caused it from process to process."""

import logging
import time
from typing import Any

import structlog
from celery import Task, current_app, states
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun

logger = structlog.stdlib.get_logger(__name__)


@setup_logging.connect
def keep_logging(**_: Any) -> None:
    """Leave logging as Django configured it: Celery does so when this signal has a receiver."""


@before_task_publish.connect
def carry_request(headers: dict[str, Any], **_: Any) -> None:
    """Send the id of the request along, from it to its tasks and from a task to its own."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id:
        headers["request_id"] = request_id


@task_prerun.connect
def bind_task(task_id: str, task: "Task[..., Any]", **_: Any) -> None:
    """Put the ids on every line of this task; worker threads are used again, so start afresh."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id)
    if request_id := task.request.get("request_id"):
        structlog.contextvars.bind_contextvars(request_id=request_id)
    task.request.update(started=time.perf_counter())


@task_postrun.connect
def write_task(task: "Task[..., Any]", state: str | None, **_: Any) -> None:
    """Say how the task ended; the traceback of a failure is on Celery's line before this one."""
    ms = round((time.perf_counter() - task.request.get("started")) * 1000, 1)
    logger.log(_level_of(task, state), "task", task=task.name, state=state, ms=ms)
    structlog.contextvars.clear_contextvars()


def _level_of(task: "Task[..., Any]", state: str | None) -> int:
    if state != states.SUCCESS:
        return logging.WARNING
    return logging.DEBUG if _is_periodic(task.name) else logging.INFO


def _is_periodic(name: str) -> bool:
    """Whether beat rings for this task every few seconds, so that its success is no news."""
    return any(entry["task"] == name for entry in current_app.conf.beat_schedule.values())
