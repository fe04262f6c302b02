"""Audio files: written as drafts, stored under the hash of their bytes, cached in memory."""

from tts.storage.files import (
    NAME,
    BrokenFile,
    Draft,
    delete,
    delete_stale_drafts,
    drafts,
    is_local,
    is_writable,
    read,
    storage_name,
    stored_hashes,
)

__all__ = [
    "NAME",
    "BrokenFile",
    "Draft",
    "delete",
    "delete_stale_drafts",
    "drafts",
    "is_local",
    "is_writable",
    "read",
    "storage_name",
    "stored_hashes",
]
