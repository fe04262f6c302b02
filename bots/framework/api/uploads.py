"""Uploading: a grant of signed fields, the bytes to where it says, and the key for the message."""

from typing import TYPE_CHECKING, Any

import httpx
from asgiref.sync import sync_to_async

from bots.api.connection import Answer, tls, told
from bots.api.envelope import NoAnswer, NotSent
from bots.api.files import InputFile, Source
from bots.api.signals import Signal

if TYPE_CHECKING:
    from bots.api.client import Api

PLACEHOLDER = "${filename}"
# Storing takes longer than a call, and is said to be done only at the end.
TIMEOUT = httpx.Timeout(60, connect=3)


async def upload(
    api: "Api",
    source: Source,
    name: str,
    file_type: str,
    signal: Signal | None,
    details: dict[str, Any],
) -> dict[str, Any]:
    """Upload the file; returns the item of a message's `files`."""
    file = InputFile.of(source, name)
    facts = await _in_thread(file.described)(file_type if not _told(file_type, details) else "file")
    grant = dict(await api.result("get_upload_params", {}, signal))
    direct_url = grant.pop("direct_url")
    sent = {"direct_url": direct_url, "fields": grant, "file": file}
    await api.result("upload_file", sent, signal)
    key = grant["key"].replace(PLACEHOLDER, file.safe_name)
    kind = {"file_type": file_type} if file_type else {}
    return {"key": key, **facts, **kind, **details}


def _told(file_type: str, details: dict[str, Any]) -> bool:
    """Tell whether a voice message's facts are known, so that it need not be decoded."""
    return file_type == "voice" and {"duration_ms", "waveform"} <= details.keys()


async def send(payload: dict[str, Any]) -> Answer:
    """Make the call `upload_file`: no token, since the fields are signed; the file comes last.

    By httpx, which takes whatever can be read and says beforehand how long it is.
    """
    file: InputFile = payload["file"]
    content = await _in_thread(_opened)(file)
    parts = {"file": (file.safe_name, content, file.content_type)}
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, verify=tls()) as client:
            answer = await client.post(payload["direct_url"], data=payload["fields"], files=parts)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
        raise NotSent(told(error)) from error
    except httpx.HTTPError as error:
        raise NoAnswer(told(error)) from error
    finally:
        content.close()
    return Answer(answer.status_code, answer.headers, answer.content)


def _opened(file: InputFile) -> Any:
    content = file.open()
    # A remote storage fetches the file at the first read, which must not hold up the loop.
    content.read(1)
    content.seek(0)
    return content


def _in_thread(function: Any) -> Any:
    return sync_to_async(function, thread_sensitive=False)
