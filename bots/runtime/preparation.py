"""Preparation of messages: uploads of files, creation of threads.

Each step is stored in the row, so that a further attempt does not repeat it.
"""

from typing import Any

from asgiref.sync import sync_to_async

from bots.framework.api import Api, attachments
from bots.framework.events.places import THREAD_OF
from bots.models import Delivery


async def prepare(api: Api, delivery: Delivery) -> None:
    """Upload files and create the thread of a delivery, and update its payload.

    Raises ApiError, FileTooLarge, NotAudio, OSError, and NoAnswer.
    """
    message = delivery.payload.get("message")
    if not isinstance(message, dict):
        return
    if message.get("entity_type") == THREAD_OF:
        thread = await api.result("create_thread", {"id": message["entity_id"]})
        await _change(delivery, entity_type="thread", entity_id=thread["id"])
    if any(attachments.STORED in item for item in message.get("files") or ()):
        waiting = message["files"]
        await _change(delivery, files=[await attachments.upload(api, it) for it in waiting])
        await attachments.drop_later(waiting)


async def _change(delivery: Delivery, **changes: Any) -> None:
    message = {**delivery.payload["message"], **changes}
    await sync_to_async(delivery.write)(payload={**delivery.payload, "message": message})
