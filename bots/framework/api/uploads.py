"""Uploads: get signed fields, send the file to the storage, and return the key."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from asgiref.sync import sync_to_async

from bots.framework.api.connection import Answer, describe_error, tls
from bots.framework.api.envelope import NoAnswer, NotSent
from bots.framework.api.files import InputFile, Source
from bots.framework.api.signals import Signal

PLACEHOLDER = "${filename}"
# The storage responds only when the file has been stored.
TIMEOUT = httpx.Timeout(60, connect=3)


async def upload(
    call: Callable[..., Awaitable[Any]],
    source: Source,
    name: str,
    file_type: str,
    signal: Signal | None,
    details: dict[str, Any],
) -> dict[str, Any]:
    """Upload the file by two calls. Return an item of a message's `files`."""
    file = InputFile.of(source, name)
    described_as = "file" if _is_measured(file_type, details) else file_type
    facts = await _in_thread(file.describe)(described_as)
    grant = dict(await call("get_upload_params", {}, signal))
    direct_url = grant.pop("direct_url")
    sent = {"direct_url": direct_url, "fields": grant, "file": file}
    await call("upload_file", sent, signal)
    key = grant["key"].replace(PLACEHOLDER, file.safe_name)
    kind = {"file_type": file_type} if file_type else {}
    return {"key": key, **facts, **kind, **details}


def _is_measured(file_type: str, details: dict[str, Any]) -> bool:
    """Return whether the details of a voice message are known, so it need not be decoded."""
    return file_type == "voice" and {"duration_ms", "waveform"} <= details.keys()


async def send(payload: dict[str, Any]) -> Answer:
    """Make the call `upload_file`: without the token, because the fields are signed.

    Uses httpx, which streams any file object and sends its length.
    """
    file: InputFile = payload["file"]
    content = await _in_thread(_open)(file)
    parts = {"file": (file.safe_name, content, file.content_type)}
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, verify=tls()) as client:
            answer = await client.post(payload["direct_url"], data=payload["fields"], files=parts)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
        raise NotSent(describe_error(error)) from error
    except httpx.HTTPError as error:
        raise NoAnswer(describe_error(error)) from error
    finally:
        content.close()
    return Answer(answer.status_code, answer.headers, answer.content)


def _open(file: InputFile) -> Any:
    content = file.open()
    # A remote storage downloads the file on the first read, which must not block the event loop.
    content.read(1)
    content.seek(0)
    return content


def _in_thread(function: Any) -> Any:
    return sync_to_async(function, thread_sensitive=False)
