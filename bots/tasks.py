"""Celery tasks: each carries ids, and may run twice without harm.

A task hands its work to the loop of the process and returns, so work that waits holds up no task.
"""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown
from django.conf import settings

from bots import actions, background, broadcasting, dispatch, loop
from bots import deliver as delivering
from bots import sweep as sweeping
from bots.models import Bot
from jobs.doorbell import ring


@shared_task(name="bots.handle_update")
def handle_update(*update_ids: int) -> None:
    for update_id in update_ids:
        loop.here().spawn(dispatch.handle(update_id, send_from_here))


def send_from_here(bot_id: int, chat: str) -> None:
    """Send the answers of an update in the process that handled it: no bell need go round.

    Where it has its hands full, another worker is asked.
    """
    if not loop.here().offer(delivering.deliver(bot_id, chat)):
        ring("bots.deliver", bot_id, chat)


@shared_task(name="bots.deliver")
def deliver(bot_id: int, chat: str) -> None:
    loop.here().spawn(delivering.deliver(bot_id, chat))


@shared_task(name="bots.sweep")
def sweep() -> None:
    sweeping.sweep()


@shared_task(name="bots.broadcast")
def broadcast(pk: int) -> None:
    loop.here().spawn(broadcasting.go_on(pk))


@shared_task(name="bots.run_service")
def run_service(name: str) -> None:
    loop.here().spawn(background.run(name))


@worker_ready.connect
def sweep_at_start(**_: Any) -> None:
    """Do not wait for beat: a worker that starts may be the first one after a crash."""
    sweep.apply_async(retry=False)


@worker_ready.connect
def list_new_commands(**_: Any) -> None:
    """A worker that starts may run newer code, with commands that the admin does not show yet."""
    actions.list_commands(Bot.objects.only("pk", "slug"))


@worker_ready.connect
def prepare_services(**_: Any) -> None:
    background.start()


@worker_shutdown.connect
def end_what_was_begun(**_: Any) -> None:
    loop.end(settings.BOTS_DRAIN)
