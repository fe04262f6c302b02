"""Files of queued messages, stored in Django's storage until the message is sent."""

from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.crypto import get_random_string

from bots.framework.api import Api, InputFile
from bots.framework.api.files import Source
from bots.framework.api.names import shorten

FOLDER = "bots/outgoing"
STORED = "stored"
# Bytes: a storage may add a few to make the name unique.
MAX_STORED_NAME = 100


def keep(source: Source, name: str = "", file_type: str = "", **details: Any) -> dict[str, Any]:
    """Copy the file to the storage. Return an item for the `files` of a delivery's message.

    The copy is uploaded when the message is sent, and then deleted. A voice message is measured now
    unless `details` are given. Raises FileTooLarge, NotAudio, OSError, and ValueError for bytes
    without a name.
    """
    file = InputFile.of(source, name)
    details = {**file.measure(file_type, details), **details}
    with file.open() as content:
        path = f"{FOLDER}/{get_random_string(12)}/{shorten(file.safe_name, MAX_STORED_NAME)}"
        stored = default_storage.save(path, File(content))
    return refer(stored, file.name, file_type, **details)


def refer(stored: str, name: str = "", file_type: str = "", **details: Any) -> dict[str, Any]:
    """Return an item for a file in the storage that is not deleted after sending."""
    return {STORED: stored, "name": name or Path(stored).name, "file_type": file_type, **details}


def copy(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item with its own copy of the file, which is deleted after sending.

    Raises OSError.
    """
    if STORED not in item:
        return item
    source = InputFile.stored(item[STORED], item["name"])
    return keep(source, file_type=item["file_type"], **_details(item))


async def upload(api: Api, item: dict[str, Any]) -> dict[str, Any]:
    """Upload the file of an item and return the item for Pachca. Raises as `Api.upload`."""
    if STORED not in item:
        return item
    file = InputFile.stored(item[STORED], item["name"])
    return await api.upload(file, file_type=item["file_type"], **_details(item))


def _details(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in (STORED, "name", "file_type")}


def drop(items: list[dict[str, Any]]) -> None:
    """Delete copies that are no longer needed."""
    for item in items:
        if item.get(STORED, "").startswith(f"{FOLDER}/"):
            default_storage.delete(item[STORED])


drop_later = sync_to_async(drop)
