"""What must be done before a message can leave: its files uploaded, its thread opened.

Each step is written into the row, so that a further attempt at the message does none twice.
"""

from typing import Any

from asgiref.sync import sync_to_async

from bots import attachments
from bots.api import Api
from bots.models import Delivery

THREAD_OF = "thread_of"


async def prepare(api: Api, delivery: Delivery) -> None:
    """Make the payload of the delivery what Pachca takes.

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
        await _change(delivery, files=[await attachments.uploaded(api, it) for it in waiting])
        await attachments.drop_later(waiting)


async def _change(delivery: Delivery, **changes: Any) -> None:
    message = {**delivery.payload["message"], **changes}
    await sync_to_async(delivery.note)(payload={**delivery.payload, "message": message})
