"""Storing files, with error messages for users."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from core.storage.filesystem import is_full

logger = logging.getLogger(__name__)


class StorageError(Exception):
    """A file could not be stored; the message is for users."""


class StorageUnavailable(StorageError):
    """The remote storage cannot be reached."""


@contextmanager
def store(field: FieldFile, name: str, content: bytes) -> Iterator[None]:
    """Store a file for the duration of saving its row: if the block fails, delete it again.

    Raises StorageError if the file cannot be stored.
    """
    try:
        field.save(name, ContentFile(content), save=False)
    except OSError as error:
        logger.error("Storing a file failed: %s", error)
        raise _to_storage_error(error) from error
    try:
        yield
    except BaseException:
        default_storage.delete(str(field.name))
        raise


def _to_storage_error(error: OSError) -> StorageError:
    if isinstance(error, ConnectionError):
        return StorageUnavailable(_("Files cannot be saved at the moment. Try again later."))
    if is_full(error):
        return StorageError(_("There is no space left for files. Contact your administrator."))
    return StorageError(_("Files cannot be saved. Contact your administrator."))
