"""Files to send. They can be opened repeatedly, because a retry reads them from the start."""

import io
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, default_storage
from PIL import Image, UnidentifiedImageError

from bots.framework.api.audio import voice_facts
from bots.framework.api.names import key_name, shown_name

KINDS = ("image", "audio", "video")


class FileTooLarge(ValueError):
    """The file is larger than BOTS_MAX_FILE allows."""


@dataclass(frozen=True)
class InputFile:
    """The name of a file and a function that opens it, which may be called repeatedly."""

    name: str
    open: Callable[[], IO[bytes]]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def path(cls, path: str | Path, name: str = "") -> "InputFile":
        """Return a file on disk; `name` defaults to its base name."""
        path = Path(path)
        return cls(name or path.name, lambda: path.open("rb"))

    @classmethod
    def of_bytes(cls, content: bytes, name: str) -> "InputFile":
        """Return a file with this content. Raises ValueError without a name."""
        if not name:
            raise ValueError("Bytes have no name: give one, with its extension.")
        return cls(name, lambda: io.BytesIO(content))

    @classmethod
    def stored(cls, stored: str, name: str = "", storage: Storage = default_storage) -> "InputFile":
        """Return a file in Django's storage; `stored` is its name there."""
        return cls(name or Path(stored).name, lambda: storage.open(stored, "rb"))

    @classmethod
    def of(cls, source: "Source", name: str = "") -> "InputFile":
        """Convert a source to an InputFile. Text is a path. Raises ValueError for unnamed bytes."""
        match source:
            case InputFile():
                return cls(name or source.name, source.open)
            case bytes():
                return cls.of_bytes(source, name)
            case File():
                return cls(name or Path(source.name or "").name, _make_opener(source))
        return cls.path(source, name)

    @property
    def safe_name(self) -> str:
        """The name without characters that must be quoted in a URL."""
        return key_name(self.name)

    @property
    def content_type(self) -> str:
        """The media type guessed from the extension."""
        return mimetypes.guess_type(shown_name(self.name))[0] or "application/octet-stream"

    def read(self) -> bytes:
        """Return the content. Raises FileTooLarge and OSError."""
        with self.open() as file:
            _size(file)
            file.seek(0)
            return file.read()

    def measure(self, file_type: str, known: dict[str, Any]) -> dict[str, Any]:
        """Return `duration_ms` and `waveform` of a voice message unless `known` contains them.

        Raises FileTooLarge for any type, NotAudio, and OSError.
        """
        with self.open() as file:
            _size(file)
            if file_type != "voice" or {"duration_ms", "waveform"} <= known.keys():
                return {}
            file.seek(0)
            return dict(voice_facts(file.read()))

    def describe(self, file_type: str = "") -> dict[str, Any]:
        """Return name, type and size in bytes, and the details that Pachca requires for the type.

        Reads the file. Raises FileTooLarge, NotAudio and OSError.
        """
        file_type = file_type or _kind(self.content_type)
        with self.open() as file:
            facts = {"name": shown_name(self.name), "file_type": file_type, "size": _size(file)}
            file.seek(0)
            match file_type:
                case "image":
                    facts |= _image_size(file)
                case "voice":
                    facts |= voice_facts(file.read())
        return facts


Source = InputFile | File | bytes | str | Path  # type: ignore[type-arg]  # of text or bytes alike


def _make_opener(source: Any) -> Callable[[], IO[bytes]]:
    """Return a function that reopens a Django file; an upload in memory is copied."""
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
    """Return width and height in pixels, {} for an image that cannot be read."""
    try:
        with Image.open(file) as image:
            return {"width": image.width, "height": image.height}
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        return {}
