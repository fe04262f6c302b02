"""Where files are served."""

from pathlib import PurePosixPath


def media_url(stored_name: str | None) -> str:
    """Return where a stored picture is served, by the contract. "" where there is none."""
    return f"/api/medias/{PurePosixPath(stored_name).name}" if stored_name else ""
