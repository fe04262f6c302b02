"""The metadata of a form: signed JSON that comes back with the submission."""

from typing import Any

from django.core import signing

MAX_LENGTH = 3000
SALT = "bots.forms"


class BadMetadata(ValueError):
    """The metadata was changed on its way, or does not fit into 3000 characters."""


def pack_metadata(value: Any) -> str:
    """Return the value as a form's `private_metadata`; raises BadMetadata when it is too long."""
    packed = signing.dumps(value, salt=SALT, compress=True)
    if len(packed) > MAX_LENGTH:
        raise BadMetadata(f"The metadata has {len(packed)} characters, {MAX_LENGTH} fit.")
    return packed


def unpack_metadata(packed: str) -> Any:
    """Return what was packed, None for nothing; raises BadMetadata for what we did not sign."""
    if not packed:
        return None
    try:
        return signing.loads(packed, salt=SALT)
    except signing.BadSignature as error:
        raise BadMetadata("The metadata is not signed by us.") from error
