"""The files in a bucket, where S3_BUCKET names one."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

P = ParamSpec("P")
R = TypeVar("R")

# Whoever asks for a file waits no longer for a bucket that is away.
PATIENCE = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}
)


def as_connection_error(method: Callable[P, R]) -> Callable[P, R]:
    @wraps(method)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except (BotoCoreError, Boto3Error, ClientError) as error:
            raise ConnectionError(f"The bucket cannot be used: {error}") from error

    return told


class Bucket(S3Storage):
    """Files in S3. A bucket that is away, or refuses, is a ConnectionError."""

    def __init__(self, **options: Any) -> None:
        super().__init__(client_config=PATIENCE, **options)  # type: ignore[no-untyped-call]  # no types

    @as_connection_error
    def _open(self, name: str, mode: str = "rb") -> Any:
        """Fetch at once what is to be read, so that it fails here and not at the first read."""
        file = super()._open(name, mode)  # type: ignore[no-untyped-call]  # the same
        return file.open() if "r" in mode else file

    _save = as_connection_error(S3Storage._save)
    delete = as_connection_error(S3Storage.delete)
    exists = as_connection_error(S3Storage.exists)
    listdir = as_connection_error(S3Storage.listdir)
    size = as_connection_error(S3Storage.size)
    get_modified_time = as_connection_error(S3Storage.get_modified_time)
