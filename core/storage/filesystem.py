"""Media files in a directory, written atomically."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

# EFBIG: a limit on file sizes, such as that of a systemd service.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def is_full(error: OSError) -> bool:
    """Return whether a file could not be written because there is no space left for it."""
    return error.errno in FULL


class Draft(File):  # type: ignore[type-arg]  # generic in the stubs only
    """A whole file under a temporary name, which the storage renames instead of copying it."""

    def temporary_file_path(self) -> str:
        """Return the path, so that Django moves the file instead of copying it."""
        return str(self.name)


class AtomicFileSystemStorage(FileSystemStorage):
    """An OSError while a file is saved leaves no part of it behind.

    Django's own storage writes under the final name, so that a full disk leaves a file that is
    empty or cut off, and a reader may find one that is still being written.
    """

    def _save(self, name: str, content: Any) -> str:
        with self._write_draft(content) as draft:
            saved: str = super()._save(name, draft)  # type: ignore[misc]  # missing in the stubs
        return saved

    @contextmanager
    def _write_draft(self, content: "File[bytes]") -> Iterator[Draft]:
        """Write the content to a temporary file on the same file system, to be renamed."""
        folder = Path(self.location)
        folder.mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(dir=folder, prefix=".draft-")
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                # Otherwise a power cut may leave an empty file under the final name.
                os.fsync(file.fileno())
                yield Draft(file, path)
        finally:
            Path(path).unlink(missing_ok=True)
