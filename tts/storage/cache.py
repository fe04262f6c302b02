"""A cache in memory of the audio files that are requested most, verified against their sources."""

import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from django.conf import settings
from django.core.files.storage import default_storage

from tts import storage

# Seconds for which a file in a bucket is assumed to be unchanged after it was read.
REMOTE_FILE_TTL = 60


@dataclass(frozen=True, slots=True)
class CachedFile:
    """The bytes of a file, and the version of the file that they were read from."""

    data: bytes
    version: object


class FileCache:
    """An LRU cache of at most `max_size` bytes. Thread-safe."""

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size
        self._size = 0
        self._files: OrderedDict[str, CachedFile] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, hash: str) -> bytes | None:
        """Return the bytes if they are cached and the file is unchanged; does not read the file."""
        cached = self._files.get(hash)
        if cached is None or cached.version != version_of(hash):
            return None
        with self._lock:
            if hash in self._files:
                self._files.move_to_end(hash)
        return cached.data

    def read(self, hash: str) -> bytes:
        """Return the bytes, from the file if necessary; raises storage.BrokenFile."""
        if (data := self.find(hash)) is not None:
            return data
        version = version_of(hash)
        data = storage.read(hash)
        self._add(hash, CachedFile(data, version))
        return data

    def forget(self, hash: str) -> None:
        """Remove a file from the cache."""
        with self._lock:
            if old := self._files.pop(hash, None):
                self._size -= len(old.data)

    def _add(self, hash: str, file: CachedFile) -> None:
        self.forget(hash)
        if len(file.data) > self._max_size // 4:
            return
        with self._lock:
            self._files[hash] = file
            self._size += len(file.data)
            while self._size > self._max_size:
                _, old = self._files.popitem(last=False)
                self._size -= len(old.data)


def version_of(hash: str) -> object:
    """Return a value that changes when the file does; None if the file is missing."""
    if not storage.is_local():
        return int(time.monotonic() / REMOTE_FILE_TTL)
    try:
        status = os.stat(default_storage.path(storage.storage_name(hash)))
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


files = FileCache(settings.TTS_MEMORY)
"""The cache of this process."""
