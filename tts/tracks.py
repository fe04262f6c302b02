"""The tracks that are asked for most, in memory, with proof that their files are unchanged."""

import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from django.conf import settings
from django.core.files.storage import default_storage

from tts import storage

# Seconds for which a file elsewhere is taken to be what it was when it was last read.
TRUSTED = 60


@dataclass(frozen=True, slots=True)
class Track:
    """The bytes of a file, and the sign by which a change of the file shows."""

    data: bytes
    sign: object


class Tracks:
    """Up to `most` bytes of tracks; those that were not asked for longest go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._tracks: OrderedDict[str, Track] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, track: str) -> bytes | None:
        """Return the bytes if they are here and the file has not changed; never waits long."""
        kept = self._tracks.get(track)
        if kept is None or kept.sign != sign_of(track):
            return None
        with self._lock:
            if track in self._tracks:
                self._tracks.move_to_end(track)
        return kept.data

    def read(self, track: str) -> bytes:
        """Return the bytes, from the file if need be; raises storage.BrokenTrack."""
        if (data := self.find(track)) is not None:
            return data
        sign = sign_of(track)
        data = storage.read(track)
        self._keep(track, Track(data, sign))
        return data

    def forget(self, track: str) -> None:
        with self._lock:
            if old := self._tracks.pop(track, None):
                self._size -= len(old.data)

    def _keep(self, track: str, made: Track) -> None:
        self.forget(track)
        if len(made.data) > self._most // 4:
            return
        with self._lock:
            self._tracks[track] = made
            self._size += len(made.data)
            while self._size > self._most:
                _, old = self._tracks.popitem(last=False)
                self._size -= len(old.data)


def sign_of(track: str) -> object:
    """Return what changes when the file does; None when it is gone."""
    if not storage.is_local():
        return int(time.monotonic() / TRUSTED)
    try:
        seen = os.stat(default_storage.path(storage.place_of(track)))
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size, seen.st_ino


kept = Tracks(settings.TTS_MEMORY)
"""Those of this process."""


def check(track: str) -> None:
    """Raise storage.BrokenTrack unless the file is there with the bytes that were written."""
    kept.read(track)
