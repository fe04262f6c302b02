"""Audio files in the media storage: written as drafts, stored under the hash of their bytes."""

import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage, storages
from django.utils import timezone

FOLDER = "speech"
NAME = re.compile(r"([0-9a-f]{64})\.mp3")
MAX_DRAFT_AGE = 24 * 3600
PROBE_SIZE = 64 * 1024


class BrokenFile(Exception):
    """The file is missing, or its bytes have changed since they were written."""


def storage_name(hash: str) -> str:
    """Return the name in the media storage of the file with this hash."""
    return f"{FOLDER}/{hash[:2]}/{hash}.mp3"


def is_local() -> bool:
    """Return whether the media storage is a directory, rather than a bucket."""
    return isinstance(storages["default"], FileSystemStorage)


class Draft:
    """A file being written. Unless it is committed, it is deleted at the end of its block."""

    def __init__(self) -> None:
        folder = drafts()
        folder.mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(dir=folder, suffix=".part")
        self.path = Path(path)
        self._file = os.fdopen(handle, "w+b")
        self._hash = sha256()
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def rewind(self) -> IO[bytes]:
        """Return the file with everything written so far, positioned at its start."""
        self._file.flush()
        self._file.seek(0)
        return self._file

    def commit(self) -> str:
        """Store the file under its hash, which is returned. It appears there atomically.

        Raises OSError, for instance if the disk is full.
        """
        os.fsync(self.rewind().fileno())
        hash = self._hash.hexdigest()
        if is_local():
            target = Path(default_storage.path(storage_name(hash)))
            target.parent.mkdir(parents=True, exist_ok=True)
            self.path.chmod(0o644)
            self.path.replace(target)
        else:
            self._upload(hash)
        return hash

    def _upload(self, hash: str) -> None:
        """Store the file in a bucket, unless it is there already and intact: it may be in use."""
        try:
            read(hash)
        except BrokenFile:
            name = storage_name(hash)
            default_storage.delete(name)
            default_storage.save(name, File(self._file))


def read(hash: str) -> bytes:
    """Return the bytes of a file after comparing them with the hash.

    Raises BrokenFile, and ConnectionError if the bucket cannot be reached.
    """
    try:
        with default_storage.open(storage_name(hash), "rb") as file:
            data: bytes = file.read()
    except ConnectionError:
        raise
    except OSError as error:
        raise BrokenFile("The file is missing.") from error
    if sha256(data).hexdigest() != hash:
        raise BrokenFile("The bytes of the file have changed.")
    return data


def delete(hash: str) -> None:
    """Delete a file; no error if it is missing."""
    default_storage.delete(storage_name(hash))


def stored_hashes(older_than: timedelta) -> Iterator[str]:
    """Yield the hashes of all files that were stored longer ago than that."""
    before = timezone.now() - older_than
    with suppress(FileNotFoundError):
        for folder in default_storage.listdir(FOLDER)[0]:
            for name in default_storage.listdir(f"{FOLDER}/{folder}")[1]:
                path = f"{FOLDER}/{folder}/{name}"
                found = NAME.fullmatch(name)
                if found and default_storage.get_modified_time(path) < before:
                    yield found[1]


def drafts() -> Path:
    """Return the directory of drafts; on the file system of the media, so commits are renames."""
    return Path(settings.MEDIA_ROOT) / f"{FOLDER}-drafts"


def delete_stale_drafts() -> None:
    """Delete the drafts of workers that were killed while they wrote."""
    for path in drafts().glob("*.part"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > MAX_DRAFT_AGE:
                path.unlink()


def is_writable() -> bool:
    """Return whether files can be written, by writing one: permissions don't reveal a full disk."""
    folder = drafts()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(PROBE_SIZE))
    except OSError:
        return False
    return True
