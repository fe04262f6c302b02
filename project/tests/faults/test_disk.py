"""A full or read-only disk is reported, and leaves no part of a file behind."""

import errno
import gc
import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django.fixtures import SettingsWrapper

from core.asgi.body_limit import BodyLimit
from core.health import Part, report
from project.health import PARTS
from realtime.testing import sockets
from tts import storage
from twitter.models import ApiKey, Media, User

__all__ = ["sockets"]

MIB = 1024 * 1024


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let the kernel refuse to make files larger than this, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def folder(settings: SettingsWrapper, tmp_path: Path) -> Path:
    made: Path = tmp_path / "media"
    settings.MEDIA_ROOT = made
    return made


@pytest.fixture
def unwritable(settings: SettingsWrapper, tmp_path: Path) -> Path:
    """A folder in which not even root can write."""
    file: Path = tmp_path / "file"
    file.write_text("no folder")
    settings.MEDIA_ROOT = file / "media"
    return file


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def noise(side: int) -> bytes:
    """Return a PNG that compresses to nothing less than its pixels."""
    path = Path(os.environ["VAR_DIR"]) / f"noise-{side}.png"
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(path)
    content = path.read_bytes()
    path.unlink()
    return content


def test_a_saved_file_is_whole_and_readable_by_the_web_server(folder: Any) -> None:
    name = default_storage.save("pictures/a.bin", ContentFile(b"x" * 100_000))

    path = Path(default_storage.path(name))
    assert path.read_bytes() == b"x" * 100_000
    assert path.stat().st_mode & 0o777 == 0o644
    assert files_in(folder) == [path]


def test_a_name_that_is_taken_is_not_overwritten(folder: Any) -> None:
    names = {default_storage.save("a.bin", ContentFile(content)) for content in (b"1", b"2")}

    assert len(names) == 2


def test_a_file_that_does_not_fit_leaves_nothing_behind(folder: Any) -> None:
    with largest_file(MIB), pytest.raises(OSError, match="too large") as caught:
        default_storage.save("pictures/a.bin", ContentFile(b"x" * 2 * MIB))

    assert caught.value.errno == errno.EFBIG
    assert files_in(folder) == []


# Python cannot close a temporary file whose last bytes do not fit; it only warns.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("is_spooled", [False, True])
def test_an_upload_to_a_full_disk_is_answered_507(
    folder: Any, settings: SettingsWrapper, db: Any, sockets: Any, is_spooled: bool
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = MIB if is_spooled else 20 * MIB
    ann = User.objects.create(username="ann")
    _, key = ApiKey.objects.make(ann, "tests")
    picture = SimpleUploadedFile("a.png", noise(1500), "image/png")

    with largest_file(6 * MIB):
        answer = Client(headers={"api-key": key}).post("/api/medias", {"file": picture})

    assert answer.status_code == 507
    assert answer.json()["error_type"] == "insufficient_storage"
    assert "no space left" in answer.json()["error_message"]
    assert files_in(folder) == []
    assert not Media.objects.exists()
    del answer
    gc.collect()


async def test_a_body_that_cannot_be_spooled_is_answered_507() -> None:
    sent = []

    async def send(event: Any) -> None:
        sent.append(event)

    async def full(_scope: Any, _receive: Any, _send: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    await BodyLimit(full, most=10)({"type": "http", "headers": []}, None, send)

    assert sent[0]["status"] == 507
    assert json.loads(sent[1]["body"])["error_type"] == "insufficient_storage"


# --- health --------------------------------------------------------------------------------------


def media() -> Part:
    """Return the part of /health/ready that looks at the storage, with nothing remembered."""
    (part,) = (part for part in PARTS if part.name == "media")
    return Part(part.name, part._check)


async def test_ready_looks_at_the_media_storage(folder: Any) -> None:
    answer = await report([media()])

    assert json.loads(answer.content)["parts"]["media"]["ok"] is True
    assert files_in(folder) == []


async def test_ready_says_that_the_media_storage_is_full(folder: Any) -> None:
    with largest_file(1024):
        answer = await report([media()])

    assert answer.status_code == 503
    assert "full" in json.loads(answer.content)["parts"]["media"]["error"]
    assert files_in(folder) == []


async def test_ready_says_that_the_media_storage_is_unwritable(unwritable: Any) -> None:
    answer = await report([media()])

    assert answer.status_code == 503
    assert "read-only" in json.loads(answer.content)["parts"]["media"]["error"]


def test_speech_is_not_taken_in_while_its_files_cannot_be_written(folder: Any) -> None:
    assert storage.is_writable()
    with largest_file(1024):
        assert not storage.is_writable()


def test_speech_is_not_taken_in_where_the_folder_is_read_only(unwritable: Any) -> None:
    assert not storage.is_writable()
