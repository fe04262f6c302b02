"""One log line per Celery task, with the id of the request that caused it."""

import logging
import time
from typing import Any

import structlog
from celery import Task, current_app, states
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun

logger = structlog.stdlib.get_logger(__name__)


@setup_logging.connect
def prevent_logging_setup(**_: Any) -> None:
    """Prevent Celery from configuring logging: it does not if this signal has a receiver."""


@before_task_publish.connect
def pass_request_id(headers: dict[str, Any], **_: Any) -> None:
    """Pass the id of the request to its tasks, and from a task to the tasks it publishes."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id:
        headers["request_id"] = request_id


@task_prerun.connect
def bind_task(task_id: str, task: "Task[..., Any]", **_: Any) -> None:
    """Bind the ids to the log lines of this task. Worker threads are reused, so clear old ones."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id)
    if request_id := task.request.get("request_id"):
        structlog.contextvars.bind_contextvars(request_id=request_id)
    task.request.update(started=time.perf_counter())


@task_postrun.connect
def log_task(task: "Task[..., Any]", state: str | None, **_: Any) -> None:
    """Log the state of the task; Celery has already logged the traceback of a failure."""
    ms = round((time.perf_counter() - task.request.get("started")) * 1000, 1)
    logger.log(_level_of(task, state), "task", task=task.name, state=state, ms=ms)
    structlog.contextvars.clear_contextvars()


def _level_of(task: "Task[..., Any]", state: str | None) -> int:
    if state != states.SUCCESS:
        return logging.WARNING
    return logging.DEBUG if _is_periodic(task.name) else logging.INFO


def _is_periodic(name: str) -> bool:
    """Return whether beat publishes this task; its success is logged at DEBUG."""
    return any(entry["task"] == name for entry in current_app.conf.beat_schedule.values())
