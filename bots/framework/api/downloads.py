"""Downloads of attachments, limited in size and time, from public addresses only."""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

import httpx
from django.conf import settings

from bots.framework.api.connection import tls
from bots.framework.api.files import FileTooLarge

SECONDS = 60.0
MAX_REDIRECTS = 3
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
REDIRECTS = (301, 302, 303, 307, 308)


class NotFetched(Exception):
    """The file could not be downloaded. The message says why."""


@dataclass(frozen=True)
class Downloaded:
    """A downloaded file: its name, media type and content."""

    name: str
    content_type: str
    content: bytes


async def download(
    url: str, own: str, max_bytes: int | None = None, seconds: float = SECONDS
) -> Downloaded:
    """Download a file, following at most three redirects.

    The URL may come from any user of the bot, so requests to internal addresses must be prevented
    (SSRF): each hop is resolved, the address is checked, and the request goes to the checked
    address. The host of `own`, the API itself, is trusted: the sandbox runs on this machine.
    Raises FileTooLarge and NotFetched.
    """
    most = settings.BOTS_MAX_FILE if max_bytes is None else max_bytes
    try:
        async with asyncio.timeout(seconds), _client() as client:
            for _ in range(MAX_REDIRECTS + 1):
                async with client.stream("GET", **await _request(url, own)) as answer:
                    if answer.status_code not in REDIRECTS:
                        return await _read(url, answer, most)
                    url = str(httpx.URL(url).join(answer.headers.get("Location", "")))
    except TimeoutError:
        raise NotFetched(f"The download took longer than {seconds:g} s.") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotFetched(f"{type(error).__name__}: {error}") from error
    raise NotFetched("There are too many redirects.")


def _client() -> httpx.AsyncClient:
    # A proxy would resolve the name again, possibly to another address than the checked one.
    return httpx.AsyncClient(timeout=10, verify=tls(), trust_env=False)


async def _request(given: str, own: str) -> dict[str, Any]:
    """Return the arguments of a request for the URL to a checked address."""
    url = httpx.URL(given)
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise NotFetched("Only http and https addresses are fetched.")
    trusted = httpx.URL(own)
    if (url.scheme, url.host, url.port) == (trusted.scheme, trusted.host, trusted.port):
        return {"url": url}
    return {
        "url": url.copy_with(host=await _public_address(url)),
        "headers": {"Host": url.netloc.decode()},
        "extensions": {"sni_hostname": url.host},
    }


async def _public_address(url: httpx.URL) -> str:
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotFetched(f"There is no such host: {url.host}.") from error
    addresses = [ipaddress.ip_address(it[4][0]) for it in found]
    if not addresses or not all(is_public(it) for it in addresses):
        raise NotFetched(f"{url.host} is not a public address.")
    return str(addresses[0])


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Return whether the address, or the IPv4 address embedded in it, is public."""
    if isinstance(address, ipaddress.IPv6Address):
        translated = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None
        tunnelled = address.sixtofour or (address.teredo or (None, None))[1]
        inner = address.ipv4_mapped or translated or tunnelled
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


async def _read(url: str, answer: httpx.Response, most: int) -> Downloaded:
    if answer.status_code != httpx.codes.OK:
        raise NotFetched(f"The response status was {answer.status_code}.")
    content = bytearray()
    async for chunk in answer.aiter_bytes():
        content += chunk
        if len(content) > most:
            raise FileTooLarge(f"More than {most} bytes.")
    name = PurePosixPath(unquote(httpx.URL(url).path)).name or "file"
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    return Downloaded(name, kind or "application/octet-stream", bytes(content))
