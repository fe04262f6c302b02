"""URLs of uploaded files."""

from pathlib import PurePosixPath


def media_url(stored_name: str | None) -> str:
    """Return the URL path of a stored picture, "" if there is none."""
    return f"/api/medias/{PurePosixPath(stored_name).name}" if stored_name else ""
