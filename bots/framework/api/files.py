"""Files to send, given so that they can be opened again: a retry reads them from the start."""

import io
import mimetypes
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, default_storage
from PIL import Image, UnidentifiedImageError

from bots.api.audio import voice_facts

KINDS = ("image", "audio", "video")


class FileTooLarge(ValueError):
    """The file is larger than BOTS_MAX_FILE allows."""


@dataclass(frozen=True)
class InputFile:
    """A file and the way to open it, as often as need be."""

    name: str
    open: Callable[[], IO[bytes]]

    @classmethod
    def path(cls, path: str | Path, name: str = "") -> "InputFile":
        path = Path(path)
        return cls(name or path.name, lambda: path.open("rb"))

    @classmethod
    def of_bytes(cls, content: bytes, name: str) -> "InputFile":
        if not name:
            raise ValueError("Bytes have no name: give one, with its extension.")
        return cls(name, lambda: io.BytesIO(content))

    @classmethod
    def stored(cls, stored: str, name: str = "", storage: Storage = default_storage) -> "InputFile":
        """A file of Django's storage, by the name it is stored under."""
        return cls(name or Path(stored).name, lambda: storage.open(stored, "rb"))

    @classmethod
    def of(cls, source: "Source", name: str = "") -> "InputFile":
        """Return whatever was given as an InputFile; text is a path."""
        match source:
            case InputFile():
                return cls(name or source.name, source.open)
            case bytes():
                return cls.of_bytes(source, name)
            case File():
                return cls(name or Path(source.name or "").name, _reopening(source))
        return cls.path(source, name)

    @property
    def safe_name(self) -> str:
        """The name as a part of an address: no folders, nothing to escape, 255 characters."""
        name = re.sub(r"[^\w.\- ()]", "_", Path(self.name).name).strip(". ")
        return name[-255:] or "file"

    @property
    def content_type(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def read(self) -> bytes:
        """Return the whole content; raises FileTooLarge, OSError."""
        with self.open() as file:
            _size(file)
            file.seek(0)
            return file.read()

    def described(self, file_type: str = "") -> dict[str, Any]:
        """Return name, kind and size, and what Pachca wants to know of that kind. Reads the file.

        Raises FileTooLarge, NotAudio, OSError.
        """
        file_type = file_type or _kind(self.content_type)
        with self.open() as file:
            facts = {"name": self.name[-255:], "file_type": file_type, "size": _size(file)}
            file.seek(0)
            match file_type:
                case "image":
                    facts |= _image_size(file)
                case "voice":
                    facts |= voice_facts(file.read())
        return facts


Source = InputFile | File | bytes | str | Path  # type: ignore[type-arg]  # of text or bytes alike


def _reopening(source: Any) -> Callable[[], IO[bytes]]:
    """Open a Django file anew; what was uploaded just now lives in memory, and is copied."""
    storage, name = getattr(source, "storage", None), source.name
    if storage is not None:
        return lambda: storage.open(name, "rb")
    if Path(str(name)).is_absolute():
        return lambda: Path(name).open("rb")
    source.seek(0)
    content = source.read()
    content = content.encode() if isinstance(content, str) else content
    return lambda: io.BytesIO(content)


def _kind(content_type: str) -> str:
    kind = content_type.partition("/")[0]
    return kind if kind in KINDS else "file"


def _size(file: IO[bytes]) -> int:
    size = file.seek(0, io.SEEK_END)
    if size > settings.BOTS_MAX_FILE:
        raise FileTooLarge(f"{size} bytes; BOTS_MAX_FILE allows {settings.BOTS_MAX_FILE}.")
    return size


def _image_size(file: IO[bytes]) -> dict[str, int]:
    """Return the width and height in pixels; a picture that cannot be read is sent without."""
    try:
        with Image.open(file) as image:
            return {"width": image.width, "height": image.height}
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        return {}
