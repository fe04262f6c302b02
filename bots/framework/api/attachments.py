"""Files of messages that wait: kept in Django's storage until the message leaves."""

from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.crypto import get_random_string

from bots.api import Api, InputFile
from bots.api.files import Source

FOLDER = "bots/outgoing"
STORED = "stored"


def keep(source: Source, name: str = "", file_type: str = "", **details: Any) -> dict[str, Any]:
    """Copy the file into the storage; returns an item for the `files` of a delivery's message.

    The copy is uploaded when the message leaves, and is deleted once Pachca has the file.
    """
    file = InputFile.of(source, name)
    with file.open() as content:
        path = f"{FOLDER}/{get_random_string(12)}/{file.safe_name[-80:]}"
        stored = default_storage.save(path, File(content))
    return refer(stored, file.name, file_type, **details)


def refer(stored: str, name: str = "", file_type: str = "", **details: Any) -> dict[str, Any]:
    """Return an item that sends a file of the storage which stays there."""
    return {STORED: stored, "name": name or Path(stored).name, "file_type": file_type, **details}


async def uploaded(api: Api, item: dict[str, Any]) -> dict[str, Any]:
    """Return the item as Pachca takes it; raises what `Api.upload` does."""
    if STORED not in item:
        return item
    facts = {key: value for key, value in item.items() if key not in (STORED, "name", "file_type")}
    file = InputFile.stored(item[STORED], item["name"])
    return await api.upload(file, file_type=item["file_type"], **facts)


def drop(items: list[dict[str, Any]]) -> None:
    """Delete the copies that nobody needs any more."""
    for item in items:
        if item.get(STORED, "").startswith(f"{FOLDER}/"):
            default_storage.delete(item[STORED])


drop_later = sync_to_async(drop)
