"""The files: written aside, moved to their place when whole, named by the hash of their bytes."""

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
DRAFTS_LIVE = 24 * 3600


class BrokenTrack(Exception):
    """The file is missing, or its bytes are not those that were written."""


def place_of(track: str) -> str:
    """Return the name in the storage of the track with this hash."""
    return f"{FOLDER}/{track[:2]}/{track}.mp3"


def is_local() -> bool:
    """Tell whether the files are in a folder of this machine, or one that looks so."""
    return isinstance(storages["default"], FileSystemStorage)


class Draft:
    """A file that is being written. Unless it is kept, nothing of it stays."""

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
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def whole(self) -> IO[bytes]:
        """Return the file with all that was written, at its start."""
        self._file.flush()
        self._file.seek(0)
        return self._file

    def keep(self) -> str:
        """Put the file where it belongs and return its hash; it appears there whole or not at all.

        Raises OSError, such as for a disk that is full.
        """
        os.fsync(self.whole().fileno())
        track = self._hash.hexdigest()
        if is_local():
            target = Path(default_storage.path(place_of(track)))
            target.parent.mkdir(parents=True, exist_ok=True)
            self.path.chmod(0o644)
            self.path.replace(target)
        else:
            self._upload(track)
        return track

    def _upload(self, track: str) -> None:
        """Store the file elsewhere. One that is there already, whole, may be playing: it stays."""
        try:
            read(track)
        except BrokenTrack:
            place = place_of(track)
            default_storage.delete(place)
            default_storage.save(place, File(self._file))


def read(track: str) -> bytes:
    """Return the bytes of a track, which are what was written.

    Raises BrokenTrack, and ConnectionError when the files are elsewhere and cannot be reached.
    """
    try:
        with default_storage.open(place_of(track), "rb") as file:
            data: bytes = file.read()
    except ConnectionError:
        raise
    except OSError as error:
        raise BrokenTrack("The file is missing.") from error
    if sha256(data).hexdigest() != track:
        raise BrokenTrack("The bytes of the file have changed.")
    return data


def delete(track: str) -> None:
    default_storage.delete(place_of(track))


def tracks(older_than: timedelta) -> Iterator[str]:
    """Yield the hashes of all tracks that were stored longer ago."""
    before = timezone.now() - older_than
    with suppress(FileNotFoundError):
        for folder in default_storage.listdir(FOLDER)[0]:
            for name in default_storage.listdir(f"{FOLDER}/{folder}")[1]:
                place = f"{FOLDER}/{folder}/{name}"
                found = NAME.fullmatch(name)
                if found and default_storage.get_modified_time(place) < before:
                    yield found[1]


def drafts() -> Path:
    """Return the folder for what is not whole; beside the tracks, so that moving is renaming."""
    return Path(settings.MEDIA_ROOT) / f"{FOLDER}-drafts"


def drop_old_drafts() -> None:
    """Remove what workers left that were killed while they wrote."""
    for path in drafts().glob("*.part"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > DRAFTS_LIVE:
                path.unlink()


def is_ready() -> bool:
    """Tell whether files can be written."""
    folder = drafts()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
