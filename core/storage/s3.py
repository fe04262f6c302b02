"""Media files in an S3 bucket."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

P = ParamSpec("P")
R = TypeVar("R")

# A request for a file waits no longer for a bucket that does not answer.
CLIENT_CONFIG = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}
)


def as_connection_error(method: Callable[P, R]) -> Callable[P, R]:
    """Make a method raise ConnectionError if the bucket cannot be reached."""

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except (BotoCoreError, Boto3Error, ClientError) as error:
            raise ConnectionError(f"The bucket cannot be used: {error}") from error

    return call


class MediaStorage(S3Storage):
    """Raises ConnectionError if the bucket does not answer or refuses the request."""

    def __init__(self, **options: Any) -> None:
        super().__init__(client_config=CLIENT_CONFIG, **options)  # type: ignore[no-untyped-call]  # no types

    @as_connection_error
    def _open(self, name: str, mode: str = "rb") -> Any:
        """Fetch a file that is read at once, so that errors are raised here and not by `read`."""
        file = super()._open(name, mode)  # type: ignore[no-untyped-call]  # the same
        return file.open() if "r" in mode else file

    _save = as_connection_error(S3Storage._save)
    delete = as_connection_error(S3Storage.delete)
    exists = as_connection_error(S3Storage.exists)
    listdir = as_connection_error(S3Storage.listdir)
    size = as_connection_error(S3Storage.size)
    get_modified_time = as_connection_error(S3Storage.get_modified_time)
