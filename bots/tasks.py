"""Celery tasks: each carries an id, and may run twice without harm."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from bots import actions, dispatch, loop
from bots import deliver as delivering
from bots import sweep as sweeping
from bots.models import Bot


@shared_task(name="bots.handle_update")
def handle_update(update_id: int) -> None:
    loop.run(dispatch.handle(update_id))


@shared_task(name="bots.deliver")
def deliver(bot_id: int, chat: str) -> None:
    loop.run(delivering.deliver(bot_id, chat))


@shared_task(name="bots.sweep")
def sweep() -> None:
    sweeping.sweep()


@worker_ready.connect
def sweep_at_start(**_: Any) -> None:
    """Do not wait for beat: a worker that starts may be the first one after a crash."""
    sweep.apply_async(retry=False)


@worker_ready.connect
def list_new_commands(**_: Any) -> None:
    """A worker that starts may run newer code, with commands that the admin does not show yet."""
    actions.list_commands(Bot.objects.only("pk"))
