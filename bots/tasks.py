"""Celery tasks. Each carries ids and is idempotent.

A task starts a job on the event loop of the process and returns, so waiting jobs block no tasks.
"""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown
from django.conf import settings

from bots import actions
from bots.broadcasts import sending
from bots.models import Bot
from bots.runtime import delivery as delivering
from bots.runtime import dispatch, loop
from bots.runtime import sweep as sweeping
from bots.services import background
from bots.setup.secrets import log_unreadable_secrets
from jobs.pacing import paced


@shared_task(name="bots.handle_update")
def handle_update(*update_ids: int) -> None:
    for update_id in update_ids:
        loop.current_loop().spawn(dispatch.handle(update_id))


@shared_task(name="bots.deliver")
def deliver(bot_id: int, chat: str) -> None:
    loop.current_loop().spawn(delivering.deliver(bot_id, chat))


@shared_task(name="bots.sweep")
@paced("BOTS_SWEEP_EVERY")
def sweep() -> None:
    sweeping.sweep()
    background.ring_for_due()
    sending.ring_for_due()


@shared_task(name="bots.broadcast")
def broadcast(pk: int) -> None:
    loop.current_loop().spawn(sending.advance(pk))


@shared_task(name="bots.run_service")
def run_service(name: str) -> None:
    loop.current_loop().spawn(background.run(name))


@worker_ready.connect
def sweep_at_start(**_: Any) -> None:
    """Sweep without waiting for beat: the worker may be the first one after a crash."""
    sweep.apply_async(retry=False)


@worker_ready.connect
def list_new_commands(**_: Any) -> None:
    """Create rows for new commands, because the worker may run newer code."""
    actions.list_commands(Bot.objects.only("pk", "slug"))


@worker_ready.connect
def prepare_services(**_: Any) -> None:
    background.start()


worker_ready.connect(log_unreadable_secrets)


@worker_shutdown.connect
def drain_jobs(**_: Any) -> None:
    loop.end(settings.BOTS_DRAIN)
