"""Dispatch of updates: in order within a chat, with a time limit, by one worker at a time."""

import asyncio

from asgiref.sync import sync_to_async
from django.conf import settings

from bots.models import Update
from bots.runtime import completion, execution
from bots.runtime.execution import Outcome
from jobs.runner import Runner


class UpdateRunner(Runner[Update, Outcome]):
    """Runs the handlers of updates. Answers are written together with the end of the update."""

    async def run(self, job: Update) -> Outcome:
        job.check_claims()
        async with asyncio.timeout(settings.BOTS_HANDLER_LIMIT):
            if job.continues_id is not None:
                return await execution.run_lazy_parts(job)
            return await execution.run(job)

    def complete(self, job: Update, result: Outcome) -> None:
        completion.complete(job, result)

    def fail(self, job: Update, error: Exception) -> None:
        completion.retry_or_fail(job, error)

    def release(self, job: Update) -> None:
        completion.release(job)

    def claim_next(self, job: Update) -> Update | None:
        return Update.objects.claim_first(job.bot_id, job.chat) if job.chat else None


runner = UpdateRunner()


async def handle(update_id: int) -> None:
    """Handle the update if it can be claimed, then those that wait behind it in the same chat.

    Harmless to call twice or for a row that is gone: only one caller gets the row.
    """
    await runner.work(await sync_to_async(Update.objects.claim)(update_id))
